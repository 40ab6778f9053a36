"""TensorFlow on the CPU without end. Arguments: train|infer, mlp|cnn, threads."""
import os
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import tensorflow as tf

mode, kind, threads = sys.argv[1], sys.argv[2], int(sys.argv[3])
tf.config.threading.set_intra_op_parallelism_threads(threads)
tf.config.threading.set_inter_op_parallelism_threads(1)
tf.random.set_seed(1)
if kind == "mlp":
    layers = [tf.keras.layers.Dense(512, "relu"), tf.keras.layers.Dense(512, "relu"), tf.keras.layers.Dense(10)]
    x = tf.random.normal((256, 64))
else:
    layers = [tf.keras.layers.Conv2D(32, 3, activation="relu"), tf.keras.layers.Conv2D(64, 3, activation="relu"),
              tf.keras.layers.Flatten(), tf.keras.layers.Dense(10)]
    x = tf.random.normal((32, 32, 32, 3))
net = tf.keras.Sequential(layers)
y = tf.random.uniform((x.shape[0],), 0, 10, tf.int32)
loss_of = tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True)
net(x)


@tf.function
def train():
    with tf.GradientTape() as tape:
        loss = loss_of(y, net(x, training=True))
    for v, g in zip(net.trainable_variables, tape.gradient(loss, net.trainable_variables)):
        v.assign_sub(0.01 * g)


@tf.function
def infer():
    return tf.reduce_sum(net(x, training=False))


work = train if mode == "train" else infer
work()
print("ready", flush=True)
while True:
    work()
