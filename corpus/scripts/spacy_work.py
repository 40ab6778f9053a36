"""Trains or runs a part-of-speech tagger on invented labels without end (spaCy). Arguments: train|infer, text."""
import random
import sys

import spacy
from spacy.training import Example

task, path = sys.argv[1:3]
draw = random.Random(1)
with open(path) as file:
    words = file.read(400000).split()
nlp = spacy.blank("en")
tagger = nlp.add_pipe("tagger")
for label in "ABCDE":
    tagger.add_label(label)
docs = [nlp.make_doc(" ".join(draw.choices(words, k=30))) for _ in range(300)]
examples = [Example.from_dict(doc, {"tags": ["ABCDE"[len(word) % 5] for word in doc]}) for doc in docs]
optimizer = nlp.initialize(lambda: examples)
texts = [doc.text for doc in docs]
print("ready", flush=True)
while True:
    if task == "train":
        for batch in spacy.util.minibatch(examples, 32):
            nlp.update(batch, sgd=optimizer)
    else:
        list(nlp.pipe(texts))
