"""Writes tests/golden/align/eta.json: token pairs of exact token alignment on real answers, by a plain implementation
of the rules (method of the papers, and on bytes), from the tokens that Hugging Face's tokenizers give.

    python tests/reference/eta_reference.py TOKENIZER_FOLDER DATA_FILE tests/golden/align [--count]

With --count it prints the aligned tokens of the whole data file instead and writes nothing.
"""
import json
import pathlib
import sys

from transformers import AutoTokenizer

PAIRS = [("llama2-7b-hf", "gpt2-base"), ("Qwen1.5-1.8B", "gpt2-base"), ("mistral-7b-v0.1", "tinyllama-1.1b-3T")]
COUNTED_ONLY = [("gpt2-xl", "gpt2-base")]
SAMPLES = 12  # per pair


def byte_alphabet():
    """GPT-2's character for every byte, inverted."""
    printable = list(range(33, 127)) + list(range(161, 173)) + list(range(174, 256))
    table = {chr(b): b for b in printable}
    for n, b in enumerate(b for b in range(256) if b not in printable):
        table[chr(256 + n)] = b
    return table


ALPHABET = byte_alphabet()


def token_bytes(piece, sentencepiece):
    if not sentencepiece:
        return bytes(ALPHABET[c] for c in piece)
    if len(piece) == 6 and piece.startswith("<0x") and piece.endswith(">"):
        return bytes([int(piece[3:5], 16)])
    return piece.replace("\u2581", " ").encode()


def published(teacher, student, teacher_eos, student_eos):
    teacher, student = ([t.replace("\u2581", "").replace("\u0120", "") for t in side] for side in (teacher, student))
    seen_t = seen_s = ""
    i = j = 0
    pairs = []
    while i < len(teacher) and j < len(student):
        same = teacher[i] == student[j] or (teacher[i] == teacher_eos and student[j] == student_eos)
        pair = seen_t == seen_s and same
        move_t = pair or len(seen_t) <= len(seen_s)
        move_s = pair or len(seen_s) <= len(seen_t)
        if pair:
            pairs.append([i, j])
        if move_t:
            seen_t += teacher[i]
        if move_s:
            seen_s += student[j]
        i, j = i + move_t, j + move_s
    return pairs


def on_bytes(teacher, student):
    """Quadratic on purpose: the ranges of both sides are compared as sets."""

    def ranges(tokens):
        at, result = 0, {}
        for row, token in enumerate(tokens[:-1]):
            content = token.replace(b" ", b"")
            if content:
                result[(at, at + len(content), content)] = row
            at += len(content)
        return result

    t, s = ranges(teacher), ranges(student)
    pairs = sorted([t[key], s[key]] for key in t if key in s)
    return pairs + [[len(teacher) - 1, len(student) - 1]]


def main():
    folder, data, out = (pathlib.Path(a) for a in sys.argv[1:4])
    answers = [json.loads(line)["output"] for line in open(data, encoding="utf8")]
    hard = [a for a in answers if 0 < len(a) < 300 and ("\n" in a or not a.isascii())]
    short = [a for a in answers if 20 < len(a) < 160 and a not in hard]
    chosen = hard[: SAMPLES - 4] + short[:4]
    rows = []
    for teacher_name, student_name in PAIRS + (COUNTED_ONLY if "--count" in sys.argv else []):
        sides = []
        for name in (teacher_name, student_name):
            tokenizer = AutoTokenizer.from_pretrained(folder / name)
            sides.append((tokenizer, "\u2581the" in tokenizer.get_vocab()))
        totals = [0, 0, 0]
        for text in answers if "--count" in sys.argv else chosen:
            pieces, contents = [], []
            for tokenizer, sentencepiece in sides:
                side = tokenizer.convert_ids_to_tokens(tokenizer(text, add_special_tokens=False).input_ids)
                contents.append([token_bytes(p, sentencepiece) for p in side] + [b""])
                pieces.append(side + [tokenizer.eos_token])
            by_spelling = published(*pieces, sides[0][0].eos_token, sides[1][0].eos_token)
            by_bytes = on_bytes(*contents)
            totals = [a + b for a, b in zip(totals, (len(pieces[1]), len(by_spelling), len(by_bytes)))]
            rows.append({
                "pair": f"{teacher_name} -> {student_name}",
                "teacher": pieces[0],
                "student": pieces[1],
                "teacher_bytes": [c.hex() for c in contents[0]],
                "student_bytes": [c.hex() for c in contents[1]],
                "published": by_spelling,
                "bytes": by_bytes,
            })
        print(teacher_name, student_name, "student tokens, published, bytes:", *totals)
    if "--count" in sys.argv:
        return
    with open(out / "eta.json", "w", encoding="utf8") as file:
        head = {
            "made_by": "tests/reference/eta_reference.py",
            "source": "answers of databricks-dolly-15k (CC BY-SA 3.0, Databricks)",
        }
        file.write(json.dumps(head)[:-1] + ', "samples": [\n')
        file.write(",\n".join(json.dumps(r, ensure_ascii=False, separators=(",", ":")) for r in rows))
        file.write("\n]}\n")


main()
