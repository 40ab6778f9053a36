"""Translates with a random transformer without end (CTranslate2). Arguments: float32|int8, threads."""
import sys
import tempfile

import ctranslate2
import numpy as np
from ctranslate2.specs import transformer_spec

form, threads = sys.argv[1], int(sys.argv[2])
width, inner, words = 512, 2048, 4000
draw = np.random.default_rng(1)
spec = transformer_spec.TransformerSpec.from_config((4, 4), 8)


def linear(layer, outputs, inputs):
    layer.weight = (draw.normal(size=(outputs, inputs)) * 0.03).astype(np.float32)
    layer.bias = np.zeros(outputs, np.float32)


def norm(layer):
    layer.gamma, layer.beta = np.ones(width, np.float32), np.zeros(width, np.float32)


def attention(layer, shapes):
    norm(layer.layer_norm)
    for part, outputs in zip(layer.linear, shapes):
        linear(part, outputs, width)


def feed_forward(layer):
    norm(layer.layer_norm)
    linear(layer.linear_0, inner, width)
    linear(layer.linear_1, width, inner)


embedding = (draw.normal(size=(words, width)) * 0.05).astype(np.float32)
spec.encoder.embeddings[0].weight = spec.decoder.embeddings.weight = embedding
for side in (spec.encoder, spec.decoder):
    side.position_encodings.encodings = (draw.normal(size=(512, width)) * 0.02).astype(np.float32)
    norm(side.layer_norm)
    for layer in side.layer:
        attention(layer.self_attention, [3 * width, width])
        feed_forward(layer.ffn)
for layer in spec.decoder.layer:
    attention(layer.attention, [width, 2 * width, width])
linear(spec.decoder.projection, words, width)
vocabulary = ["<blank>", "<s>", "</s>", "<unk>"] + [f"w{i}" for i in range(words - 4)]
spec.register_source_vocabulary(vocabulary)
spec.register_target_vocabulary(vocabulary)
spec.validate()
spec.optimize(quantization=None if form == "float32" else form)
with tempfile.TemporaryDirectory() as folder:
    spec.save(folder)
    translator = ctranslate2.Translator(folder, "cpu", compute_type=form, intra_threads=threads)
batch = [[f"w{draw.integers(0, 3000)}" for _ in range(30)] for _ in range(8)]
print("ready", flush=True)
while True:
    translator.translate_batch(batch, beam_size=2, max_decoding_length=60, min_decoding_length=60)
