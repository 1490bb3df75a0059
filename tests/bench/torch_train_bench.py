#!/usr/bin/env python3
"""The step of train_bench in PyTorch, for a paired comparison on one machine. Needs Debian's
python3-torch (1.13) and libopenblas0-pthread.
    torch_train_bench.py [THREADS] [LENGTH...]"""
import math
import sys
import time

import torch
import torch.nn.functional as F

LAYERS, WIDTH, HEADS, KV_HEADS, HEAD_DIM, FFN, VOCABULARY = 4, 256, 8, 4, 32, 768, 5120
BATCH_TOKENS, PASS_ROWS, RUNS = 8192, 2048, 5


class Layer(torch.nn.Module):
    def __init__(self):
        super().__init__()
        key = KV_HEADS * HEAD_DIM
        self.attention_norm = torch.nn.Parameter(torch.ones(WIDTH))
        self.ffn_norm = torch.nn.Parameter(torch.ones(WIDTH))
        self.qkv = torch.nn.Linear(WIDTH, HEADS * HEAD_DIM + 2 * key, bias=False)
        self.o = torch.nn.Linear(HEADS * HEAD_DIM, WIDTH, bias=False)
        self.gate_up = torch.nn.Linear(WIDTH, 2 * FFN, bias=False)
        self.down = torch.nn.Linear(FFN, WIDTH, bias=False)

    def forward(self, x, cos, sin, mask):
        batch, n, _ = x.shape
        key = KV_HEADS * HEAD_DIM
        q, k, v = self.qkv(norm(x, self.attention_norm)).split([HEADS * HEAD_DIM, key, key], -1)
        q = rotated(q.view(batch, n, HEADS, HEAD_DIM).transpose(1, 2), cos, sin)
        k = rotated(k.view(batch, n, KV_HEADS, HEAD_DIM).transpose(1, 2), cos, sin)
        v = v.view(batch, n, KV_HEADS, HEAD_DIM).transpose(1, 2)
        k = k.repeat_interleave(HEADS // KV_HEADS, 1)
        v = v.repeat_interleave(HEADS // KV_HEADS, 1)
        p = (q @ k.transpose(-1, -2) / math.sqrt(HEAD_DIM) + mask).softmax(-1)
        x = x + self.o((p @ v).transpose(1, 2).reshape(batch, n, HEADS * HEAD_DIM))
        gate, up = self.gate_up(norm(x, self.ffn_norm)).chunk(2, -1)
        return x + self.down(F.silu(gate) * up)


def norm(x, weight):
    return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-5) * weight


def rotated(x, cos, sin):
    half = HEAD_DIM // 2
    a, b = x[..., :half], x[..., half:]
    return torch.cat([a * cos - b * sin, a * sin + b * cos], -1)


class Model(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = torch.nn.Embedding(VOCABULARY, WIDTH)
        self.layers = torch.nn.ModuleList([Layer() for _ in range(LAYERS)])
        self.output_norm = torch.nn.Parameter(torch.ones(WIDTH))

    def forward(self, ids):
        n = ids.shape[1]
        frequency = 10000.0 ** (-2.0 * torch.arange(HEAD_DIM // 2) / HEAD_DIM)
        angle = torch.arange(n)[:, None] * frequency[None, :]
        mask = torch.full((n, n), -math.inf).triu(1)
        x = self.embedding(ids)
        for layer in self.layers:
            x = layer(x, angle.cos(), angle.sin(), mask)
        return norm(x, self.output_norm) @ self.embedding.weight.T


def step(model, optimiser, length):
    batch = max(1, BATCH_TOKENS // length)
    rows = max(1, min(batch, PASS_ROWS // length))
    optimiser.zero_grad()
    for first in range(0, batch, rows):
        ids = torch.randint(VOCABULARY, (min(rows, batch - first), length + 1))
        logits = model(ids[:, :-1])
        loss = F.cross_entropy(logits.reshape(-1, VOCABULARY), ids[:, 1:].reshape(-1),
                               reduction="sum") / (batch * length)
        loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimiser.step()


threads = int(sys.argv[1]) if len(sys.argv) > 1 else 2
torch.set_num_threads(threads)
model = Model()
optimiser = torch.optim.AdamW(model.parameters(), lr=1e-3, betas=(0.9, 0.95), weight_decay=0.1)
for length in [int(a) for a in sys.argv[2:]] or [128, 256, 512, 1024, 2048]:
    step(model, optimiser, length)
    seconds = []
    for _ in range(RUNS):
        start = time.perf_counter()
        step(model, optimiser, length)
        seconds.append(time.perf_counter() - start)
    tokens = max(1, BATCH_TOKENS // length) * length
    print("length %5d: %8.0f tokens/s (torch %s, %d threads)"
          % (length, tokens / sorted(seconds)[RUNS // 2], torch.__version__, threads))
