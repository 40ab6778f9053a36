"""Fits word vectors without end. Arguments: text file, w2v|fasttext|lda, workers."""
import sys
from gensim.corpora import Dictionary
from gensim.models import FastText, LdaModel, Word2Vec

path, kind, workers = sys.argv[1], sys.argv[2], int(sys.argv[3])
with open(path) as file:
    lines = [line.split() for line, _ in zip(file, range(60000))]
print("ready", flush=True)
while True:
    if kind == "lda":
        words = Dictionary(lines)
        LdaModel([words.doc2bow(line) for line in lines], 50, words, passes=3)
    else:
        (Word2Vec if kind == "w2v" else FastText)(lines, vector_size=100, workers=workers, epochs=20, min_count=2)
