#!/usr/bin/env python3
"""How often a cluster to which nothing happens takes work away from a worker: it should be never.

    tests/bench/steady_soak.py [--minutes 30] [--workers 3] [--tokens 18000]

A coordinator with a cache and some workers write one job after the other with all cores of the
machine, on loopback, and `pecia explain` tells of each job which attempts were lost, and why. What
else runs on the machine makes the figure harder. Ends by itself; prints a line a minute.
"""
import argparse
import collections
import json
import subprocess
import tempfile
import time

from cluster_cpu_bench import PECIA, config_of, digest, start_node, write


def story_of(job, config):
    text = subprocess.run([PECIA, "explain", job, "--cluster", config, "--json"],
                          capture_output=True, text=True, check=True).stdout
    return json.loads(text)


def soak(folder, flags):
    config, names = config_of(folder, flags.workers, flags)
    nodes = [start_node(config, name) for name in names]
    lost, jobs, placed, documents = collections.Counter(), 0, 0, set()
    begin = told = time.monotonic()
    try:
        while time.monotonic() < begin + 60 * flags.minutes:
            name = f"job-{jobs}"
            if write(f"{folder}/out.md", flags, "--cluster", config, "--job", name).wait() != 0:
                raise SystemExit(f"{name} failed")
            rows = story_of(name, config)["rows"]
            placed += sum(row["what"] == "placed" for row in rows)
            lost.update(row["reason"] for row in rows if row["what"] == "left")
            documents.add(digest(f"{folder}/out.md"))
            jobs += 1
            if time.monotonic() >= told + 60:
                told = time.monotonic()
                print(f"{(told - begin) / 60:.0f} min: {jobs} jobs, {placed} attempts, "
                      f"taken away {dict(lost)}", flush=True)
        if any(node.poll() is not None for node in nodes):
            raise SystemExit("a node ended")
    finally:
        for node in nodes:
            node.kill()
    minutes = (time.monotonic() - begin) / 60
    print(f"{minutes:.1f} min, {flags.workers} workers, {jobs} jobs, {placed} attempts: "
          f"{sum(lost.values())} taken away {dict(lost)}, {len(documents)} different documents")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--workers", type=int, default=3)
    parser.add_argument("--tokens", type=int, default=18000, help="of a job")
    parser.add_argument("--threads", type=int, default=1, help="of each engine")
    parser.add_argument("--batch", type=int, default=16, help="sequences of an engine step")
    parser.add_argument("--outline", default="config/demo/chronicle.md")
    with tempfile.TemporaryDirectory() as folder:
        soak(folder, parser.parse_args())


if __name__ == "__main__":
    main()
