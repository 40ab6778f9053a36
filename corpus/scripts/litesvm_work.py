"""Executes signed Solana transfers without end (LiteSVM). Argument: how many different ones are signed at first."""
import sys

from solders.keypair import Keypair
from solders.litesvm import LiteSVM
from solders.message import Message
from solders.system_program import TransferParams, transfer
from solders.transaction import Transaction

bank = LiteSVM().with_transaction_history(0)
people = [Keypair.from_seed(bytes([i] * 32)) for i in range(1, 33)]
for one in people:
    bank.airdrop(one.pubkey(), 10**16)
recent = bank.latest_blockhash()


def signed(i, number):
    sender, receiver = people[i % 32], people[(i + 7) % 32]
    moves = [transfer(TransferParams(from_pubkey=sender.pubkey(), to_pubkey=receiver.pubkey(), lamports=i + n + 1))
             for n in range(number)]
    return Transaction([sender], Message.new_with_blockhash(moves, sender.pubkey(), recent), recent)


work = [signed(i, int(sys.argv[2])) for i in range(int(sys.argv[1]))]
print("ready", flush=True)
while True:
    for one in work:
        bank.send_transaction(one)
