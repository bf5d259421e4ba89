"""A model folder of real size with random weights, to time training where no trained weights are at hand.

    python3 random_weights.py FOLDER TO      FOLDER holds config.json and the tokenizer's files

Needs torch and transformers. The weights are bfloat16 and drawn from one seed, on a GPU where there is one.
"""

import shutil
import sys
from pathlib import Path

import torch
from transformers import AutoConfig, AutoModelForCausalLM


def main() -> None:
    source, target = Path(sys.argv[1]), Path(sys.argv[2])
    config = AutoConfig.from_pretrained(source)
    torch.manual_seed(1)
    torch.set_default_dtype(torch.bfloat16)
    with torch.device("cuda" if torch.cuda.is_available() else "cpu"):
        model = AutoModelForCausalLM.from_config(config)
    model.save_pretrained(target, safe_serialization=True)
    shutil.copy(source / "config.json", target / "config.json")
    for name in ("tokenizer.json", "tokenizer_config.json", "vocab.json", "merges.txt", "special_tokens_map.json"):
        if (source / name).exists():
            shutil.copy(source / name, target / name)


main()
