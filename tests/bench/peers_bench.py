#!/usr/bin/env python3
"""Every speed and memory bar of the engine in one call, beside llama.cpp and ik_llama.cpp built by
you (their build/bin folders), on the same synthetic tinyllama-1.1b files in alternating rounds.

    tests/bench/peers_bench.py [--llama DIR] [--ik DIR] [--rounds 3] [--only NAME...]

Prints one line a figure: value, denominator, ratio, bar. Needs 8 GB of memory and a quiet machine;
figures are medians over the rounds. Without peers it prints our own figures alone.
"""
import argparse
import json
import os
import statistics
import subprocess
import sys
import time

PECIA = "build/release/bin/pecia"
THREADS = "2"
FORMATS = ("q8_0", "q4_0", "f16")
TG_BARS = {"q8_0": 1.45, "q4_0": 1.5, "f16": None}  # of llama.cpp
PP_BARS = {"q8_0": 4.0, "q4_0": 2.7, "f16": 1.5}
BUSY_FOR_2_MINUTES = "import time\nend = time.monotonic() + 120\nwhile time.monotonic() < end: pass"
IK_PP_BARS = {"q8_0": 2.0}
# Further formats, beside llama.cpp alone: generation and prompt, None where only told.
FORMAT_BARS = {"q4_k_m": (1.2, 2.0), "bf16": (1.2, 2.0), "q5_k": (None, None),
               "q6_k": (None, None), "q4_1": (None, None), "q5_0": (None, None),
               "q5_1": (None, None)}


def run(command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def model(fmt, shape="tinyllama-1.1b"):
    path = f"out/{shape}-{fmt}.gguf"
    if not os.path.exists(path):
        os.makedirs("out", exist_ok=True)
        run([PECIA, "synth", "--shape", shape, "--quant", fmt, "-o", path])
    return path


def ours(fmt, *only):
    command = [PECIA, "bench", "-m", model(fmt), "-t", THREADS, "-r", "3", "--json"]
    for part in only:
        command += ["--only", part]
    return json.loads(run(command))


def peer(folder, fmt, *flags):
    """tokens/s of a prompt of 512 and of 64 tokens generated."""
    text = run([folder + "/llama-bench", "-m", model(fmt), "-t", THREADS, "-p", "512", "-n", "64",
                "-r", "2", "-o", "json", *flags])
    tests = json.loads(text[text.index("["):])
    prompt = next(t["avg_ts"] for t in tests if t["n_prompt"] > 0)
    return prompt, next(t["avg_ts"] for t in tests if t["n_gen"] > 0)


def peer_batch16(folder, fmt):
    text = run([folder + "/llama-batched-bench", "-m", model(fmt), "-c", "4096", "-b", "2048", "-ub",
                "512", "-npp", "16", "-ntg", "48", "-npl", "16", "-t", THREADS])
    row = [r for r in text.splitlines() if r.startswith("|") and "|" in r[1:]][-1]
    return float(row.split("|")[8])


def report(name, value, unit, other=None, peer_name="", bar=None, least=True):
    line = f"{name:34} {value:10.2f} {unit:8}"
    if other:
        ratio = value / other
        line += f" {ratio:6.2f} x {peer_name} {other:.2f}"
        value = ratio
    if bar is not None:
        holds = value >= bar if least else value <= bar
        line += f"  bar {bar:g}: {'holds' if holds else 'SHORT'}"
    print(line, flush=True)


def compare(options):
    for fmt in FORMATS:
        own, llama, ik = [], [], []
        for _ in range(options.rounds):
            own.append(ours(fmt, "pp", "tg"))
            if options.llama:
                llama.append(peer(options.llama, fmt))
            if options.ik and fmt != "f16":
                ik.append(peer(options.ik, fmt, "-rtr", "1"))
        median = {key: statistics.median(o[key] for o in own)
                  for key in ("tg128_tok_s", "pp512_tok_s", "tg_bandwidth_fraction",
                              "bandwidth_gb_s")}
        for name, peers, pp_bars in (("llama.cpp", llama, PP_BARS), ("ik_llama.cpp", ik, IK_PP_BARS)):
            if peers:
                pp, tg = (statistics.median(p[i] for p in peers) for i in (0, 1))
                tg_bar = TG_BARS[fmt] if name == "llama.cpp" else None
                report(f"{fmt} generation", median["tg128_tok_s"], "tok/s", tg, name, tg_bar)
                report(f"{fmt} prompt 512", median["pp512_tok_s"], "tok/s", pp, name,
                       pp_bars.get(fmt))
        if not options.llama:
            report(f"{fmt} generation", median["tg128_tok_s"], "tok/s")
            report(f"{fmt} prompt 512", median["pp512_tok_s"], "tok/s")
        report(f"{fmt} share of {median['bandwidth_gb_s']:.1f} GB/s",
               median["tg_bandwidth_fraction"], "", bar=0.9 if fmt == "q8_0" else None)


def formats(options):
    """The two run by turns, so that a change of the machine's speed meets both."""
    for fmt, bars in FORMAT_BARS.items():
        own, llama = [], []
        for _ in range(options.rounds):
            own.append(ours(fmt, "pp", "tg"))
            if options.llama:
                llama.append(peer(options.llama, fmt))
        for name, key, place in (("generation", "tg128_tok_s", 1), ("prompt 512", "pp512_tok_s", 0)):
            value = statistics.median(o[key] for o in own)
            other = statistics.median(p[place] for p in llama) if llama else None
            report(f"{fmt} {name}", value, "tok/s", other, "llama.cpp",
                   bars[1 - place] if llama else None)


def batch(options):
    own = [next(b["tok_s"] for b in ours("q8_0", "batch")["batch"] if b["sequences"] == 16)
           for _ in range(options.rounds)]
    llama = [peer_batch16(options.llama, "q8_0") for _ in range(options.rounds)] if options.llama \
        else []
    report("q8_0 batch 16", statistics.median(own), "tok/s",
           statistics.median(llama) if llama else None, "llama.cpp", 4.0 if llama else None)


def neighbour(options):
    """One foreign busy thread on the box."""
    kept = {"tg128_tok_s": [], "pp512_tok_s": []}
    for _ in range(options.rounds):
        quiet = ours("q8_0", "pp", "tg")
        hog = subprocess.Popen([sys.executable, "-c", BUSY_FOR_2_MINUTES])
        try:
            busy = ours("q8_0", "pp", "tg")
        finally:
            hog.kill()
            hog.wait()
        for key, shares in kept.items():
            shares.append(busy[key] / quiet[key])
    for key, shares in kept.items():
        report(f"{key} beside a busy thread", statistics.median(shares), "of quiet", bar=0.5)


def first_token(options):
    path, ratios = model("q8_0"), []
    for _ in range(options.rounds + 2):
        begun = time.monotonic()
        run(["dd", f"if={path}", "of=/dev/null", "bs=1M", "status=none"])
        read = time.monotonic() - begun
        begun = time.monotonic()
        run([PECIA, "run", "-m", path, "-p", "Hello", "-n", "1", "--temp", "0", "-t", THREADS])
        ratios.append((time.monotonic() - begun) / read)
    report("run of one token, of dd", statistics.median(ratios[2:]), "x", bar=2.5, least=False)


def memory(_):
    path = model("q8_0")
    process = subprocess.Popen([PECIA, "run", "-m", path, "-p", "Hello", "-n", "8", "-t", THREADS],
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    assert status == 0
    share = usage.ru_maxrss * 1024 / os.path.getsize(path)
    report("resident memory, of the file", share, "x", bar=1.15, least=False)


def long_text(_):
    """8,192 tokens read and 256 written at the smollm2-135m shape."""
    path = model("q8_0", "smollm2-135m")
    for tokens in (1_024, 2_048, 4_096, 8_192):
        prompt = "out/long.txt"
        with open(prompt, "w", encoding="utf-8") as file:
            file.write("a " * (tokens // 2))
        begun = time.monotonic()
        process = subprocess.Popen([PECIA, "run", "-m", path, "-f", prompt, "-n", "256", "-t",
                                    THREADS, "--ignore-eos", "--json"], stdout=subprocess.PIPE,
                                   stderr=subprocess.DEVNULL, text=True)
        answer = json.loads(process.stdout.read())
        _, status, usage = os.wait4(process.pid, 0)
        assert status == 0
        print(f"{answer.get('prompt_tokens', tokens)} tokens read, 256 written: "
              f"{time.monotonic() - begun:.1f} s, {usage.ru_maxrss / 1024:.0f} MiB", flush=True)


PARTS = {"compare": compare, "formats": formats, "batch": batch, "neighbour": neighbour,
         "first_token": first_token, "memory": memory, "long_text": long_text}


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--llama", help="build/bin of llama.cpp")
    parser.add_argument("--ik", help="build/bin of ik_llama.cpp")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", nargs="*", choices=PARTS, default=list(PARTS))
    options = parser.parse_args()
    for name in options.only:
        PARTS[name](options)


if __name__ == "__main__":
    main()
