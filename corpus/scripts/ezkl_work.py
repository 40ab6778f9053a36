"""Proves one run of a small random network without end (EZKL). Arguments: folder to work in, width of a layer, bits of the
rows of its circuit."""
import asyncio
import inspect
import json
import os
import sys

import ezkl
import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

os.chdir(sys.argv[1])
width, bits = int(sys.argv[2]), int(sys.argv[3])
draw = np.random.default_rng(1)
weights = [numpy_helper.from_array((draw.normal(size=(width, width)) * 0.3).astype(np.float32), f"w{i}") for i in range(2)]
nodes = [helper.make_node("MatMul", ["x", "w0"], ["a"]), helper.make_node("MatMul", ["a", "w1"], ["y"])]
ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, width]) for name in "xy"]
graph = helper.make_graph(nodes, "random", ends[:1], ends[1:], weights)
onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8), "m.onnx")
with open("i.json", "w") as file:
    json.dump({"input_data": [draw.normal(size=width).tolist()]}, file)


async def done(result):
    return await result if inspect.isawaitable(result) else result


async def main():
    options = ezkl.PyRunArgs()
    options.logrows = bits
    await done(ezkl.gen_settings("m.onnx", "s.json", py_run_args=options))
    await done(ezkl.compile_circuit("m.onnx", "c.ezkl", "s.json"))
    ezkl.gen_srs("k.srs", bits)
    await done(ezkl.setup("c.ezkl", "vk", "pk", "k.srs"))
    await done(ezkl.gen_witness("i.json", "c.ezkl", "w.json"))
    print("ready", flush=True)
    while True:
        await done(ezkl.prove("w.json", "c.ezkl", "pk", "p.json", "k.srs"))


asyncio.run(main())
