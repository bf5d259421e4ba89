"""Folders as this program saves them, from what tests/golden/saved keeps of them: configurations and the headers of
safetensors files. The numbers are put in here."""

import json
import pathlib

import numpy

GOLDEN = pathlib.Path(__file__).resolve().parent.parent / "golden"
SAVED = GOLDEN / "saved"


def names(arguments):
    return arguments or sorted(folder.name for folder in SAVED.iterdir())


def write_tensors(header_file, values, file):
    """`values` from name to numpy array; the bytes of `file` are those that the program writes."""
    header = header_file.read_bytes()
    entries = {name: entry for name, entry in json.loads(header).items() if name != "__metadata__"}
    if set(entries) != set(values):
        raise ValueError(f"{header_file}: other tensors than {sorted(values)}")
    data = bytearray(max(entry["data_offsets"][1] for entry in entries.values()))
    for name, entry in entries.items():
        if entry["dtype"] != "F32" or entry["shape"] != list(values[name].shape):
            raise ValueError(f"{header_file}: {name} is {entry}, not {values[name].shape}")
        begin, end = entry["data_offsets"]
        data[begin:end] = values[name].astype("<f4").tobytes()
    file.write_bytes(len(header).to_bytes(8, "little") + header + data)


def pattern(shape, number):
    """patternOf of tests/unit/core/model/saved_models_test.cpp."""
    k = numpy.arange(numpy.prod(shape), dtype=numpy.int64)
    return (((k * 37 + 13 * number) % 101 - 50).astype(numpy.float32) / numpy.float32(200)).reshape(shape)
