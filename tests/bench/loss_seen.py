#!/usr/bin/env python3
"""How soon a cluster notices that a worker died or stands still, and gives its work to another.

    tests/bench/loss_seen.py [--blows 10]

A coordinator with a cache and three workers write jobs on loopback. Midway a worker gets SIGKILL
(and is started again) or SIGSTOP (and SIGCONT once it was given up); the times at which its
attempts were given up and placed again are those of the job's journal, as `pecia explain` tells
them. Prints the milliseconds from the blow to both: median and worst.
"""
import argparse
import signal
import statistics
import tempfile
import time

from cluster_cpu_bench import config_of, start_node, write
from steady_soak import story_of

STOPPED_S = 2.5


def placed_again(rows, at):
    """The row that places what row `at` took away."""
    return next((row for row in rows[at + 1:] if row["what"] == "placed"
                 and row["step"] == rows[at]["step"]), None)


def strike(config, nodes, name, job, blow, folder, flags):
    """Milliseconds to each attempt given up, and from there to the next one."""
    writer = write(f"{folder}/out.md", flags, "--cluster", config, "--job", job)
    time.sleep(flags.midway_s)
    at_ms = time.time() * 1e3
    nodes[name].send_signal(blow)
    if blow == signal.SIGKILL:
        nodes[name].wait()
        nodes[name] = start_node(config, name)
    else:
        time.sleep(STOPPED_S)
        nodes[name].send_signal(signal.SIGCONT)
    if writer.wait() != 0:
        raise SystemExit(f"{job} failed")
    rows = story_of(job, config)["rows"]
    seen, again = [], []
    for i, row in enumerate(rows):
        if row["what"] != "left" or row["node"] != name or row["unix_ms"] < at_ms - 1:
            continue
        seen.append(row["unix_ms"] - at_ms)
        placed = placed_again(rows, i)
        if placed:
            again.append(placed["unix_ms"] - row["unix_ms"])
    return seen, again


def told(what, values):
    if not values:
        return f"{what}: none"
    return f"{what}: median {statistics.median(values):.0f}, worst {max(values):.0f} of {len(values)}"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--blows", type=int, default=10, help="of each kind")
    parser.add_argument("--tokens", type=int, default=12000, help="of a job")
    parser.add_argument("--midway-s", type=float, default=1.0, help="when in a job the blow falls")
    parser.add_argument("--threads", type=int, default=1, help="of each engine")
    parser.add_argument("--batch", type=int, default=16, help="sequences of an engine step")
    parser.add_argument("--outline", default="config/demo/chronicle.md")
    flags = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        config, names = config_of(folder, 3, flags)
        nodes = {name: start_node(config, name) for name in names}
        try:
            for blow, word in ((signal.SIGKILL, "death"), (signal.SIGSTOP, "hang")):
                seen, again = [], []
                for i in range(flags.blows):
                    name = names[1 + i % 3]
                    more = strike(config, nodes, name, f"{word}-{i}", blow, folder, flags)
                    seen += more[0][:1]  # all attempts of a node are given up together
                    again += more[1]
                print(told(f"{word} seen, ms", seen), flush=True)
                print(told("then placed again, ms", again), flush=True)
        finally:
            for node in nodes.values():
                node.kill()


if __name__ == "__main__":
    main()
