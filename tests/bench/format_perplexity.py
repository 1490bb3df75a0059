#!/usr/bin/env python3
"""Perplexity of one model in every weight format, by pecia and by llama.cpp on the same file: the
weights are the same, activations are quantised differently, so the two may differ by 1% at most.

    tests/bench/format_perplexity.py BIN [--model F32.gguf] [--texts 12] [--ctx 512]

BIN is llama.cpp's build/bin (llama-quantize, llama-perplexity). Without --model the built-in model
is converted to F32 first. The text is held-out chronicles ('pecia corpus'), cut into the same
windows by both. Files go to out/formats. Prints a table; exits with 1 where a bar does not hold.
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
    answer = json.loads(run([PECIA, "perplexity", "-m", model, "-f", text, "-c", str(ctx),
                             "--json"]).stdout)
    return answer["perplexity"], answer


def theirs(peer, model, text, ctx):
    result = run([f"{peer}/llama-perplexity", "-m", model, "-f", text, "-c", str(ctx), "-t", "2"],
                 env=dict(os.environ, LD_LIBRARY_PATH=peer))
    found = re.search(r"Final estimate: PPL = ([0-9.]+)", result.stdout + result.stderr)
    return float(found.group(1))


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("peer", metavar="BIN", help="build/bin of llama.cpp")
    parser.add_argument("--model", help="F32 GGUF file; the built-in model where absent")
    parser.add_argument("--texts", type=int, default=12)
    parser.add_argument("--ctx", type=int, default=512)
    options = parser.parse_args()
    os.makedirs(FOLDER, exist_ok=True)
    text, master = held_out_text(options.texts), f32_master(options.model)
    failed = False
    print(f"{'format':8} {'bytes':>12} {'pecia':>9} {'llama.cpp':>9} {'ratio':>7}  bar {BAR:.0%}")
    for name, flags in FORMATS:
        model = f"{FOLDER}/{name.lower()}.gguf"
        run([f"{options.peer}/llama-quantize", *flags, master, model, name, "2"],
            env=dict(os.environ, LD_LIBRARY_PATH=options.peer))
        (own, _), other = ours(model, text, options.ctx), theirs(options.peer, model, text,
                                                                 options.ctx)
        holds = abs(own / other - 1) <= BAR
        failed = failed or not holds
        print(f"{name:8} {os.path.getsize(model):12} {own:9.4f} {other:9.4f} {own / other:7.4f}  "
              f"{'holds' if holds else 'SHORT'}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
