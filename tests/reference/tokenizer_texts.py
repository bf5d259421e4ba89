"""The texts that tokenizers are compared on: every text of the data folder, and a list of hostile strings."""

import gzip
import json
from pathlib import Path

# Strings that break tokenizers. Bytes, because some of them are no UTF-8.
_FLAWED = [
    b"", b" ", b"  ", b"\n", b"\t", b"\x00", b"a\x00b\x00\x00c", b"\r\n\r\n", b"\x0b\x0c\x1c\x1d\x1e\x1f\x7f",
    b"\xff", b"\xfe\xff", b"abc\x80def", b"\xc3", b"\xe2\x82", b"\xf0\x9f\x98", b"\xf0\x9f\x98\x80\xf0\x9f",
    b"\xed\xa0\x80", b"\xed\xa0\xbd\xed\xb8\x80", b"\xc0\xaf", b"\xe0\x80\x80", b"\xf5\x80\x80\x80", b"\xf4\x90\x80\x80",
    b"ok \xe4\xb8 \xad bad", b"\xc3\x28", b"\xa0\xa1", b"\xe2\x28\xa1", b"x\xf8\x88\x80\x80\x80y", b"<s\xff>",
]

_TEXTS = [
    "Hello world", " leading", "trailing ", "  two  leading", "tabs\t\tand\n\nnewlines \n \t mixed\r\n\r\n  end",
    "\n\n\n   \n", " \n", "a \n b", "a  \n\n  b", "\t \t \t", "x\u00a0y", "\u00a0\u00a0", "a\u2028b\u2029c", "\u3000全角\u3000空白",
    "\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f", "a\u0085b\u0085\u0085", "\u180e a\u180eb",
    "\u200b\u200c\u200d\u2060\ufeff", "\ufeffBOM at the start",
    "😀", "😀😃😄", "👨‍👩‍👧‍👦 family", "👩🏽‍🚀 astronaut", "🏳️‍🌈🏴‍☠️", "🇩🇪🇫🇷🇯🇵", "☺️☹︎", "1️⃣2️⃣", "🫠🫨🪿🩷", "a😀b 😀 c",
    "e\u0301", "é", "Cafe\u0301 nai\u0308ve", "a\u0300\u0301\u0302\u0303\u0304\u0305", "a\u0316\u0301", "a\u0301\u0316", "\u0301start",
    "\u1100\u1161\u11a8", "각", "\u212b \u2126 \u212a", "ﬁ ﬂ ﬃ ﬆ", "\u0958\u09dc\u0a33", "\u2adc\u0344\u0340\u0341\u0343\u0374\u037e\u0387",
    "\U0001d15e\U0001d15f", "\ufb1d\ufb2a\ufb4e", "\U0002f800\U0002fa1d\uf900\ufad9", "q\u0323\u0307", "q\u0307\u0323", "\u1e0b\u0323",
    "你好，世界！", "中文和English混排123", "日本語のテキスト、カタカナとひらがな。", "한국어 텍스트입니다", "𠀀𠀁𪛖𫝀𫠠𬺰𮯠", "㐀㐁龥龦鿿", "々〇〻",
    "שלום עולם", "مرحبا بالعالم", "אָבג abc مَرْحَبًا", "\u202eRTL override\u202c", "\u061c\u200f\u200e", "الأَرقام ١٢٣٤٥ ۱۲۳",
    "नमस्ते दुनिया", "สวัสดีชาวโลก", "ខ្មែរ", "မြန်မာ", "ქართული", "Ελληνικά ΣΊΣΥΦΟΣ", "Русский текст", "ⵜⴰⵎⴰⵣⵉⵖⵜ", "አማርኛ",
    "½ ¼ ² ³ ① ⑳ Ⅷ ㊿ 六 ௧௨", "१२३ ４５６ 𝟘𝟙𝟚", "1234567890 3.14159 1,000,000 0x1F 1e-9",
    "It's we're I'LL they'Ve 'S 'tis don'T 'RE 'm 'D", "it\u2019s we\u2019re", "'\u017f '\u017foo x'\u017f", "''s 'sx 's's", "\u212aelvin '\u212a",
    "$100 €50 £30 ¥20", "...!!!??? --- ___ *** ///", "a.b,c;d:e!f?g", "#include <vector>\n\nint main() {\n\treturn 0;\n}\n",
    "def f(x):\n    if x:\n        return  x  # two  spaces\n", "{\"a\": [1, 2, {\"b\": null}]}", "<html><body>&nbsp;</body></html>",
    "https://example.org/a?b=c&d=%20#e", "name@example.org", "C:\\path\\file", "\\n \\t \\\\",
    "<|endoftext|>", "a<|endoftext|>b", "<|endoftext|><|endoftext|>", " <|endoftext|> ", "<|endoftext", "<|im_start|>user\nHi<|im_end|>\n",
    "<|begin_of_text|>x<|eot_id|>", "<|reserved_special_token_17|>", "<|start_header_id|>system<|end_header_id|>\n\n", "<think>hm</think> so",
    "<tool_call>{}</tool_call>", "<|vision_start|><|image_pad|><|vision_end|>", "<s>", "</s>", "<unk>", "<s>Hello</s>", "Hello<s> world</s> again",
    " <s> x </s> ", "<s><s></s>", "<pad>", "[INST] hi [/INST]", "<0x0A>", "<0x41><0xE2>", "<s", "▁", "▁▁▁", "a▁b", "▁ ▁", " ▁x", "Ġword Ċ", "ĠĠ",
    "\ue000\uf8ff\U000f0000\U0010ffff", "\ufffd\ufffe\uffff", "\u0378\u0530", "\U0001fae8\U0001fadc\U0001fac6", "\ua7dc\ua7cb\u1c89",
    "\U00010d4a\U00010d70\U00010d40\U00010d49", "\U000116d0\U000116e3x", "\U0002ebf0\U00031350", "\U0001e4d0\U0001e4f0", "\U00013460\U000143fa",
    "\u0897a\u0897", "a\u0897\u0301", "a\u1ac1\u0301", "a\U00010d69\u0301", "a\u1dfa\u0301", "\u1df6\u0301", "a\u08d4\u0316", "\u1c80\u1c81",
    "A" * 100, "ab" * 300, "word " * 200, "1" * 50, "!" * 77, "\n" * 40, " " * 65, " " * 300 + "x", "x" + " " * 300, "\t" * 33, "\u3000" * 40, "😀" * 60,
    "é" * 100, "e\u0301" * 100, "中" * 200, "a" + "\u0301" * 500, "Donaudampfschifffahrtsgesellschaftskapitän" * 8, "supercalifragilisticexpialidocious",
    "aaaabbbbccccdddd" * 20, "- " * 100, "= " * 64 + "\n" + "=" * 128, "ſtraße ẞ İı ŉ", "Ǆ ǅ ǆ", "\u0300", "\u0610\u0611", "\u20dd\u20e3",
]

_HUGE = ["a" * 1_000_000, " " * 1_000_000, "\n" * 1_000_000, "é" * 500_000, "😀" * 250_000, "1" * 1_000_000, "! " * 500_000, "\u0301" * 300_000]


def hostile(huge=True):
    texts = list(_FLAWED) + [t.encode("utf-8", "surrogatepass") for t in _TEXTS]
    return texts + [t.encode() for t in _HUGE] if huge else texts


def _strings(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _strings(item)
    elif isinstance(value, dict):
        for item in value.values():
            yield from _strings(item)


def data(folder):
    """Every string of every line of the data sets."""
    folder = Path(folder)
    files = ["dolly/test.jsonl", "dolly/train1k.jsonl", "self-inst/test.jsonl", "sinst/test_11plus.jsonl",
             "gsm8k/test.jsonl", "gsm8k/train.jsonl", "humaneval/HumanEval.jsonl.gz"]
    for name in files:
        opened = gzip.open(folder / name, "rt", encoding="utf-8") if name.endswith(".gz") else open(folder / name, encoding="utf-8")
        with opened as lines:
            for line in lines:
                if line.strip():
                    yield from (s.encode() for s in _strings(json.loads(line)))
