"""Times PyPI tokenizers on one thread, one text at a time, for tests/bench/tokenizer_bench.cpp to be compared with.

    python tokenizer_bench.py --write TEXTS.jsonl DATA.jsonl...     (every string of the data files, once)
    python tokenizer_bench.py TEXTS.jsonl MODEL_FOLDER...
"""

import json
import os
import platform
import sys
import time
from pathlib import Path

os.environ["TOKENIZERS_PARALLELISM"] = "false"
ROUNDS = 5


def strings(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from strings(item)
    elif isinstance(value, list):
        for item in value:
            yield from strings(item)


def write(target, files):
    texts = {}
    for name in files:
        with open(name, encoding="utf-8") as lines:
            for line in lines:
                texts.update(dict.fromkeys(strings(json.loads(line))))
    Path(target).write_text("".join(json.dumps(t) + "\n" for t in texts), encoding="utf-8")


def load(folder):
    if (Path(folder) / "tokenizer.json").exists():
        from tokenizers import Tokenizer

        return Tokenizer.from_file(str(Path(folder) / "tokenizer.json"))
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(folder).backend_tokenizer


def best(action):
    times = []
    for _ in range(ROUNDS + 1):
        start = time.perf_counter()
        action()
        times.append(time.perf_counter() - start)
    return min(times[1:])


def main():
    if sys.argv[1] == "--write":
        write(sys.argv[2], sys.argv[3:])
        return
    import tokenizers

    texts = [json.loads(line) for line in open(sys.argv[1], encoding="utf-8")]
    megabytes = sum(len(t.encode()) for t in texts) / 1e6
    print(f"tokenizers {tokenizers.__version__}, Python {platform.python_version()}, one thread; {len(texts)} texts, {megabytes:.2f} MB; best of {ROUNDS} rounds")
    print(f"{'tokenizer':24} {'encode MB/s':>12} {'decode MB/s':>12} {'load s':>10} {'tokens':>10}")
    for folder in sys.argv[2:]:
        start = time.perf_counter()
        tokenizer = load(folder)
        loading = time.perf_counter() - start
        encoded = [tokenizer.encode(t, add_special_tokens=False).ids for t in texts]
        encode = best(lambda: [tokenizer.encode(t, add_special_tokens=False) for t in texts])
        decode = best(lambda: [tokenizer.decode(ids, skip_special_tokens=False) for ids in encoded])
        tokens = sum(map(len, encoded))
        print(f"{Path(folder).name:24} {megabytes / encode:12.2f} {megabytes / decode:12.2f} {loading:10.3f} {tokens:10}", flush=True)


if __name__ == "__main__":
    main()
