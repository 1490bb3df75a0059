#!/usr/bin/env python3
"""Perplexity of one model in every weight format, by pecia and by llama.cpp on the same file: the
weights are the same, activations are quantised differently, so the two may differ by 1% at most.

    tests/bench/format_perplexity.py BIN [BIN...] [--model F32.gguf] [--texts 12] [--ctx 512]

BIN is a peer's build/bin: the first one's llama-quantize makes the files, every one's
llama-perplexity reads them, and the bar is held against the first; where that fails, others tell who
is wrong. (Seen on a CPU with AMX: llama.cpp of February 2025 gave 7.4 and 6.5 for Q4_0 and Q4_1,
where ik_llama.cpp gave 2.12 and 2.11 for the same files, as pecia did.) Without --model the built-in
model is converted to F32 first. The text is held-out chronicles ('pecia corpus'), cut into the same
windows by all. Files go to out/formats. Prints a table; exits with 1 where a bar does not hold.
"""
import argparse
import json
import os
import re
import subprocess
import sys

PECIA = "build/release/bin/pecia"
BUILT_IN = "config/chronicle/pecia-chronicle-q8_0.gguf"
FOLDER = "out/formats"
# Names of llama-quantize; --pure gives every matrix the format, else a mix with Q6_K.
FORMATS = (("F32", []), ("F16", []), ("BF16", []), ("Q8_0", []), ("Q4_0", ["--pure"]),
           ("Q4_1", ["--pure"]), ("Q5_0", ["--pure"]), ("Q5_1", ["--pure"]),
           ("Q4_K_S", ["--pure"]), ("Q5_K_S", ["--pure"]), ("Q6_K", ["--pure"]), ("Q4_K_M", []),
           ("Q5_K_M", []))
BAR = 0.01


def run(command, **more):
    result = subprocess.run(command, capture_output=True, text=True, errors="replace",
                            check=False, **more)
    if result.returncode != 0:
        sys.exit(f"{' '.join(command)}: exit code {result.returncode}\n{result.stderr[-2000:]}")
    return result


def held_out_text(texts):
    path = f"{FOLDER}/text.txt"
    text = run([PECIA, "corpus", "--split", "held-out", "--count", str(texts)]).stdout
    with open(path, "w", encoding="utf-8") as file:
        file.write("\n".join(line for line in text.splitlines() if line != "%%"))
    return path


def f32_master(model):
    if model:
        return model
    path = f"{FOLDER}/master.gguf"
    run([PECIA, "convert", BUILT_IN, path, "--to", "f32"])
    return path


def ours(model, text, ctx):
    return json.loads(run([PECIA, "perplexity", "-m", model, "-f", text, "-c", str(ctx),
                           "--json"]).stdout)["perplexity"]


def environment(peer):
    build = os.path.dirname(peer.rstrip("/"))
    return dict(os.environ, LD_LIBRARY_PATH=f"{peer}:{build}/src:{build}/ggml/src")


def theirs(peer, model, text, ctx):
    result = run([f"{peer}/llama-perplexity", "-m", model, "-f", text, "-c", str(ctx), "-t", "2"],
                 env=environment(peer))
    found = re.search(r"Final estimate: PPL.* = ([0-9.]+)", result.stdout + result.stderr)
    return float(found.group(1))


def row(options, name, flags, text, master):
    """Prints one format's line; true where the bar holds."""
    model = f"{FOLDER}/{name.lower()}.gguf"
    run([f"{options.peers[0]}/llama-quantize", *flags, master, model, name, "2"],
        env=environment(options.peers[0]))
    own = ours(model, text, options.ctx)
    others = [theirs(peer, model, text, options.ctx) for peer in options.peers]
    holds = abs(own / others[0] - 1) <= BAR
    print(f"{name:8} {os.path.getsize(model):12} {own:9.4f} "
          + " ".join(f"{other:9.4f} {own / other:7.4f}" for other in others)
          + f"  {'holds' if holds else 'SHORT'}", flush=True)
    return holds


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("peers", metavar="BIN", nargs="+", help="build/bin of llama.cpp")
    parser.add_argument("--model", help="F32 GGUF file; the built-in model where absent")
    parser.add_argument("--texts", type=int, default=12)
    parser.add_argument("--ctx", type=int, default=512)
    options = parser.parse_args()
    os.makedirs(FOLDER, exist_ok=True)
    text, master = held_out_text(options.texts), f32_master(options.model)
    print(f"{'format':8} {'bytes':>12} {'pecia':>9} "
          + " ".join(f"{'peer':>9} {'ratio':>7}" for _ in options.peers) + f"  bar {BAR:.0%}")
    held = [row(options, name, flags, text, master) for name, flags in FORMATS]
    return 0 if all(held) else 1


if __name__ == "__main__":
    sys.exit(main())
