"""Writes tests/golden/score/rouge.json: ROUGE-L of PyPI rouge_score 0.1.2 (use_stemmer=True) for text pairs,
and stems.txt: NLTK's stems of the words that the pairs and word lists hold.

    python tests/reference/rouge_reference.py DATA_FOLDER tests/golden/score

DATA_FOLDER holds dolly/test.jsonl, self-inst/test.jsonl and sinst/test_11plus.jsonl in MiniLLM's form.
"""
import json
import pathlib
import random
import re
import sys

from nltk.stem.porter import PorterStemmer
from rouge_score import rouge_scorer

ODD = [
    ("", ""), ("", "a"), ("a", ""), ("...", "!!"), ("...", "word"), ("a b c", "a b c"), ("a b c", "c b a"),
    ("123 4567 89", "4567, 123"), ("3.14159", "3 14159"), ("snake_case", "snake case"), ("don't", "dont"),
    ("Caf\u00e9 na\u00efve", "cafe naive"), ("\u00c9COLE", "\u00e9cole"), ("\u65e5\u672c\u8a9e text", "text"),
    ("\u212aelvin runs", "kelvin running"), ("\u0130stanbul", "i stanbul"), ("\u01c5 ok", "ok"),
    ("\U0001f600 smile\u200ds", "smile s"), ("a\u00a0b\u2003c", "a b c"), ("tab\there\nnew", "tab here new"),
    ("flies dies skies", "fly die sky"), ("GENERALLY generalization", "general generalize"), ("yyyy yyyyyy", "yyyy"),
    ("agreed feed bleed", "agree feed bled"), ("geology theology", "geologi theolog"), ("x\u0000y", "x y"),
    ("e\u0301cole", "e cole"), ("\u00df stra\u00dfe", "stra e"), ("\u0660\u0661 12", "12"), ("\u1e9e \ufb01ne", "ne"),
]


def words(text):
    return text.split()


def clip(text, count):
    return " ".join(words(text)[:count])[:90]


def main():
    data, out = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    rng = random.Random(10)
    texts = []
    for name in ("dolly/test.jsonl", "self-inst/test.jsonl", "sinst/test_11plus.jsonl"):
        for line in open(data / name, encoding="utf8"):
            record = json.loads(line)
            answers = record["output"] if isinstance(record["output"], list) else [record["output"]]
            texts.append((record["input"] or record["instruction"], answers[0], answers[-1]))
    scorer = rouge_scorer.RougeScorer(["rougeL"], use_stemmer=True)
    pairs = list(ODD)
    while len(pairs) < 1000 + len(ODD):
        prompt, first, last = rng.choice(texts)
        reference = clip(first, 18)
        kind = rng.randrange(4)
        if kind == 0:  # the prompt as an answer
            prediction = clip(prompt, 18)
        elif kind == 1:  # another reference, or the same with words dropped
            kept = [w for w in words(last) if rng.random() < 0.7]
            prediction = clip(" ".join(kept), 18)
        elif kind == 2:  # words in another order and case
            kept = words(reference)
            at = rng.randrange(len(kept) + 1)
            prediction = " ".join(kept[at:] + kept[:at]).upper()
        else:  # somebody else's answer
            prediction = clip(rng.choice(texts)[1], 18)
        pairs.append((reference, prediction))
    rows = []
    for reference, prediction in pairs:
        score = scorer.score(reference, prediction)["rougeL"]
        rows.append([reference, prediction, score.precision, score.recall, score.fmeasure])
    head = {
        "made_by": "tests/reference/rouge_reference.py",
        "sources": "databricks-dolly-15k (CC BY-SA 3.0, Databricks), Self-Instruct and Super-NaturalInstructions "
        "(Apache-2.0), clipped and rearranged",
        "columns": ["reference", "prediction", "precision", "recall", "f1"],
    }
    with open(out / "rouge.json", "w", encoding="utf8") as file:
        file.write(json.dumps(head, ensure_ascii=False)[:-1] + ', "pairs": [\n')
        file.write(",\n".join(json.dumps(row, ensure_ascii=False) for row in rows))
        file.write("\n]}\n")

    stemmer = PorterStemmer()
    vocabulary = set()
    for triple in texts:
        for text in triple:
            vocabulary.update(w for w in re.findall("[a-z0-9]+", text.lower()) if len(w) > 3)
    # Every irregular form, a sample of real words, and made-up ones that end in every suffix the rules know.
    chosen = set(stemmer.pool) | set(rng.sample(sorted(vocabulary), 3000))
    suffixes = """s sses ies ied eed ed ing y ational tional enci anci izer bli abli alli entli eli ousli ization ation
        ator alism iveness fulness ousness aliti iviti biliti fulli logi icate ative alize iciti ical ful ness al ance
        ence er ic able ible ant ement ment ent ion sion tion ou ism ate iti ous ive ize e ll""".split()
    for suffix in suffixes:
        for stem in ("", "t", "tr", "ay", "troubl", "generat", "yol", "hopp", "fil", "rel4t", "communic", "oat"):
            chosen.add(stem + suffix)
    with open(out / "stems.txt", "w", encoding="utf8") as file:
        for word in sorted(w for w in chosen if len(w) > 3):
            file.write(f"{word} {stemmer.stem(word)}\n")


main()
