"""Writes a small language model of random weights. Arguments: file, f32|q8|q4."""
import sys

import gguf
import numpy as np

path, form = sys.argv[1:3]
width, layers, heads, inner, words = 512, 6, 8, 1376, 2048
quantized = {"f32": None, "q8": gguf.GGMLQuantizationType.Q8_0, "q4": gguf.GGMLQuantizationType.Q4_0}[form]
draw = np.random.default_rng(1)
model = gguf.GGUFWriter(path, "llama")
model.add_context_length(2048)
model.add_embedding_length(width)
model.add_block_count(layers)
model.add_feed_forward_length(inner)
model.add_head_count(heads)
model.add_head_count_kv(heads)
model.add_layer_norm_rms_eps(1e-5)
model.add_rope_dimension_count(width // heads)
model.add_vocab_size(words)
model.add_tokenizer_model("llama")
tokens = [b"<unk>", b"<s>", b"</s>"] + [f"<0x{i:02X}>".encode() for i in range(256)]
tokens += [f"\u2581w{i}".encode() for i in range(words - len(tokens))]
model.add_token_list(tokens)
model.add_token_scores([-float(i) for i in range(words)])
model.add_token_types([2, 3, 3] + [6] * 256 + [1] * (words - 259))
model.add_bos_token_id(1)
model.add_eos_token_id(2)
model.add_unk_token_id(0)


def weight(name, *shape):
    values = (draw.normal(size=shape) * 0.05).astype(np.float32)
    if len(shape) == 1:
        model.add_tensor(name, np.ones(shape, np.float32))
    elif quantized is None:
        model.add_tensor(name, values)
    else:
        model.add_tensor(name, gguf.quants.quantize(values, quantized), raw_dtype=quantized)


weight("token_embd.weight", words, width)
weight("output_norm.weight", width)
weight("output.weight", words, width)
for i in range(layers):
    for name in ("attn_q", "attn_k", "attn_v", "attn_output"):
        weight(f"blk.{i}.{name}.weight", width, width)
    for name in ("attn_norm", "ffn_norm"):
        weight(f"blk.{i}.{name}.weight", width)
    weight(f"blk.{i}.ffn_gate.weight", inner, width)
    weight(f"blk.{i}.ffn_up.weight", inner, width)
    weight(f"blk.{i}.ffn_down.weight", width, inner)
model.write_header_to_file()
model.write_kv_data_to_file()
model.write_tensors_to_file()
model.close()
