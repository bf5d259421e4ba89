#!/usr/bin/env python3
"""Makes the small inputs of the demo: data, tokenizers and student folders (everything but the teacher's weights,
which `dskd run experiments/demo/teacher.json` trains).

    python3 experiments/demo/make_resources.py DOLLY_TRAIN.jsonl DOLLY_TEST.jsonl

Needs sentencepiece, tokenizers and transformers from PyPI. Running it again on the same data gives the same files.
"""
import json
import os
import pathlib
import sys

import sentencepiece
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import AutoTokenizer

ROOT = pathlib.Path(__file__).resolve().parents[2] / "resources" / "demo"
VOCABULARY = 4096
WITH_INPUT = ("Below is an instruction that describes a task, paired with an input that provides further context. "
              "Write a response that appropriately completes the request.\n\n"
              "### Instruction:\n{instruction}\n\n### Input:\n{input}\n\n### Response:\n")
WITHOUT_INPUT = ("Below is an instruction that describes a task. "
                 "Write a response that appropriately completes the request.\n\n"
                 "### Instruction:\n{instruction}\n\n### Response:\n")


def records(path, begin, end):
    with open(path, encoding="utf-8") as lines:
        for number, line in enumerate(lines):
            if begin <= number < end:
                record = json.loads(line)
                output = record["output"] if isinstance(record["output"], str) else record["output"][0]
                yield {"instruction": record["instruction"], "input": record["input"], "output": output}


def write_data(name, rows):
    path = ROOT / "data" / f"{name}.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "w", encoding="utf-8") as out:
        for row in rows:
            out.write(json.dumps(row, ensure_ascii=False) + "\n")


def texts(rows):
    for row in rows:
        yield (WITH_INPUT if row["input"] else WITHOUT_INPUT).format(**row)
        yield row["output"]


def write_json(path, value):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def byte_level_tokenizer(rows, folder):
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.train_from_iterator(texts(rows), trainers.BpeTrainer(
        vocab_size=VOCABULARY, special_tokens=["<|endoftext|>"], show_progress=False,
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet())))
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(folder / "tokenizer.json"))
    write_json(folder / "tokenizer_config.json", {
        "tokenizer_class": "GPT2Tokenizer", "bos_token": "<|endoftext|>", "eos_token": "<|endoftext|>",
        "unk_token": "<|endoftext|>", "clean_up_tokenization_spaces": False, "model_max_length": 512})


def sentencepiece_tokenizer(rows, folder):
    folder.mkdir(parents=True, exist_ok=True)
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=texts(rows), model_prefix=str(folder / "tokenizer"), model_type="bpe",
        vocab_size=VOCABULARY, byte_fallback=True, normalization_rule_name="identity", split_digits=True,
        remove_extra_whitespaces=False, unk_id=0, bos_id=1, eos_id=2, pad_id=-1, max_sentence_length=100000,
        num_threads=1, minloglevel=2)
    os.remove(folder / "tokenizer.vocab")
    write_json(folder / "tokenizer_config.json", {
        "tokenizer_class": "LlamaTokenizer", "bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>",
        "add_bos_token": False, "add_eos_token": False, "legacy": True, "clean_up_tokenization_spaces": False,
        "model_max_length": 512})
    # transformers converts a lone tokenizer.model with rules of its own; the converted file makes both sides agree
    AutoTokenizer.from_pretrained(folder).backend_tokenizer.save(str(folder / "tokenizer.json"))
    os.remove(folder / "tokenizer.model")


def gpt2_config(width, layers, heads, dropout):
    return {"architectures": ["GPT2LMHeadModel"], "model_type": "gpt2", "vocab_size": VOCABULARY, "n_positions": 512,
            "n_embd": width, "n_layer": layers, "n_head": heads, "n_inner": None, "activation_function": "gelu_new",
            "resid_pdrop": dropout, "embd_pdrop": dropout, "attn_pdrop": dropout, "layer_norm_epsilon": 1e-5,
            "initializer_range": 0.02, "bos_token_id": 0, "eos_token_id": 0, "tie_word_embeddings": True,
            "torch_dtype": "float32"}


def llama_config(width, layers, heads, inner):
    return {"architectures": ["LlamaForCausalLM"], "model_type": "llama", "vocab_size": VOCABULARY,
            "max_position_embeddings": 512, "hidden_size": width, "num_hidden_layers": layers,
            "num_attention_heads": heads, "num_key_value_heads": heads, "intermediate_size": inner,
            "hidden_act": "silu", "rms_norm_eps": 1e-5, "rope_theta": 10000.0, "attention_bias": False,
            "initializer_range": 0.02, "bos_token_id": 1, "eos_token_id": 2, "tie_word_embeddings": True,
            "torch_dtype": "float32"}


def main():
    train_file, test_file = sys.argv[1:3]
    train = list(records(train_file, 0, 1000))
    write_data("train", train)
    write_data("validation", records(test_file, 0, 200))
    write_data("test", records(test_file, 200, 500))
    byte_level_tokenizer(train, ROOT / "student-gpt2")
    sentencepiece_tokenizer(train, ROOT / "student-llama")
    write_json(ROOT / "student-gpt2" / "config.json", gpt2_config(96, 3, 4, 0.0))
    write_json(ROOT / "student-llama" / "config.json", llama_config(96, 3, 4, 256))
    byte_level_tokenizer(train, ROOT / "teacher")
    write_json(ROOT / "teacher" / "config.json", gpt2_config(256, 6, 8, 0.2))


if __name__ == "__main__":
    main()
