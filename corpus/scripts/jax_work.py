"""JAX on the CPU without end. Arguments: train|infer, mlp|attention, width."""
import sys
import jax
import jax.numpy as jnp

mode, kind, width = sys.argv[1], sys.argv[2], int(sys.argv[3])
keys = jax.random.split(jax.random.PRNGKey(1), 8)
shapes = [(64, width), (width, width), (width, 10)] if kind == "mlp" else [(64, width)] * 3 + [(width, 10)]
weights = [jax.random.normal(k, s) * 0.05 for k, s in zip(keys, shapes)]
x = jax.random.normal(keys[6], (512, 64) if kind == "mlp" else (16, 64, 64))
y = jax.random.randint(keys[7], (x.shape[0],), 0, 10)


def forward(w, x):
    if kind == "mlp":
        for a in w[:-1]:
            x = jax.nn.relu(x @ a)
        return x @ w[-1]
    q, k, v = x @ w[0], x @ w[1], x @ w[2]
    mixed = jax.nn.softmax(q @ k.transpose(0, 2, 1) / width**0.5) @ v
    return mixed.mean(1) @ w[3]


def loss(w, x, y):
    return -jnp.mean(jax.nn.log_softmax(forward(w, x))[jnp.arange(y.shape[0]), y])


@jax.jit
def step(w, x, y):
    return [a - 0.01 * g for a, g in zip(w, jax.grad(loss)(w, x, y))]


predict = jax.jit(forward)
(step if mode == "train" else lambda w, x, y: predict(w, x))(weights, x, y)
print("ready", flush=True)
while True:
    if mode == "train":
        weights = step(weights, x, y)
    else:
        predict(weights, x).block_until_ready()
