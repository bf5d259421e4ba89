"""Loads folders that this program saved with AutoModelForCausalLM and compares logits.

    DSKD_SAVED_MODELS=/tmp/saved build/release/bin/test_core_model --gtest_filter='*ForTransformers*'
    python tests/reference/check_saved_model.py /tmp/saved/*

Each folder holds, besides what from_pretrained reads, check.safetensors with `ids` (T) and the program's `logits` (T, V).
"""

import pathlib
import sys

import torch
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM


def check(folder):
    model, report = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, output_loading_info=True)
    saved = load_file(folder / "check.safetensors")
    with torch.no_grad():
        logits = model.eval()(input_ids=saved["ids"][None]).logits[0]
    error = ((logits - saved["logits"]).abs().max() / logits.abs().max()).item()
    wrong = {key: list(names) for key, names in report.items() if names}
    print(f"{folder.name}: {type(model).__name__}, relative error {error:.1e}, loading report {wrong}")
    return error < 1e-5 and not wrong


if __name__ == "__main__":
    results = [check(pathlib.Path(folder)) for folder in sys.argv[1:]]
    sys.exit(0 if results and all(results) else 1)
