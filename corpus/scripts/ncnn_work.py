"""Inference of one random network without end (ncnn). Arguments: conv|dense, threads."""
import sys
import tempfile

import ncnn
import numpy as np

kind, threads = sys.argv[1], int(sys.argv[2])
draw = np.random.default_rng(1)
lines, weights = [], b""
if kind == "conv":
    shape, sizes = (3, 112, 112), [3, 32, 64, 64, 64, 32]
else:
    shape, sizes = (2048,), [2048] * 5
lines.append("Input x 0 1 b0 " + " ".join(f"{i}={n}" for i, n in enumerate(reversed(shape))))
for i, (a, b) in enumerate(zip(sizes, sizes[1:])):
    count = a * b * (9 if kind == "conv" else 1)
    rest = f"0={b} 1=3 4=1 5=1 6={count} 9=1" if kind == "conv" else f"0={b} 1=1 2={count} 9=1"
    lines.append(f"{'Convolution' if kind == 'conv' else 'InnerProduct'} l{i} 1 1 b{i} b{i + 1} {rest}")
    weights += bytes(4) + (draw.normal(size=count) * 0.05).astype(np.float32).tobytes() + bytes(4 * b)
with tempfile.TemporaryDirectory() as folder:
    with open(folder + "/p", "w") as file:
        file.write(f"7767517\n{len(lines)} {len(lines)}\n" + "\n".join(lines) + "\n")
    with open(folder + "/w", "wb") as file:
        file.write(weights)
    net = ncnn.Net()
    net.opt.num_threads, net.opt.use_vulkan_compute = threads, False
    if net.load_param(folder + "/p") or net.load_model(folder + "/w"):
        sys.exit("the network was refused")
x = ncnn.Mat(draw.normal(size=shape).astype(np.float32))
print("ready", flush=True)
while True:
    run = net.create_extractor()
    run.input("b0", x)
    run.extract(f"b{len(lines) - 1}")
