"""Loads adapter folders that this program saved with PEFT and compares logits.

    DSKD_SAVED_ADAPTERS=/tmp/adapters build/release/bin/test_core_model --gtest_filter='*ForPeft*'
    python tests/reference/check_saved_adapter.py /tmp/adapters/*

Each folder holds, besides what PeftModel.from_pretrained reads, check.safetensors with `ids` (T) and the program's
`logits` (T, V). Adapters that `dskd export --adapter` wrote have none: they are loaded, merged and compared unmerged.
"""

import json
import pathlib
import sys

import torch
from peft import PeftModel
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM


def difference(a, b):
    return ((a - b).abs().max() / b.abs().max()).item()


def check(folder):
    config = json.loads((folder / "adapter_config.json").read_text())
    base = AutoModelForCausalLM.from_pretrained(config["base_model_name_or_path"], dtype=torch.float32).eval()
    saved = load_file(folder / "check.safetensors") if (folder / "check.safetensors").exists() else {}
    ids = saved.get("ids", torch.arange(3, 23))
    with torch.no_grad():
        plain = base(input_ids=ids[None]).logits[0]
        model = PeftModel.from_pretrained(base, folder).eval()
        missing = {n for n, _ in model.named_parameters() if "lora_" in n}
        logits = model(input_ids=ids[None]).logits[0]
        merged = model.merge_and_unload()(input_ids=ids[None]).logits[0]
    error = difference(saved["logits"], logits) if saved else 0.0
    print(f"{folder.name}: {len(missing)} tensors, changes the logits by {difference(logits, plain):.1e}, "
          f"program against PEFT {error:.1e}, merged against unmerged {difference(merged, logits):.1e}")
    return error < 1e-5 and difference(merged, logits) < 1e-5 and difference(logits, plain) > 1e-4


if __name__ == "__main__":
    results = [check(pathlib.Path(folder)) for folder in sys.argv[1:]]
    sys.exit(0 if results and all(results) else 1)
