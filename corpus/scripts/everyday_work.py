"""Everyday interpreted work without end. Argument: primes|text|json|objects."""
import json
import re
import sys
from collections import Counter

kind = sys.argv[1]
sample = open(sys.argv[2]).read(2_000_000)


def primes():
    found = [2]
    for n in range(3, 20000, 2):
        if all(n % p for p in found if p * p <= n):
            found.append(n)


def text():
    Counter(word.title() for word in sample.split()).most_common(10)
    re.sub(r"(\w)(\w)", r"\2\1", sample[:200000])


def records():
    rows = [json.loads(line) for line in sample.splitlines()[:-1]]
    json.dumps(sorted(rows, key=lambda r: r["score"]))


class Node:
    """A link of a list."""

    def __init__(self, value, after):
        self.value, self.after = value, after


def objects():
    head = None
    for i in range(100000):
        head = Node(i, head)
    total = 0
    while head:
        total, head = total + head.value, head.after


work = {"primes": primes, "text": text, "json": records, "objects": objects}[kind]
while True:
    work()
