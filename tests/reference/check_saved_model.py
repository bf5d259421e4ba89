"""Loads the folders of tests/golden/saved, which are what this program saves, with AutoModelForCausalLM.

Run by hand with transformers 5.24 and torch 2.11 when these files change:  python tests/reference/check_saved_model.py
[NAME...]. The test SavedModels compares what the program saves with the same files.

Each model is loaded with both of its configurations: the one that is kept and the one that is written from the fields.
Nothing may be missing or left over, and the logits must be those of tests/golden/model.
"""

import pathlib
import shutil
import sys
import tempfile

import torch
from safetensors.torch import load_file
from saved_golden import GOLDEN, SAVED, names, write_tensors
from transformers import AutoModelForCausalLM


def weights(folder):
    tensors = {}
    for file in sorted(folder.glob("model*.safetensors")):
        tensors.update(load_file(file))
    return {name: tensor.float().numpy() for name, tensor in tensors.items()}


def check(name, config):
    with tempfile.TemporaryDirectory() as target:
        folder = pathlib.Path(target)
        shutil.copy(SAVED / name / config, folder / "config.json")
        write_tensors(SAVED / name / "model.header.json", weights(GOLDEN / "model" / name), folder / "model.safetensors")
        model, report = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, output_loading_info=True,
                                                             attn_implementation="eager")
    expected = load_file(GOLDEN / "model" / name / "expected.safetensors")
    sequences = expected["ids"].split(expected["lengths"].tolist())
    with torch.no_grad():
        logits = torch.cat([model.eval()(input_ids=s[None], use_cache=False).logits[0] for s in sequences])
    error = ((logits - expected["logits"]).abs().max() / expected["logits"].abs().max()).item()
    wrong = {key: list(entries) for key, entries in report.items() if entries}
    print(f"{name}, {config}: {type(model).__name__}, relative error {error:.1e}, loading report {wrong}")
    return error, error < 1e-5 and not wrong


if __name__ == "__main__":
    results = [check(name, config) for name in names(sys.argv[1:]) for config in ("config.json", "config_from_fields.json")]
    print(f"{len(results)} folders, largest relative error {max(error for error, _ in results):.1e}")
    sys.exit(0 if all(good for _, good in results) else 1)
