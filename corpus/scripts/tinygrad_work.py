"""Trains or runs a small network without end (tinygrad). Arguments: train|infer, width."""
import os
import sys

os.environ["DEV"] = "CPU"
from tinygrad import Tensor, TinyJit, nn
from tinygrad.helpers import Context

task, width = sys.argv[1], int(sys.argv[2])
layers = [nn.Linear(width, width) for _ in range(3)] + [nn.Linear(width, 10)]
x = Tensor.randn(64, width).realize()
y = Tensor.randint(64, low=0, high=10).realize()


def run(x):
    for layer in layers[:-1]:
        x = layer(x).relu()
    return layers[-1](x)


optimizer = nn.optim.Adam([p for layer in layers for p in (layer.weight, layer.bias)])


@TinyJit
def train():
    optimizer.zero_grad()
    loss = run(x).sparse_categorical_crossentropy(y).backward()
    optimizer.step()
    return loss.realize()


@TinyJit
def infer():
    return run(x).realize()


step = train if task == "train" else infer
with Context(TRAINING=int(task == "train")):
    for _ in range(4):
        step()
    print("ready", flush=True)
    while True:
        step().numpy()
