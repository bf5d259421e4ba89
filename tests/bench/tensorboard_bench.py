"""Loads event files as TensorBoard does, for tests/bench/series_bench.cpp to be compared with: time, processor time, memory.

    dskd tensorboard 'group:series' --to EVENTS -w WORKSPACE
    python tensorboard_bench.py EVENTS [SAMPLES]

SAMPLES: scalars that are kept of one series. TensorBoard's default is 1000, chosen at random; 0 keeps all of them.
Needs the PyPI package tensorboard. Its ingester runs in this process, with its own default of threads.
"""

import argparse
import os
import platform
import resource
import sys
import time
from importlib.metadata import version

from tensorboard.backend.event_processing.data_ingester import LocalDataIngester
from tensorboard.context import RequestContext


def processor_seconds():
    use = resource.getrusage(resource.RUSAGE_SELF)
    return use.ru_utime + use.ru_stime


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    logdir = os.path.abspath(sys.argv[1])
    samples = int(sys.argv[2]) if len(sys.argv) > 2 else 1000
    flags = argparse.Namespace(
        logdir=logdir, logdir_spec="", samples_per_plugin={"scalars": samples}, purge_orphaned_data=True,
        max_reload_threads=1, detect_file_replacement=None, reload_interval=0, reload_task="blocking",
        reload_multifile=False, reload_multifile_inactive_secs=86400)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    began, used = time.monotonic(), processor_seconds()
    ingester = LocalDataIngester(flags)
    ingester.start()
    loaded, loaded_used = time.monotonic() - began, processor_seconds() - used

    provider = ingester.data_provider
    context = RequestContext()
    series = provider.list_scalars(context, experiment_id=logdir, plugin_name="scalars")
    asked = time.monotonic()
    read = provider.read_scalars(context, experiment_id=logdir, plugin_name="scalars", downsample=10**9)
    points = sum(len(data) for by_tag in read.values() for data in by_tag.values())
    answered = time.monotonic() - asked

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    size = sum(os.path.getsize(os.path.join(folder, name)) for folder, _, names in os.walk(logdir) for name in names)
    print(f"tensorboard {version('tensorboard')}, Python {platform.python_version()}, {platform.machine()}")
    print(f"{len(series)} runs, {sum(len(tags) for tags in series.values())} series, {size / 2**20:.0f} MiB of events, "
          f"{samples or 'all'} scalars kept of each")
    print(f"loaded after {loaded:.2f} s, {loaded_used:.2f} s of processor time")
    print(f"all series handed out in {answered:.2f} s: {points} points")
    print(f"peak memory {peak:.0f} MiB, of which {before:.0f} MiB before loading")


if __name__ == "__main__":
    main()
