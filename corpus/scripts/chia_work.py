"""Chia proof of space without end. Arguments: plot|prove, folder, size k."""
import os
import sys
from chiapos import DiskPlotter, DiskProver, Verifier

mode, folder, k = sys.argv[1], sys.argv[2], int(sys.argv[3])
name, identity = "space.plot", bytes(range(32))


def plot():
    path = os.path.join(folder, name)
    if os.path.exists(path):
        os.remove(path)
    DiskPlotter().create_plot_disk(folder, folder, folder, name, k, b"memo", identity, 300, 32, 2000, 1, False)
    return path


path = plot()
print("ready", flush=True)
number = 0
while mode == "plot":
    plot()
prover = DiskProver(path)
while True:
    number += 1
    challenge = number.to_bytes(32, "big")
    for index, _ in enumerate(prover.get_qualities_for_challenge(challenge)):
        proof = prover.get_full_proof(challenge, index)
        Verifier().validate_proof(identity, k, challenge, proof)
