"""Writes tests/golden/lora: PEFT adapters on the tiny models of tests/golden/model, with what PEFT computes from them.

Run by hand with peft 0.21, transformers 5.24 and torch 2.11:  python tests/reference/lora_reference.py [NAME...]
Every folder NAME holds adapter_config.json, adapter_model.safetensors (A and B random, neither zero) and
expected.safetensors:
  ids, lengths     the sequences end to end, int64
  logits           of base and adapter, each sequence alone, end to end, float32
  merged           the same of the base with the adapter merged in (merge_and_unload)
  grad.LAYER...    gradients of the mean cross entropy over all next tokens by every A and B
all_linear.json holds, for every tiny model, the layers that PEFT adapts when told "all-linear".
"""

import json
import pathlib
import shutil
import sys

import torch
from peft import LoraConfig, get_peft_model
from safetensors.torch import save_file
from transformers import AutoModelForCausalLM

GOLDEN = pathlib.Path(__file__).resolve().parent.parent / "golden"
LENGTHS = [11, 4, 17]
ADAPTERS = {
    "gpt2": dict(r=3, lora_alpha=12, target_modules=["c_attn", "mlp.c_proj"]),
    "llama": dict(r=4, lora_alpha=6, target_modules=["q_proj", "v_proj", "down_proj"], use_rslora=True),
    "phi3": dict(r=2, lora_alpha=8, target_modules=["qkv_proj", "gate_up_proj"], lora_dropout=0.3),
    "pythia": dict(r=2, lora_alpha=3),  # PEFT's default for GPT-NeoX
}


def base_model(name):
    return AutoModelForCausalLM.from_pretrained(GOLDEN / "model" / name, dtype=torch.float32,
                                                attn_implementation="eager").eval()


def logits_of(model, sequences):
    return torch.cat([model(input_ids=s[None], use_cache=False).logits[0] for s in sequences])


def gradients(model, sequences):
    total, count = 0, 0
    for sequence in sequences:
        logits = model(input_ids=sequence[None], use_cache=False).logits[0]
        total = total + torch.nn.functional.cross_entropy(logits[:-1], sequence[1:], reduction="sum")
        count += len(sequence) - 1
    (total / count).backward()
    return {"grad." + name.replace("base_model.model.", "").replace(".default", ""): parameter.grad.clone()
            for name, parameter in model.named_parameters() if parameter.requires_grad}


def write(name, settings):
    folder = GOLDEN / "lora" / name
    shutil.rmtree(folder, ignore_errors=True)
    generator = torch.Generator().manual_seed(sum(map(ord, name)))
    base = base_model(name)
    sequences = [torch.randint(3, base.config.vocab_size, (n,), generator=generator) for n in LENGTHS]
    with torch.no_grad():
        plain = logits_of(base, sequences)
    model = get_peft_model(base, LoraConfig(task_type="CAUSAL_LM", **settings)).eval()
    with torch.no_grad():
        for parameter_name, parameter in model.named_parameters():
            if "lora_" in parameter_name:
                parameter.copy_(0.15 * torch.randn(parameter.shape, generator=generator))
        logits = logits_of(model, sequences)
    expected = {"ids": torch.cat(sequences), "lengths": torch.tensor(LENGTHS), "logits": logits}
    expected.update(gradients(model, sequences))
    model.save_pretrained(folder)
    (folder / "README.md").unlink(missing_ok=True)
    config = json.loads((folder / "adapter_config.json").read_text())
    config["base_model_name_or_path"] = f"../../model/{name}"
    (folder / "adapter_config.json").write_text(json.dumps(config, indent=2, sort_keys=True) + "\n")
    with torch.no_grad():
        expected["merged"] = logits_of(model.merge_and_unload(), sequences)
    save_file({k: v.contiguous() for k, v in expected.items()}, folder / "expected.safetensors")
    scale = logits.abs().max()
    print(f"{name}: adapter changes the logits by {((logits - plain).abs().max() / scale).item():.2f} of the largest,",
          f"merged differs by {((expected['merged'] - logits).abs().max() / scale).item():.1e}")


def all_linear():
    layers = {}
    for folder in sorted((GOLDEN / "model").iterdir()):
        model = get_peft_model(base_model(folder.name), LoraConfig(r=1, target_modules="all-linear"))
        layers[folder.name] = [name.replace("base_model.model.", "").replace(".lora_A.default.weight", "")
                               for name, _ in model.named_parameters() if "lora_A" in name]
    (GOLDEN / "lora" / "all_linear.json").write_text(json.dumps(layers, indent=1) + "\n")


if __name__ == "__main__":
    for name, settings in ADAPTERS.items():
        if len(sys.argv) < 2 or name in sys.argv[1:]:
            write(name, settings)
    all_linear()
