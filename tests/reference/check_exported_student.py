"""Loads folders that `dskd export` wrote as the rest of the world does, and compares a greedy answer.

    dskd export RUN --to /tmp/student
    python tests/reference/check_exported_student.py build/release/bin/dskd /tmp/student...

AutoTokenizer and AutoModelForCausalLM load the folder; the ids of a prompt and the 24 tokens that follow it greedily must
be those of `dskd generate`.
"""

import json
import subprocess
import sys

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

PROMPT = "Below is an instruction that describes a task.\n\n### Instruction:\nName three colours — été 2024.\n\n### Response:\n"


def dskd(program, *arguments):
    return json.loads(subprocess.run([program, *arguments, "--json"], check=True, capture_output=True, text=True).stdout)


def check(program, folder):
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model, report = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, output_loading_info=True)
    theirs = tokenizer(PROMPT, add_special_tokens=False)["input_ids"]
    ours = dskd(program, "tokenize", "--model", folder, "--text", PROMPT)["ids"]
    answer = dskd(program, "generate", folder, "--prompt", PROMPT, "--max-new-tokens", "24", "--temperature", "0",
                  "--set", "train.device=cpu")
    with torch.no_grad():
        followed = model.eval().generate(torch.tensor([theirs]), max_new_tokens=24, do_sample=False)[0, len(theirs):]
    expected = tokenizer.decode(followed, skip_special_tokens=True).strip()  # answers are stored without outer space
    wrong = {key: list(names) for key, names in report.items() if names}
    text = answer["answers"][0]["answer"].strip()
    same = ours == theirs and text == expected and not wrong
    print(f"{folder}: {type(model).__name__}, {type(tokenizer).__name__}, ids {'equal' if ours == theirs else 'DIFFER'}, "
          f"answer {'equal' if text == expected else f'DIFFERS: {text!r} / {expected!r}'}, loading report {wrong}")
    return same


if __name__ == "__main__":
    results = [check(sys.argv[1], folder) for folder in sys.argv[2:]]
    sys.exit(0 if results and all(results) else 1)
