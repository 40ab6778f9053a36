"""Inference of one random ONNX model without end. Arguments: onnxruntime|openvino|opencv, mlp|conv|int8, threads."""
import sys
import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

engine, kind, threads = sys.argv[1], sys.argv[2], int(sys.argv[3])
draw = np.random.default_rng(1)
weights, nodes = [], []


def weight(name, *shape):
    weights.append(numpy_helper.from_array((draw.normal(size=shape) * 0.05).astype(np.float32), name))


if kind == "conv":
    shape = (1, 3, 96, 96)
    channels = [3, 32, 64, 64, 32]
    for i, (a, b) in enumerate(zip(channels, channels[1:])):
        weight(f"w{i}", b, a, 3, 3)
        nodes += [helper.make_node("Conv", ["x" if i == 0 else f"r{i - 1}", f"w{i}"], [f"c{i}"], pads=[1, 1, 1, 1]),
                  helper.make_node("Relu", [f"c{i}"], [f"r{i}"])]
    last, out = "r3", (1, 32, 96, 96)
elif kind == "int8":
    shape, last, out = (64, 512), "m3", (64, 512)
    for i in range(4):
        table = draw.integers(-127, 127, (512, 512)).astype(np.int8)
        weights += [numpy_helper.from_array(table, f"w{i}"),
                    numpy_helper.from_array(np.float32(0.01), f"s{i}")]
        nodes += [helper.make_node("DynamicQuantizeLinear", ["x" if i == 0 else f"m{i - 1}"], [f"q{i}", f"t{i}", f"z{i}"]),
                  helper.make_node("MatMulInteger", [f"q{i}", f"w{i}", f"z{i}"], [f"i{i}"]),
                  helper.make_node("Cast", [f"i{i}"], [f"f{i}"], to=TensorProto.FLOAT),
                  helper.make_node("Mul", [f"f{i}", f"s{i}"], [f"m{i}"])]
else:
    shape, last, out = (64, 512), "r3", (64, 512)
    for i in range(4):
        weight(f"w{i}", 512, 512)
        nodes += [helper.make_node("MatMul", ["x" if i == 0 else f"r{i - 1}", f"w{i}"], [f"c{i}"]),
                  helper.make_node("Relu", [f"c{i}"], [f"r{i}"])]
graph = helper.make_graph(nodes, "random", [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
                          [helper.make_tensor_value_info(last, TensorProto.FLOAT, out)], weights)
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
onnx.checker.check_model(model)
x = draw.normal(size=shape).astype(np.float32)
if engine == "onnxruntime":
    import onnxruntime
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    infer = lambda: session.run(None, {"x": x})
elif engine == "openvino":
    import openvino
    core = openvino.Core()
    compiled = core.compile_model(core.read_model(model.SerializeToString()), "CPU",
                                  {"INFERENCE_NUM_THREADS": threads})
    infer = lambda: compiled([x])
else:
    import cv2
    cv2.setNumThreads(threads)
    net = cv2.dnn.readNetFromONNX(np.frombuffer(model.SerializeToString(), np.uint8))

    def infer():
        net.setInput(x)
        net.forward()
infer()
print("ready", flush=True)
while True:
    infer()
