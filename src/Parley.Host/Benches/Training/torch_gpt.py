"""The peer of `parley bench training`: the same GPT in PyTorch, as one would write it.

    python3 torch_gpt.py WEIGHTS.safetensors TOKENS.i32 LAYERS HEADS CONTEXT BATCH THREADS [bf16]

Answers questions from stdin, one a line, with one number each: "step N" trains on batch N and says the seconds it took, "loss" the
loss of the last step, "memory" the bytes of the largest resident set. The first line it writes is its version.
"""
import json
import sys
import time

import numpy
import torch
import torch.nn as nn
import torch.nn.functional as F

# 1.13 has it under a private name, with the weights as a second result.
sdpa = getattr(F, "scaled_dot_product_attention", None)
private = getattr(F, "_scaled_dot_product_attention", None)


def attend(q, k, v):
    if sdpa is not None:
        return sdpa(q, k, v, is_causal=True)
    return private(q, k, v, None, 0.0, False, True)[0]


class Block(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.up, self.down = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def forward(self, x):
        batch, length, width = x.shape
        q, k, v = self.qkv(self.norm1(x)).split(width, dim=2)
        q, k, v = (t.view(batch, length, self.heads, width // self.heads).transpose(1, 2) for t in (q, k, v))
        x = x + self.out(attend(q, k, v).transpose(1, 2).reshape(batch, length, width))
        return x + self.down(F.gelu(self.up(self.norm2(x)), approximate="tanh"))


class GPT(nn.Module):
    def __init__(self, vocabulary, width, layers, heads, context):
        super().__init__()
        self.tokens, self.positions = nn.Embedding(vocabulary, width), nn.Embedding(context, width)
        self.blocks = nn.ModuleList(Block(width, heads) for _ in range(layers))
        self.norm = nn.LayerNorm(width)

    def forward(self, ids, targets):
        x = self.tokens(ids) + self.positions.weight[: ids.shape[1]]
        for block in self.blocks:
            x = block(x)
        logits = F.linear(self.norm(x), self.tokens.weight)
        return F.cross_entropy(logits.view(-1, logits.shape[-1]), targets.reshape(-1))

    def load(self, read):
        put(self.tokens.weight, read("model.embed_tokens.weight"))
        put(self.positions.weight, read("model.embed_positions.weight"))
        load_pair(self.norm, read, "model.norm")
        for i, block in enumerate(self.blocks):
            layer = f"model.layers.{i}."
            load_pair(block.norm1, read, layer + "input_layernorm")
            load_pair(block.norm2, read, layer + "post_attention_layernorm")
            attention = [layer + f"self_attn.{name}_proj" for name in "qkv"]
            put(block.qkv.weight, torch.cat([read(name + ".weight") for name in attention]))
            put(block.qkv.bias, torch.cat([read(name + ".bias") for name in attention]))
            load_pair(block.out, read, layer + "self_attn.o_proj")
            load_pair(block.up, read, layer + "mlp.up_proj")
            load_pair(block.down, read, layer + "mlp.down_proj")


def put(parameter, value):
    with torch.no_grad():
        parameter.copy_(value)


def load_pair(module, read, name):
    put(module.weight, read(name + ".weight"))
    put(module.bias, read(name + ".bias"))


def open_safetensors(path):
    data = numpy.memmap(path, dtype=numpy.uint8, mode="r")
    length = int.from_bytes(bytes(data[:8]), "little")
    header = json.loads(bytes(data[8 : 8 + length]))

    def read(name):
        first, end = header[name]["data_offsets"]
        return torch.from_numpy(data[8 + length + first : 8 + length + end].view(numpy.float32).reshape(header[name]["shape"]).copy())

    return read, header


def peak_memory():
    with open("/proc/self/status") as status:
        return 1024 * int(next(line for line in status if line.startswith("VmHWM:")).split()[1])


def main():
    weights, tokens, (layers, heads, context, batch, threads) = sys.argv[1], sys.argv[2], map(int, sys.argv[3:8])
    low = sys.argv[8:] == ["bf16"]
    torch.set_num_threads(threads)
    read, header = open_safetensors(weights)
    vocabulary, width = header["model.embed_tokens.weight"]["shape"]
    with torch.no_grad():
        model = GPT(vocabulary, width, layers, heads, context)
        model.load(read)
    del read
    decayed = [p for p in model.parameters() if p.dim() >= 2]
    others = [p for p in model.parameters() if p.dim() < 2]
    groups = [{"params": decayed, "weight_decay": 0.1}, {"params": others, "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW(groups, lr=1e-3, betas=(0.9, 0.95), eps=1e-8, foreach=True)
    rows = numpy.fromfile(tokens, dtype=numpy.int32).reshape(-1, batch, context + 1)
    print(torch.__version__, flush=True)
    loss = None
    for line in sys.stdin:
        words = line.split()
        if not words:
            break
        if words[0] == "step":
            ids = torch.from_numpy(rows[int(words[1]) % len(rows)].astype(numpy.int64))
            start = time.perf_counter()
            with torch.autocast("cpu", dtype=torch.bfloat16, enabled=low):
                loss = model(ids[:, :-1], ids[:, 1:])
            loss.backward()
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
            print(time.perf_counter() - start, flush=True)
        elif words[0] == "loss":
            print(loss.item(), flush=True)
        elif words[0] == "memory":
            print(peak_memory(), flush=True)
        else:
            sys.exit(f"'{line.strip()}' is no question of the bench.")


main()
