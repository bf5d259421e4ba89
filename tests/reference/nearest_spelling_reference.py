#!/usr/bin/env python3
"""Checks a map of MinED against the edit distances of another library (editdistance, from PyPI).

    dskd align --method mined --teacher T --student S --data DATA --limit 1
    nearest_spelling_reference.py T S MAP_FILE [TOKENS]

MAP_FILE lies in $XDG_CACHE_HOME/dskd-workbench/spelling-maps (by default ~/.cache). For TOKENS (300) teacher tokens
drawn at random the map must name the student token of least distance, of several the lowest id. Exits with 1 otherwise.
The two tokenizers must spell in one alphabet (both byte-level, or both SentencePiece).
"""

import random
import struct
import sys

import editdistance
from transformers import AutoTokenizer

HEADER = struct.Struct("<8sQQQQ")


def pieces(folder):
    tokenizer = AutoTokenizer.from_pretrained(folder)
    spelled = {number: piece for piece, number in tokenizer.get_vocab().items()}
    size = max(spelled) + 1
    return tokenizer, [spelled.get(i, "").replace("\u0120", " ").replace("\u2581", " ") for i in range(size)]


def main():
    teacher_folder, student_folder, file = sys.argv[1:4]
    count = int(sys.argv[4]) if len(sys.argv) > 4 else 300
    teacher_tokenizer, teacher = pieces(teacher_folder)
    student_tokenizer, student = pieces(student_folder)
    with open(file, "rb") as stream:
        data = stream.read()
    magic, _, _, _, exact = HEADER.unpack_from(data)
    if magic != b"dskd-map" or len(data) != HEADER.size + 4 * len(teacher):
        sys.exit(f"{file} is no map of {len(teacher)} tokens")
    mapped = struct.unpack_from(f"<{len(teacher)}i", data, HEADER.size)

    special = {getattr(teacher_tokenizer, name) for name in ("eos_token_id", "bos_token_id", "pad_token_id")}
    wrong = 0
    inexact = 0
    random.seed(1)
    for number in random.sample([i for i in range(len(teacher)) if teacher[i] and i not in special], count):
        nearest = min((i for i in range(len(student)) if student[i]),
                      key=lambda i: (editdistance.eval(teacher[number], student[i]), i))
        inexact += teacher[number] != student[nearest]
        if mapped[number] != nearest:
            wrong += 1
            print(f"{number} {teacher[number]!r}: {mapped[number]} {student[mapped[number]]!r}, "
                  f"but {nearest} {student[nearest]!r} is nearer or lower")
    print(f"{count} tokens ({inexact} without a partner spelled alike), {wrong} wrong; {exact} exact in the map")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
