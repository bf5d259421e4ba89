"""Writes tests/golden/tokenizer: small tokenizers trained here on generated text, what the reference makes of hostile
strings with them, and (shared_cases.json) what it makes of them with the real tokenizers in SHARED/tokenizers.

    python tokenizer_golden.py SHARED tests/golden/tokenizer [NAME...]

NAMEs are of the small tokenizers that tokenizer.json describes; without any everything is written.
"""

import json
import os
import random
import sys
from pathlib import Path

os.environ["TOKENIZERS_PARALLELISM"] = "false"

import sentencepiece
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

import tokenizer_texts
from tokenizer_reference import load, record

MAX_BYTES = 130  # of a golden text: the long ones are for tokenizer_compare
QWEN_PATTERN = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
LLAMA3_PATTERN = QWEN_PATTERN.replace(r"\p{N}|", r"\p{N}{1,3}|")


FAMILY_TEXTS = {
    "gemma": ["x\n\ny\n\n\n\nz  w   v    \u2581\u2581\u2581\u2581", "<start_of_turn>user\n1 2  34<end_of_turn>\n", "\n\n\n\n\n", " a  b"],
    "neox": ["   def f(x):\n        return 1", "mail |||EMAIL_ADDRESS|||  me         now 1234567 ", "x          y", "  caf\u00e9  "],
    "smollm": ["12 345, 6.78 v9", "a1b22 c333", " 1  2   3", "\u0661\u0662 x\u00b2"],
}


def corpus():
    """Generated sentences: frequent syllables, digits, spaces and some other scripts, so that merges of every kind come up."""
    rng = random.Random(7)
    syllables = ["ta", "ri", "mon", "el", "ing", "the", "and", "ser", "vo", "qu", "ick", "ed", "'s", "'t", "un", "able"]
    words = ["".join(rng.choices(syllables, k=rng.randint(1, 4))) for _ in range(400)]
    lines = []
    for _ in range(600):
        line = " ".join(rng.choices(words, k=rng.randint(3, 12)))
        if rng.random() < 0.2:
            line += f"  {rng.randint(0, 99999)}"
        if rng.random() < 0.15:
            line = "    " + line + "\n\tdef"
        if rng.random() < 0.1:
            line += rng.choice([" café naïve", " 中文 日本語", " привет", " 😀😃", " ▁▁"])
        lines.append(line + rng.choice([".", "!", "?", "...", "\n\n"]))
    return lines


def byte_level(pre_tokenizer, vocab_size=420, normalizer=None, **model):
    tokenizer = Tokenizer(models.BPE(**model))
    tokenizer.pre_tokenizer = pre_tokenizer
    if normalizer is not None:
        tokenizer.normalizer = normalizer
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocab_size, special_tokens=["<|endoftext|>"], initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False
    )
    tokenizer.train_from_iterator(corpus(), trainer)
    return tokenizer


def split_byte_level(pattern):
    return pre_tokenizers.Sequence(
        [pre_tokenizers.Split(Regex(pattern), "isolated"), pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)]
    )


def llama3_style():
    tokenizer = byte_level(split_byte_level(LLAMA3_PATTERN), ignore_merges=True)
    tokenizer.add_special_tokens(["<|begin_of_text|>", "<|eot_id|>"])
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<|begin_of_text|> $A <|eot_id|>",
        special_tokens=[(t, tokenizer.token_to_id(t)) for t in ("<|begin_of_text|>", "<|eot_id|>")],
    )
    return tokenizer


def added_tokens_style():
    tokenizer = byte_level(pre_tokenizers.ByteLevel(add_prefix_space=True), normalizer=normalizers.NFC())
    tokenizer.add_tokens(
        [
            AddedToken("[LEFT]", lstrip=True, normalized=False),
            AddedToken("[RIGHT]", rstrip=True, normalized=False),
            AddedToken("[WORD]", single_word=True, normalized=False),
            AddedToken("word", single_word=True, normalized=False),
            AddedToken("<t>", normalized=False),
            AddedToken("<t><u>", normalized=False),
            AddedToken("caf\u00e9!", normalized=True),
            AddedToken("two words", normalized=True),
        ]
    )
    return tokenizer


def sentencepiece_style(metaspace):
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>", fuse_unk=True, byte_fallback=True))
    special = ["<unk>", "<s>", "</s>"] + [f"<0x{b:02X}>" for b in range(256)]
    trainer = trainers.BpeTrainer(vocab_size=560, special_tokens=special, show_progress=False)
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="first")
    tokenizer.train_from_iterator(corpus(), trainer)
    description = json.loads(tokenizer.to_str())
    description["added_tokens"] = description["added_tokens"][:3]
    tokenizer = Tokenizer.from_str(json.dumps(description))
    if metaspace:
        tokenizer.decoder = decoders.Sequence([decoders.ByteFallback(), decoders.Metaspace(prepend_scheme="first")])
    else:
        tokenizer.pre_tokenizer = None
        tokenizer = Tokenizer.from_str(json.dumps({**json.loads(tokenizer.to_str()), "pre_tokenizer": None}))
        tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
        tokenizer.decoder = decoders.Sequence(
            [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)]
        )
    tokenizer.post_processor = processors.TemplateProcessing(single="<s> $A", special_tokens=[("<s>", 1)])
    return tokenizer


def gemma_style():
    """Spaces become visible before anything else, without a prefix; a splitter that never finds one; bytes as fallback.
    Runs of line ends and of spaces are tokens of the user's, which are looked for in the raw text."""
    visible = "\u2581"
    named = ["<pad>", "<eos>", "<bos>", "<unk>", "<start_of_turn>", "<end_of_turn>"]
    runs = ["\n\n", "\n\n\n", visible * 2, visible * 3]
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>", fuse_unk=True, byte_fallback=True))
    trainer = trainers.BpeTrainer(
        vocab_size=560, special_tokens=named + runs + [f"<0x{b:02X}>" for b in range(256)], show_progress=False
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="never")
    tokenizer.train_from_iterator(corpus(), trainer)
    description = json.loads(tokenizer.to_str())
    description["added_tokens"] = description["added_tokens"][: len(named + runs)]
    for token in description["added_tokens"]:
        token["special"] = token["content"] not in runs
    tokenizer = Tokenizer.from_str(json.dumps(description))
    tokenizer.normalizer = normalizers.Replace(" ", visible)
    tokenizer.pre_tokenizer = pre_tokenizers.Split(" ", "merged_with_previous")
    tokenizer.decoder = decoders.Sequence([decoders.Replace(visible, " "), decoders.ByteFallback(), decoders.Fuse()])
    tokenizer.post_processor = processors.TemplateProcessing(single="<bos> $A", special_tokens=[("<bos>", 2)])
    return tokenizer


def neox_style():
    """Pythia and OLMo: runs of spaces are tokens beside the vocabulary, looked for in the normalised text."""
    tokenizer = byte_level(pre_tokenizers.ByteLevel(add_prefix_space=False), normalizer=normalizers.NFC())
    tokenizer.add_special_tokens(["<|padding|>"])
    tokenizer.add_tokens([AddedToken(" " * n, normalized=True) for n in range(8, 1, -1)])
    tokenizer.add_tokens([AddedToken("|||EMAIL_ADDRESS|||", normalized=True)])
    tokenizer.post_processor = processors.ByteLevel(trim_offsets=True)
    return tokenizer


def smollm_style():
    """Digits one by one before the words of GPT-2."""
    return byte_level(
        pre_tokenizers.Sequence([pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)])
    )


def unknown_style():
    """A vocabulary that lacks characters: unknown tokens, not fused; digits one by one."""
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.Metaspace()])
    tokenizer.decoder = decoders.Metaspace()
    trainer = trainers.BpeTrainer(vocab_size=200, limit_alphabet=25, special_tokens=["<unk>"], show_progress=False)
    tokenizer.train_from_iterator(corpus(), trainer)
    return tokenizer


def texts():
    short = [t for t in tokenizer_texts.hostile(huge=False) if len(t) <= MAX_BYTES]
    extra = [
        "the seringing quick 'sable 12345", "x [LEFT]y [LEFT] z", "[RIGHT]  x[RIGHT]\n\t[LEFT]", "a[WORD]b [WORD] c[WORD], [WORD]",
        "word words wordy (word) 中word word中 _word_ word", "<t><u><t><t", "cafe\u0301! café!", "two words two  words", " word  word ",
        "word\u200d word\u0301 word\u0897 word\U00011de0 \u2164word", "1\u00bd2\u2167\U00016ff4\U00010d40",
    ]
    return short + [t.encode() for t in extra]


def all_texts(name):
    return texts() + [t.encode() for t in FAMILY_TEXTS.get(name, [])]


def compact(case):
    """Leaves out what the reader can fill in: ids_special like ids, decoded like text, decoded_skip like decoded."""
    decoded = case["text"] if case["decoded"] is None else case["decoded"]
    for key, otherwise in (("decoded_skip", decoded), ("decoded", case["text"]), ("ids_special", case["ids"])):
        if case.get(key) == otherwise:
            del case[key]
    return case


def write_case_file(folder, cases):
    lines = ",\n".join(json.dumps(compact(c), separators=(",", ":")) for c in cases)
    (folder / "cases.json").write_text("[\n" + lines + "\n]\n")


def write_cases(folder, tokenizer):
    """Of the texts for every tokenizer and those for the one of this folder's name."""
    keys = ("text", "ids", "ids_special", "decoded", "decoded_skip")
    records = (record(tokenizer, raw) for raw in all_texts(folder.name))
    write_case_file(folder, [{k: full[k] for k in keys} for full in records])


def write_small(out, names):
    styles = {
        "gpt2": lambda: byte_level(pre_tokenizers.ByteLevel(add_prefix_space=False)),
        "qwen": lambda: byte_level(split_byte_level(QWEN_PATTERN), normalizer=normalizers.NFC()),
        "llama3": llama3_style,
        "added": added_tokens_style,
        "llama2": lambda: sentencepiece_style(metaspace=False),
        "metaspace": lambda: sentencepiece_style(metaspace=True),
        "gemma": gemma_style,
        "neox": neox_style,
        "smollm": smollm_style,
        "unknown": unknown_style,
    }
    for name in names or styles:
        tokenizer = styles[name]()
        folder = out / name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "tokenizer.json").write_text(json.dumps(json.loads(tokenizer.to_str()), ensure_ascii=False, separators=(",", ":")) + "\n")
        write_cases(folder, tokenizer)


def write_vocab_and_merges(out):
    """The folders gpt2 and qwen once more, as vocab.json and merges.txt; the reference is transformers."""
    for name, config in (
        ("gpt2", {"tokenizer_class": "GPT2Tokenizer"}),
        ("qwen", {"tokenizer_class": "Qwen2Tokenizer", "eos_token": "<|endoftext|>", "bos_token": None, "pad_token": "<|endoftext|>"}),
    ):
        description = json.loads((out / name / "tokenizer.json").read_text())
        folder = out / f"{name}_vocab_merges"
        folder.mkdir(exist_ok=True)
        vocabulary = description["model"]["vocab"]
        (folder / "vocab.json").write_text(json.dumps(vocabulary, ensure_ascii=False, separators=(",", ":")) + "\n")
        merges = [" ".join(m) for m in description["model"]["merges"]]
        (folder / "merges.txt").write_text("#version: 0.2\n" + "\n".join(merges) + "\n")
        if name == "qwen":
            flags = {"lstrip": False, "rstrip": False, "single_word": False, "normalized": False, "special": True}
            config["added_tokens_decoder"] = {"0": {"content": "<|endoftext|>", **flags}, str(len(vocabulary)): {"content": "<|im_start|>", **flags}}
        (folder / "tokenizer_config.json").write_text(json.dumps(config) + "\n")
        (folder / "config.json").write_text(json.dumps({"model_type": "gpt2" if name == "gpt2" else "qwen2"}) + "\n")
        write_cases(folder, load(folder))


def write_sentencepiece(out):
    for name, kind, size in (("spm_bpe", "bpe", 520), ("spm_unigram", "unigram", 400)):
        folder = out / name
        folder.mkdir(exist_ok=True)
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(corpus()), model_prefix=str(folder / "tokenizer"), model_type=kind, vocab_size=size, byte_fallback=True,
            character_coverage=0.99, normalization_rule_name="identity", remove_extra_whitespaces=False, split_digits=True, minloglevel=2,
            allow_whitespace_only_pieces=True, num_threads=1,
        )
        (folder / "tokenizer.vocab").unlink()
        processor = sentencepiece.SentencePieceProcessor(model_file=str(folder / "tokenizer.model"))
        control = ["<unk>", "<s>", "</s>"]
        cases = []
        for raw in texts():
            text = raw.decode("utf-8", "replace")
            if any(c in text for c in control):
                continue
            ids = processor.encode(text)
            decoded = processor.decode(ids).encode().hex()
            cases.append({"text": raw.hex(), "ids": ids, "ids_special": [1] + ids, "decoded": None, "decoded_skip": decoded})
        write_case_file(folder, cases)


def write_shared(shared, out):
    sample = list(dict.fromkeys(tokenizer_texts.data(shared / "data")))
    sample = [t for t in random.Random(3).sample(sample, 400) if 20 <= len(t) <= 240][:25]
    chosen = [t for t in texts()] + sample
    result = {"texts": [t.hex() for t in chosen], "ids": {}}
    for folder in sorted((shared / "tokenizers").iterdir()):
        tokenizer = load(folder)
        result["ids"][folder.name] = [tokenizer.encode(t.decode("utf-8", "replace"), add_special_tokens=False).ids for t in chosen]
    head = '{"texts":' + json.dumps(result["texts"], separators=(",", ":"))
    rows = ",\n".join(f'"{k}":' + json.dumps(v, separators=(",", ":")) for k, v in result["ids"].items())
    (out / "shared_cases.json").write_text(head + ',\n"ids":{\n' + rows + "\n}}\n")


if __name__ == "__main__":
    target = Path(sys.argv[2])
    write_small(target, sys.argv[3:])
    if len(sys.argv) == 3:
        write_vocab_and_merges(target)
        write_sentencepiece(target)
        write_shared(Path(sys.argv[1]), target)
