"""Writes tests/golden/tokenizer/side_files.json: what transformers makes of folders whose tokenizer is said by more than
one file.

    python side_files_golden.py tests/golden/tokenizer

A case takes the files of the golden folder `base`, changes its tokenizer.json by the JSON merge patch `patch` (RFC 7396)
and writes `files` beside it. The test builds the same folder.
"""

import json
import os
import shutil
import sys
import tempfile
from pathlib import Path

os.environ["TOKENIZERS_PARALLELISM"] = "false"

from transformers import AutoTokenizer

FIRST = 420  # the first id after the vocabulary of the golden byte-level tokenizers
SPM = 520  # of spm_bpe
PLAIN = {"tokenizer_class": "PreTrainedTokenizerFast"}
GPT2 = {"tokenizer_class": "GPT2Tokenizer"}


def token(content, **flags):
    return {"content": content, "single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": False, **flags}


def numbered(*tokens):
    return {str(i): t for i, t in tokens}


def merge(target, patch):
    if not isinstance(patch, dict):
        return patch
    target = dict(target) if isinstance(target, dict) else {}
    for key, value in patch.items():
        if value is None:
            target.pop(key, None)
        else:
            target[key] = merge(target.get(key), value)
    return target


END = {"id": 0, **token("<|endoftext|>", special=True)}
SPACED = {"pre_tokenizer": {"add_prefix_space": True}}

CASES = [
    {
        "name": "added_tokens.json beside vocab.json",
        "base": "gpt2_vocab_merges",
        "files": {
            "added_tokens.json": {"<|tool|>": FIRST + 1, "<pad>": FIRST},
            "special_tokens_map.json": {"pad_token": "<pad>"},
            "tokenizer_config.json": GPT2,
        },
        "texts": ["the <|tool|>ing<|tool|> <pad> x", "a<pad>b<|endoftext|>"],
    },
    {
        "name": "added_tokens.json beside tokenizer.json",
        "base": "gpt2",
        "files": {"added_tokens.json": {"<|tool|>": FIRST, "the": 269}, "tokenizer_config.json": {**PLAIN, "eos_token": "<|endoftext|>"}},
        "texts": ["the <|tool|>ing the<|endoftext|>"],
    },
    {
        "name": "added_tokens.json is not read beside added_tokens_decoder",
        "base": "gpt2",
        "files": {"added_tokens.json": {"<|tool|>": FIRST}, "tokenizer_config.json": {**PLAIN, "added_tokens_decoder": {}}},
        "texts": ["the <|tool|>ing"],
    },
    {
        "name": "tokens only in added_tokens_decoder",
        "base": "gpt2",
        "files": {
            "tokenizer_config.json": {
                **PLAIN,
                "eos_token": "<|tool|>",
                "added_tokens_decoder": numbered((FIRST + 1, token("<sep>")), (FIRST, token("<|tool|>")), (0, token("<|endoftext|>", special=True))),
            }
        },
        "texts": ["tail <sep> next<sep>", "said <|tool|>call<|tool|> yes", "<|endoftext|>x"],
    },
    {
        "name": "flags of added_tokens_decoder",
        "base": "gpt2",
        "patch": {"added_tokens": [END, {"id": FIRST, **token("<|tool|>")}, {"id": FIRST + 1, **token("word", normalized=True)}]},
        "files": {
            "tokenizer_config.json": {
                **PLAIN,
                "added_tokens_decoder": numbered(
                    (FIRST, token("<|tool|>", special=True, lstrip=True, rstrip=True)), (FIRST + 1, token("word", single_word=True))
                ),
            }
        },
        "texts": ["said <|tool|> call  <|tool|>\nyes", "word words (word) sword"],
    },
    {
        "name": "special stays special",
        "base": "gpt2",
        "files": {"tokenizer_config.json": {**PLAIN, "added_tokens_decoder": numbered((0, token("<|endoftext|>", rstrip=True)))}},
        "texts": ["x <|endoftext|>  y"],
    },
    {
        "name": "ids of added_tokens are those of the vocabulary or the next free ones",
        "base": "gpt2",
        "patch": {
            "added_tokens": [END, {"id": FIRST, **token("<first>")}, {"id": FIRST + 1, **token("the")}, {"id": FIRST + 2, **token("<last>")},
                             {"id": 7, **token("<seven>")}, {"id": 9, **token("")}]
        },
        "files": {"tokenizer_config.json": PLAIN},
        "texts": ["the <first>other<last> the<seven>", "x<last>"],
    },
    {
        "name": "a vocabulary with a hole",
        "base": "gpt2",
        "patch": {"model": {"vocab": {"<hole>": FIRST + 5}}, "added_tokens": [END, {"id": 1000, **token("<first>")}, {"id": 1001, **token("<last>")}]},
        "files": {"tokenizer_config.json": PLAIN},
        "texts": ["the <first>other<last>"],
    },
    {
        "name": "named tokens that no file numbers",
        "base": "gpt2",
        "files": {
            "tokenizer_config.json": {
                **PLAIN, "pad_token": "[PAD]", "bos_token": {"__type": "AddedToken", **token("<bos>", lstrip=True)},
                "additional_special_tokens": ["<a>", "[PAD]", "the"],
            }
        },
        "texts": ["x <bos>y[PAD] <a> the other"],
    },
    {
        "name": "special_tokens_map.json without added_tokens_decoder",
        "base": "gpt2",
        "patch": {"added_tokens": [END, {"id": FIRST, **token("<|im_end|>")}]},
        "files": {"special_tokens_map.json": {"eos_token": "<|im_end|>", "pad_token": token("[PAD]")}, "tokenizer_config.json": {**PLAIN, "eos_token": "<|endoftext|>"}},
        "texts": ["x<|im_end|> [PAD]y"],
    },
    {
        "name": "special_tokens_map.json is not read beside added_tokens_decoder",
        "base": "gpt2",
        "files": {
            "special_tokens_map.json": {"eos_token": "<|im_end|>", "pad_token": "[PAD]"},
            "tokenizer_config.json": {**PLAIN, "eos_token": "<|endoftext|>", "added_tokens_decoder": numbered((FIRST, token("<|im_end|>", special=True)))},
        },
        "texts": ["x<|im_end|> [PAD]y"],
    },
    {"name": "add_prefix_space of the configuration", "base": "gpt2", "files": {"tokenizer_config.json": {**GPT2, "add_prefix_space": True}}, "texts": ["the other", " x"]},
    {"name": "no add_prefix_space in the configuration", "base": "gpt2", "patch": SPACED, "files": {"tokenizer_config.json": GPT2}, "texts": ["the other", " x"]},
    {
        "name": "add_prefix_space is not read for the general class",
        "base": "gpt2",
        "patch": SPACED,
        "files": {"tokenizer_config.json": {**PLAIN, "add_prefix_space": False}},
        "texts": ["the other", " x"],
    },
    {
        "name": "add_prefix_space of Qwen",
        "base": "qwen",
        "files": {"tokenizer_config.json": {"tokenizer_class": "Qwen2Tokenizer", "add_prefix_space": True}},
        "texts": ["the other", " x", "12 34"],
    },
    {
        "name": "added_tokens.json beside tokenizer.model",
        "base": "spm_bpe",
        "files": {
            "added_tokens.json": {"<|im_end|>": SPM, "<|im_start|>": SPM + 1},
            "tokenizer_config.json": {"tokenizer_class": "LlamaTokenizer", "bos_token": "<s>", "eos_token": "<|im_end|>", "unk_token": "<unk>", "legacy": True},
        },
        "texts": ["the <|im_start|>user", "quick<|im_end|>"],
    },
    {
        "name": "named tokens beside tokenizer.model",
        "base": "spm_bpe",
        "files": {"tokenizer_config.json": {"tokenizer_class": "LlamaTokenizer", "bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>", "legacy": True,
                                            "pad_token": "[PAD]", "additional_special_tokens": ["<a>"]}},
        "texts": ["the <a>user[PAD]"],
    },
    {
        "name": "add_bos_token beside vocab.json",
        "base": "gpt2_vocab_merges",
        "files": {"tokenizer_config.json": {**GPT2, "add_bos_token": True, "bos_token": "<|endoftext|>"}},
        "texts": ["the other"],
    },
]


def build(case, golden, folder):
    for file in (golden / case["base"]).iterdir():
        if file.name not in ("cases.json", "tokenizer_config.json"):
            shutil.copy(file, folder)
    if "patch" in case:
        described = json.loads((folder / "tokenizer.json").read_text())
        (folder / "tokenizer.json").write_text(json.dumps(merge(described, case["patch"])))
    for name, content in case["files"].items():
        (folder / name).write_text(json.dumps(content))


def expected(case, golden):
    with tempfile.TemporaryDirectory() as name:
        build(case, golden, Path(name))
        tokenizer = AutoTokenizer.from_pretrained(name)
    texts = []
    for text in case["texts"]:
        ids = tokenizer.encode(text, add_special_tokens=False)
        special = tokenizer.encode(text, add_special_tokens=True)
        texts.append({"text": text, "ids": ids, "ids_special": special, "decoded_skip": tokenizer.decode(ids, skip_special_tokens=True)})
    named = {name for content in case["files"].values() for name in content}
    ids = {name: getattr(tokenizer, f"{name}_token_id") for name in ("bos", "eos", "pad") if f"{name}_token" in named}
    return {**case, "texts": texts, "special": ids, "class": type(tokenizer).__name__}


if __name__ == "__main__":
    golden = Path(sys.argv[1])
    lines = [json.dumps(expected(case, golden), ensure_ascii=False, separators=(",", ":")) for case in CASES]
    (golden / "side_files.json").write_text("[\n" + ",\n".join(lines) + "\n]\n")
