"""Plots or proves space in Chia's second plot format without end (chia_rs). Arguments: plot|prove, folder, size k."""
import random
import sys

import chia_rs
from chia_rs.sized_bytes import bytes32

task, folder, k = sys.argv[1], sys.argv[2], int(sys.argv[3])
draw = random.Random(1)
path = f"{folder}/one.plot2"


def invented():
    return bytes32(draw.randbytes(32))


def plot():
    chia_rs.create_v2_single_plot_group(path, k, 2, invented(), 0, 0, bytes(112))


if task == "prove":
    plot()
    prover = chia_rs.Prover(path)
print("ready", flush=True)
while True:
    if task == "plot":
        plot()
    else:
        prover.get_qualities_for_challenge(invented())
