"""Loads adapter folders that this program saved with PEFT.

Run by hand with peft 0.21, transformers 5.24 and torch 2.11:
    python tests/reference/check_saved_adapter.py             the adapters of tests/golden/saved, when these files change
    python tests/reference/check_saved_adapter.py FOLDER...   what `dskd export --adapter` wrote

The first writes adapter_logits.safetensors, PEFT's logits, beside each; the test SavedAdapters compares what the program
saves with the same files, and its logits with PEFT's. In both, merged and unmerged logits must agree.
"""

import json
import pathlib
import shutil
import sys
import tempfile

import torch
from peft import PeftModel
from safetensors.torch import save_file
from saved_golden import SAVED, names, pattern, write_tensors
from transformers import AutoModelForCausalLM


def difference(a, b):
    return ((a - b).abs().max() / b.abs().max()).item()


def check(name, folder, base_folder):
    """PEFT's logits, and whether they are as they should be."""
    ids = torch.arange(3, 15)
    base = AutoModelForCausalLM.from_pretrained(base_folder, dtype=torch.float32, attn_implementation="eager").eval()
    stored = json.loads((folder / "adapter_config.json").read_text())
    with torch.no_grad():
        plain = base(input_ids=ids[None]).logits[0]
        model = PeftModel.from_pretrained(base, folder).eval()
        tensors = [n for n, _ in model.named_parameters() if "lora_" in n]
        logits = model(input_ids=ids[None]).logits[0]
        merged = model.merge_and_unload()(input_ids=ids[None]).logits[0]
    change, merging = difference(plain, logits), difference(merged, logits)
    print(f"{name}: {len(tensors)} tensors of rank {stored['r']}, changes the logits by {change:.1e}, merged against "
          f"unmerged {merging:.1e}")
    return {"ids": ids, "logits": logits}, merging, merging < 1e-5 and change > 1e-3


def check_golden(name):
    golden = SAVED / name
    header = json.loads((golden / "adapter_model.header.json").read_bytes())
    shapes = {tensor: entry["shape"] for tensor, entry in header.items() if tensor != "__metadata__"}
    ordered = sorted(shapes, key=lambda tensor: header[tensor]["data_offsets"])
    values = {tensor: pattern(shapes[tensor], number) for number, tensor in enumerate(ordered)}
    with tempfile.TemporaryDirectory() as target:
        folder = pathlib.Path(target)
        shutil.copy(golden / "adapter_config.json", folder)
        write_tensors(golden / "adapter_model.header.json", values, folder / "adapter_model.safetensors")
        base = json.loads((golden / "adapter_config.json").read_text())["base_model_name_or_path"]
        expected, merging, good = check(name, folder, golden / base)
    save_file(expected, golden / "adapter_logits.safetensors")
    return merging, good


def check_exported(folder):
    base = json.loads((folder / "adapter_config.json").read_text())["base_model_name_or_path"]
    _, merging, good = check(folder.name, folder, base)
    return merging, good


if __name__ == "__main__":
    if len(sys.argv) > 1:
        results = [check_exported(pathlib.Path(folder)) for folder in sys.argv[1:]]
    else:
        results = [check_golden(name) for name in names([])]
    print(f"{len(results)} adapters, largest difference of merged and unmerged {max(e for e, _ in results):.1e}")
    sys.exit(0 if all(good for _, good in results) else 1)
