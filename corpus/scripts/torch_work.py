"""PyTorch on the CPU without end: training or inference of a small random model.

Arguments: train|infer, mlp|cnn|transformer|lstm, fp32|bf16|int8, threads, width.
"""
import sys
import torch
from torch import nn

mode, kind, dtype, threads, width = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]), int(sys.argv[5])
torch.manual_seed(1)
torch.set_num_threads(threads)


class Sequence(nn.Module):
    """A recurrent network read at its last step."""

    def __init__(self):
        super().__init__()
        self.cell = nn.LSTM(64, width, 2, batch_first=True)
        self.out = nn.Linear(width, 10)

    def forward(self, x):
        return self.out(self.cell(x)[0][:, -1])


def model():
    if kind == "mlp":
        return nn.Sequential(nn.Linear(64, width), nn.ReLU(), nn.Linear(width, width), nn.ReLU(), nn.Linear(width, 10))
    if kind == "cnn":
        return nn.Sequential(nn.Conv2d(3, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(32, 64, 3, padding=1),
                             nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(64 * 64, 10))
    if kind == "lstm":
        return Sequence()
    layer = nn.TransformerEncoderLayer(width, 4, width * 4, batch_first=True)
    return nn.Sequential(nn.TransformerEncoder(layer, 3), nn.Flatten(), nn.Linear(width * 32, 10))


shape = {"mlp": (256, 64), "cnn": (32, 3, 32, 32), "transformer": (16, 32, width), "lstm": (32, 40, 64)}[kind]
net = model()
kind_of = torch.bfloat16 if dtype == "bf16" else torch.float32
if dtype == "int8":
    net = torch.quantization.quantize_dynamic(net.eval(), {nn.Linear}, dtype=torch.qint8)
elif dtype == "bf16":
    net = net.to(torch.bfloat16)
data = [torch.randn(shape, dtype=kind_of) for _ in range(16)]
goal = [torch.randint(0, 10, (shape[0],)) for _ in range(16)]
print("ready", flush=True)
if mode == "train":
    step = torch.optim.Adam(net.parameters(), lr=1e-3)
    loss_of = nn.CrossEntropyLoss()
    while True:
        for x, y in zip(data, goal):
            step.zero_grad()
            loss_of(net(x).float(), y).backward()
            step.step()
net.eval()
with torch.no_grad():
    while True:
        for x in data:
            net(x)
