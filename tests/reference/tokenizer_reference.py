"""Writes what the reference tokenizer makes of every text, for tokenizer_compare.

    python tokenizer_reference.py SHARED MODEL_FOLDER OUT.jsonl [--hostile-only | --no-huge]

SHARED holds data/; texts are written in hexadecimal because some are no valid UTF-8 (the reference is given what
Python's decode(errors="replace") makes of those). Offsets are in bytes of the text the reference was given.
"""

import argparse
import json
import os
from pathlib import Path

os.environ["TOKENIZERS_PARALLELISM"] = "false"

import tokenizer_texts


def load(folder):
    if (Path(folder) / "tokenizer.json").exists():
        from tokenizers import Tokenizer

        return Tokenizer.from_file(str(Path(folder) / "tokenizer.json"))
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(folder).backend_tokenizer


def record(tokenizer, raw):
    text = raw.decode("utf-8", "replace")
    plain = tokenizer.encode(text, add_special_tokens=False)
    special = tokenizer.encode(text, add_special_tokens=True).ids
    bytes_before = [0]
    for c in text:
        bytes_before.append(bytes_before[-1] + len(c.encode("utf-8", "surrogatepass")))
    return {
        "text": raw.hex(),
        "ids": plain.ids,
        "ids_special": special,
        "decoded": tokenizer.decode(special, skip_special_tokens=False).encode().hex(),
        "decoded_skip": tokenizer.decode(special, skip_special_tokens=True).encode().hex(),
        "offsets": [[bytes_before[b], bytes_before[e]] for b, e in plain.offsets],
    }


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("shared")
    parser.add_argument("model")
    parser.add_argument("out")
    parser.add_argument("--hostile-only", action="store_true")
    parser.add_argument("--no-huge", action="store_true")
    arguments = parser.parse_args()
    tokenizer = load(arguments.model)
    texts = tokenizer_texts.hostile(huge=not arguments.no_huge)
    if not arguments.hostile_only:
        seen = dict.fromkeys(tokenizer_texts.data(Path(arguments.shared) / "data"))
        texts += list(seen)
    with open(arguments.out, "w", encoding="utf-8") as out:
        for raw in texts:
            out.write(json.dumps(record(tokenizer, raw)) + "\n")
    print(f"{arguments.out}: {len(texts)} texts, {sum(map(len, texts))} bytes")


if __name__ == "__main__":
    main()
