#!/usr/bin/env python3
"""Event files and TensorBoard (PyPI: tensorboard).

  tensorboard_events.py golden FILE     writes, with TensorBoard's own writer of records, what
                                        tests/unit/app/report/event_file_test.cpp expects
  tensorboard_events.py read FOLDER     prints what TensorBoard reads of the event files of a folder:
                                        run, tag, step, wall time, value
"""
import sys

from tensorboard.compat.proto import event_pb2, summary_pb2
from tensorboard.summary.writer.record_writer import RecordWriter

SCALARS = [(1764500000.25, 1, "loss", 2.5), (1764500001.5, 300, "validation/loss", float("nan")),
           (1764500002.0, 70000, "loss", float("-inf"))]


def golden(path):
    with open(path, "wb") as file:
        writer = RecordWriter(file)
        writer.write(event_pb2.Event(wall_time=1764500000.0, file_version="brain.Event:2").SerializeToString())
        for time, step, tag, value in SCALARS:
            summary = summary_pb2.Summary(value=[summary_pb2.Summary.Value(tag=tag, simple_value=value)])
            writer.write(event_pb2.Event(wall_time=time, step=step, summary=summary).SerializeToString())
        writer.flush()


def read(folder):
    from tensorboard.backend.event_processing.event_multiplexer import EventMultiplexer

    multiplexer = EventMultiplexer(size_guidance={"scalars": 0, "tensors": 0})
    multiplexer.AddRunsFromDirectory(folder).Reload()
    for run, tags in sorted(multiplexer.Runs().items()):
        for tag in sorted(tags["scalars"]):
            for event in multiplexer.Scalars(run, tag):
                print(run, tag, event.step, event.wall_time, event.value, sep="\t")


if __name__ == "__main__":
    {"golden": golden, "read": read}[sys.argv[1]](sys.argv[2])
