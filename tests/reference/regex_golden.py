"""Writes tests/golden/tokenizer/regex_cases.json and regex_sets.json: what the reference's regex engine (Oniguruma inside
PyPI tokenizers) makes of random patterns and texts, and which characters its sets hold.

    python regex_golden.py tests/golden/tokenizer

Of a text a case holds the words that Split makes with the behaviors isolated and removed. A set is the FNV-1a hash of
the numbers of its characters, written "begin-end," for each run.
"""

import json
import random
import sys
from pathlib import Path

from tokenizers import Regex, pre_tokenizers

from tokenizer_unicode_additions import CATEGORIES, SCRIPTS, members, ranges

PATTERNS = 420
TEXTS = 4

# Of published tokenizers, or of the kinds that differ.
PUBLISHED = [
    r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+",
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+",
    r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+| ?[^\s\p{L}\p{N}]++[\r\n]*+|\s++$|\s*[\r\n]|\s+(?!\S)|\s",
    r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
    r"|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
    r"|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+",
    r"[\p{Han}]+|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}&&[^\p{Han}]]*[\p{Ll}\p{Lm}\p{Lo}\p{M}&&[^\p{Han}]]+(?i:'s|'t)?"
    r"|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+",
    r"""[!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+""",
    r"[一-龥぀-ゟ゠-ヿ]+",
    r"\p{Nd}{3}+", r"(?=(\d{3})+(?!\d))", r"\d{1,3}(?=(?:\d{3})*\b)", r"\p{L}{1,3}+", r"[a-c[x-z]]", r"\w{,3}", r"\h+", r"\H", r"[^\h]+",
    r"a{2}?b", r"a{1,2}?b", r"a(?i)b|c", r"(?i:'s|'t)", r"[^\W\d]+", r"[^\S\n]+", r"[\w&&[^a-c]&&[^\d]]+", r"[^a-c&&[^b]]", r"\bab\b|\B-",
    r"(?m:a.)", r".", r"\R", r"\v", r"[[:alpha:][:digit:]]+", r"[[:^space:]]+", r"\pL", r"[a-c-e]", r"[--/]", r"a{,}|a{x}|{", r"(?<n>a)b|(c)",
    r"\x{4E00}|\u00e9", r"[^\P{Lu}]", r"(?>a+)b", r"^.|.$", r"\A.|.\z|.\Z", r"(?<=a|bc)d", r"(?<!a)b", r"(?i:k+|[^s])", r"\N+|\O",
]

ALPHABET = ["a", "b", "c", "A", "B", "é", "s", "S", "1", "2", "9", "\u0663", "一", "の", " ", " ", "\n", "\r", "\t", "\u3000", "-", "&", "[", "]", "_", "'", "!",
            "{", "}", ",", "\u0301", "\u017f", "\u212a", "\x0b", "\u00b2", "\u2028", "\u180e", "😀", "^", ".", "\\"]
SETS = [r"\w", r"\s", r"\d", r"\h", r"\W", r"\S", r"\p{L}", r"\p{Lu}", r"\P{L}", r"\p{^N}", r"\p{Han}", "[:alpha:]", "[:^upper:]"]
CHARACTERS = ["a", "b", "c", "A", "é", "1", "2", "一", " ", r"\n", r"\r", r"\-", "&", r"\[", "_", "'", r"\]", r"\^", r"\x{61}", r"\t", "!", ".", ","]


def inside(rng, depth=0):
    parts = []
    for _ in range(rng.randint(1, 3)):
        kind = rng.random()
        if kind < 0.4:
            parts.append(rng.choice(CHARACTERS))
        elif kind < 0.55:
            parts.append(rng.choice(["a-c", "0-9", "A-Z", r"\x{4E00}-\x{9FFF}", "b-c"]))
        elif kind < 0.8 or depth > 1:
            chosen = rng.choice(SETS)
            parts.append(f"[{chosen}]" if chosen.startswith("[:") and rng.random() < 0.3 else chosen)
        else:
            parts.append(bracket(rng, depth + 1))
    return "".join(parts)


def bracket(rng, depth=0):
    body = inside(rng, depth)
    while rng.random() < 0.25:
        body += "&&" + inside(rng, depth)
    return "[" + rng.choice(["", "", "^"]) + body + "]"


def atom(rng, depth):
    kind = rng.random()
    if kind < 0.3:
        return rng.choice([c for c in CHARACTERS if c != "."] + ["."])
    if kind < 0.45:
        return rng.choice([s for s in SETS if not s.startswith("[")])
    if kind < 0.7:
        return bracket(rng)
    if kind < 0.75:
        return rng.choice(["^", "$", r"\b", r"\B", r"\R", r"\N", r"\O", r"\A", r"\z"])
    if depth > 1:
        return "a"
    opening = rng.choice(["(", "(?:", "(?:", "(?i:", "(?>", "(?=", "(?!", "(?<=", "(?m:", "(?i)", "(?<n>"])
    if opening == "(?i)":
        return opening
    return opening + alternatives(rng, depth + 1) + ")"


def alternatives(rng, depth=0):
    branches = []
    for _ in range(rng.choice([1, 1, 2, 3])):
        branch = ""
        for _ in range(rng.randint(1, 3)):
            branch += atom(rng, depth)
            if rng.random() < 0.4:
                branch += rng.choice(["?", "*", "+", "??", "*?", "+?", "?+", "*+", "++", "{2}", "{1,3}", "{,2}", "{2,}", "{2}?", "{1,3}?", "{1,2}+", "{2}+", "{,2}+"])
        branches.append(branch)
    return "|".join(branches)


def words(pattern, behavior, text):
    return [word for word, _ in pre_tokenizers.Split(Regex(pattern), behavior).pre_tokenize_str(text)]


def case(rng, pattern, **more):
    """Nothing where the reference refuses the pattern, or gives up."""
    texts = []
    for _ in range(TEXTS):
        text = "".join(rng.choices(ALPHABET, k=rng.randint(1, 14)))
        try:
            texts.append({"text": text, "isolated": words(pattern, "isolated", text), "removed": words(pattern, "removed", text)})
        except Exception:
            return None
    return {"pattern": pattern, **more, "texts": texts}


def write_cases(out):
    rng = random.Random(14)
    cases = [case(rng, pattern, published=True) for pattern in PUBLISHED]
    assert None not in cases, PUBLISHED[cases.index(None)]
    while len(cases) < PATTERNS + len(PUBLISHED):
        found = case(rng, alternatives(rng))
        if found is not None:
            cases.append(found)
    lines = [json.dumps(c, ensure_ascii=False, separators=(",", ":")) for c in cases]
    (out / "regex_cases.json").write_text("[\n" + ",\n".join(lines) + "\n]\n")


def hash_of(pattern, code_points):
    """FNV-1a over the runs of matched characters."""
    value = 0xCBF29CE484222325
    for begin, end in ranges(members(f"(?:{pattern})+", code_points)):
        for byte in f"{begin}-{end},".encode():
            value = (value ^ byte) * 0x100000001B3 % 2**64
    return str(value)


def write_sets(out):
    code_points = [c for c in range(0x110000) if not 0xD800 <= c <= 0xDFFF]
    patterns = [r"\p{%s}" % name for name in (CATEGORIES + " " + SCRIPTS).split()]
    patterns += [r"\w", r"\W", r"\s", r"\S", r"\d", r"\D", r"\h", r"\P{L}", r"\p{^Lu}", r"\p{Word}", r"\p{han}", r"[\w&&\P{L}]", r"[^\w\s]"]
    patterns += [f"[[:{name}:]]" for name in "alpha digit alnum upper lower space blank word xdigit ascii ^alpha".split()]
    sets = {pattern: hash_of(pattern, code_points) for pattern in patterns}
    (out / "regex_sets.json").write_text(json.dumps(sets, indent=0) + "\n")


if __name__ == "__main__":
    write_cases(Path(sys.argv[1]))
    write_sets(Path(sys.argv[1]))
