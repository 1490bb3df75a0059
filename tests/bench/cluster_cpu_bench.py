#!/usr/bin/env python3
"""What a cluster costs: CPU time of the same job in one process and by nodes of its own, in
alternating rounds.

    tests/bench/cluster_cpu_bench.py [--rounds 5] [--tokens 24000] [--workers 1] [--threads 1]

One process is `pecia write`; the nodes are a coordinator with a cache and one or more workers, with
`pecia write --cluster` as their client. Counted is the time of all processes, from their start to
their end. With one thread an engine no thread waits for another by spinning, which would count as
work. All listen on loopback, on ports the system gives, and end with this program.
"""
import argparse
import hashlib
import resource
import signal
import socket
import statistics
import subprocess
import tempfile

PECIA = "build/release/bin/pecia"
DEADLINE_S = 600


def cpu_seconds(processes):
    """Ends all but the first, which ends by itself; user and system seconds of them all."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    if processes[0].wait(DEADLINE_S) != 0:
        raise SystemExit(f"{processes[0].args} failed")
    for process in processes[1:]:
        process.send_signal(signal.SIGTERM)
    for process in processes[1:]:
        process.wait(DEADLINE_S)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def free_ports(count):
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [s.getsockname()[1] for s in sockets]
    for s in sockets:
        s.close()
    return ports


def config_of(folder, workers, flags):
    ports = free_ports(workers + 1)
    rows = [("head", '["coordinator", "cache"]')]
    rows += [(f"worker-{i + 1}", '["worker"]') for i in range(workers)]
    text = f'[cluster]\nname = "bench"\ndata_dir = "{folder}/data"\n[write]\ncache = "cluster"\n'
    for (name, roles), port in zip(rows, ports):
        text += (f'[[node]]\nname = "{name}"\naddress = "127.0.0.1:{port}"\nroles = {roles}\n'
                 f"threads = {flags.threads}\n")
        if "worker" in roles:
            text += f"batch_max = {flags.batch}\n"
    path = f"{folder}/cluster.toml"
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return path, [name for name, _ in rows]


def start_node(config, name):
    return subprocess.Popen([PECIA, "node", "--config", config, "--name", name],
                            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def write(output, flags, *more):
    command = [PECIA, "write", "--outline", flags.outline, "-n", str(flags.tokens), "--ignore-eos",
               "-o", output, *more]
    return subprocess.Popen(command, stderr=subprocess.DEVNULL)


def alone(folder, flags):
    return cpu_seconds([write(f"{folder}/alone.md", flags, "-t", str(flags.threads), "--job-dir",
                              f"{folder}/job", "--batch-max", str(flags.batch))])


def clustered(folder, flags):
    config, names = config_of(folder, flags.workers, flags)
    nodes = [start_node(config, name) for name in names]
    try:
        return cpu_seconds([write(f"{folder}/clustered.md", flags, "--cluster", config)] + nodes)
    finally:
        for node in nodes:
            node.kill()


def digest(path):
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--tokens", type=int, default=24000, help="of the document")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1, help="of each engine")
    parser.add_argument("--batch", type=int, default=16, help="sequences of an engine step")
    parser.add_argument("--outline", default="config/demo/chronicle.md")
    flags = parser.parse_args()
    ratios = []
    for round_number in range(flags.rounds):
        with tempfile.TemporaryDirectory() as folder:
            one, many = alone(folder, flags), clustered(folder, flags)
            if digest(f"{folder}/alone.md") != digest(f"{folder}/clustered.md"):
                raise SystemExit("the documents differ")
            ratios.append(many / one)
            print(f"round {round_number + 1}: one process {one:.2f} s, {flags.workers + 1} nodes "
                  f"and a client {many:.2f} s: {many / one:.3f}x", flush=True)
    print(f"median {statistics.median(ratios):.3f}x of {flags.rounds} rounds, documents equal")


if __name__ == "__main__":
    main()
