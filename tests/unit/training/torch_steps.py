#!/usr/bin/env python3
"""Ten steps of AdamW on a tiny llama in PyTorch, in double: the independent implementation behind
torch_steps_test.cpp. Prints the rows of its table. Needs Debian's python3-torch (1.13)."""
import math

import torch

torch.set_default_dtype(torch.float64)

LAYERS, WIDTH, HEADS, KV_HEADS, HEAD_DIM, FFN, VOCABULARY = 2, 64, 2, 1, 32, 96, 50
STEPS, BATCH, WARMUP, PEAK, FLOOR = 10, 8, 3, 1e-2, 1e-3


def pattern(tensor, count, scale):
    index = torch.arange(count, dtype=torch.int64)
    bits = (index * 2654435761 + (tensor + 1) * 97003) % 2**32
    return ((bits.double() / 2**32 * 2 - 1) * scale).float().double()


def parameters(tied):
    shapes = [(VOCABULARY, WIDTH), (WIDTH,)] + ([] if tied else [(VOCABULARY, WIDTH)])
    key = KV_HEADS * HEAD_DIM
    for _ in range(LAYERS):
        shapes += [(WIDTH,), (HEADS * HEAD_DIM, WIDTH), (key, WIDTH), (key, WIDTH),
                   (WIDTH, HEADS * HEAD_DIM), (WIDTH,), (FFN, WIDTH), (FFN, WIDTH), (WIDTH, FFN)]
    made = []
    for tensor, shape in enumerate(shapes):
        values = pattern(tensor, math.prod(shape), 0.2)
        values = (1 + values).float().double() if len(shape) == 1 else values
        made.append(torch.nn.Parameter(values.reshape(shape)))
    return made


def tokens_of(step, index):
    length = 5 + (step * 3 + index * 7) % 28
    return [(i * i * 7919 + i * 31 + step * 104729 + index * 1299709) % VOCABULARY
            for i in range(length)]


def norm(x, weight):
    return x / torch.sqrt((x * x).mean(-1, keepdim=True) + 1e-5) * weight


def rotated(x):  # (positions, heads, head_dim)
    half = HEAD_DIM // 2
    frequency = 10000.0 ** (-2.0 * torch.arange(half) / HEAD_DIM)
    angle = torch.arange(x.shape[0])[:, None] * frequency[None, :]
    c, s = angle.cos()[:, None, :], angle.sin()[:, None, :]
    a, b = x[..., :half], x[..., half:]
    return torch.cat([a * c - b * s, a * s + b * c], -1)


def attention(x, q, k, v, o):
    n = x.shape[0]
    queries = rotated((x @ q.T).reshape(n, HEADS, HEAD_DIM))
    keys = rotated((x @ k.T).reshape(n, KV_HEADS, HEAD_DIM))
    values = (x @ v.T).reshape(n, KV_HEADS, HEAD_DIM)
    keys = keys.repeat_interleave(HEADS // KV_HEADS, 1)
    values = values.repeat_interleave(HEADS // KV_HEADS, 1)
    scores = torch.einsum("qhd,khd->hqk", queries, keys) / math.sqrt(HEAD_DIM)
    mask = torch.ones(n, n, dtype=torch.bool).triu(1)
    p = scores.masked_fill(mask, -math.inf).softmax(-1)
    return torch.einsum("hqk,khd->qhd", p, values).reshape(n, HEADS * HEAD_DIM) @ o.T


def logits(parameter_list, tied, ids):
    rest = list(parameter_list)
    embedding, output_norm = rest.pop(0), rest.pop(0)
    head = embedding if tied else rest.pop(0)
    x = embedding[torch.tensor(ids)]
    for _ in range(LAYERS):
        attention_norm, q, k, v, o, ffn_norm, gate, up, down = [rest.pop(0) for _ in range(9)]
        x = x + attention(norm(x, attention_norm), q, k, v, o)
        y = norm(x, ffn_norm)
        x = x + (torch.nn.functional.silu(y @ gate.T) * (y @ up.T)) @ down.T
    return norm(x, output_norm) @ head.T


def rate(step):
    if step < WARMUP:
        return PEAK * (step + 1) / WARMUP
    part = (step - WARMUP) / (STEPS - WARMUP)
    return FLOOR + (PEAK - FLOOR) * 0.5 * (1 + math.cos(math.pi * part))


def run(tied):
    made = parameters(tied)
    groups = [{"params": [p for p in made if p.dim() == 2], "weight_decay": 0.1},
              {"params": [p for p in made if p.dim() == 1], "weight_decay": 0.0}]
    optimiser = torch.optim.AdamW(groups, lr=PEAK, betas=(0.9, 0.95), eps=1e-8)
    for step in range(STEPS):
        total, weight = 0.0, 0.0
        for index in range(BATCH):
            ids = tokens_of(step, index)
            w = torch.tensor([[0.0, 2.0, 1.0, 1.0][i % 4] for i in range(len(ids) - 1)])
            nll = torch.nn.functional.cross_entropy(
                logits(made, tied, ids[:-1]), torch.tensor(ids[1:]), reduction="none")
            total = total + (w * nll).sum()
            weight += w.sum().item()
        loss = total / weight
        optimiser.zero_grad()
        loss.backward()
        gradient_norm = torch.nn.utils.clip_grad_norm_(made, 1.0)
        for group in optimiser.param_groups:
            group["lr"] = rate(step)
        optimiser.step()
        print("    {%.12f, %.12f}," % (loss.item(), gradient_norm.item()))


for tied in (False, True):
    print("// tied" if tied else "// untied")
    run(tied)
