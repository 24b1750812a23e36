"""JAX: a whole epoch, or all of inference, is one jitted function that scans over the batches."""

import functools
import sys
import time
from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np

from peer import HIDDEN, LEARNING_RATE, PAIR_HEAD, PIXELS, Job, draw_pairs, load, load_layers, serve

Layers = list[tuple[jax.Array, jax.Array]]
"""A weight matrix, (inputs, outputs), and biases for each layer."""
Loss = Callable[..., jax.Array]
"""Returns the mean loss of the trained layers on a batch of examples; what is the same for all batches comes between."""


def hidden(layers: Layers, x: jax.Array) -> jax.Array:
    """Sends a batch through hidden layers: (n, inputs) -> (n, outputs)."""
    for weight, bias in layers:
        x = jax.nn.elu(x @ weight + bias)
    return x


def network(layers: Layers, x: jax.Array) -> jax.Array:
    """Sends a batch through hidden layers and an output layer: (n, inputs) -> (n, outputs)."""
    weight, bias = layers[-1]
    return hidden(layers[:-1], x) @ weight + bias


def cross_entropy(logits: jax.Array, labels: jax.Array) -> jax.Array:
    """Returns the mean loss."""
    return -jnp.take_along_axis(jax.nn.log_softmax(logits), labels[:, None], axis=1).mean()


def classifying(layers: Layers, data: tuple, rows: jax.Array) -> jax.Array:
    """The loss of some rows above frozen layers."""
    frozen, x, labels = data
    return cross_entropy(network(layers, hidden(frozen, x[rows])), labels[rows])


def comparing(towers_and_head: list[Layers], x: jax.Array, pairs: tuple) -> jax.Array:
    """The logistic loss of pairs."""
    a, b, head = towers_and_head
    first, second, different = pairs
    both = jnp.concatenate([hidden(a, x[first]), hidden(b, x[second])], axis=1)
    logits = network(head, both)[:, 0]
    return (jax.nn.softplus(logits) - different * logits).mean()


def adam(state: tuple, gradients: list) -> tuple:
    """Takes a step of Adam with the constants of its paper."""
    layers, first, second, steps = state
    steps = steps + 1
    first = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, first, gradients)
    second = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, second, gradients)
    rate, correction = LEARNING_RATE / (1 - 0.9**steps), 1 / (1 - 0.999**steps)
    move = lambda w, m, v: w - rate * m / (jnp.sqrt(v * correction) + 1e-8)
    return jax.tree.map(move, layers, first, second), first, second, steps


@functools.partial(jax.jit, static_argnames=("loss", "batch"), donate_argnames="state")
def epoch(state: tuple, data: tuple, examples: tuple, loss: Loss, batch: int) -> tuple[tuple, jax.Array]:
    """Trains for an epoch on examples, which are arrays of one length; returns the new state and the mean loss."""

    def step(state: tuple, examples: tuple) -> tuple[tuple, jax.Array]:
        mean, gradients = jax.value_and_grad(loss)(state[0], data, examples)
        return adam(state, gradients), mean * len(jax.tree.leaves(examples)[0])

    count = len(jax.tree.leaves(examples)[0])
    whole = count // batch * batch
    state, losses = jax.lax.scan(step, state, jax.tree.map(lambda it: it[:whole].reshape(-1, batch), examples))
    total = losses.sum()
    if whole < count:
        state, rest = step(state, jax.tree.map(lambda it: it[whole:], examples))
        total += rest
    return state, total / count


@functools.partial(jax.jit, static_argnames="batch")
def evaluate(layers: Layers, x: jax.Array, labels: jax.Array, batch: int) -> tuple[jax.Array, jax.Array]:
    """Returns the mean loss and the accuracy; the batches have no rest."""

    def step(_: None, xy: tuple[jax.Array, jax.Array]) -> tuple[None, tuple[jax.Array, jax.Array]]:
        logits = network(layers, xy[0])
        return None, (cross_entropy(logits, xy[1]), (logits.argmax(axis=1) == xy[1]).mean())

    _, (losses, accuracies) = jax.lax.scan(step, None, (x.reshape(-1, batch, PIXELS), labels.reshape(-1, batch)))
    return losses.mean(), accuracies.mean()


def training(layers: list, data: tuple | jax.Array, loss: Loss, draw: Callable[[np.random.Generator], tuple], batch: int) -> Job:
    zeros = lambda: jax.tree.map(jnp.zeros_like, layers)
    state = (jax.tree.map(jnp.copy, layers), zeros(), zeros(), jnp.zeros((), jnp.int32))
    rng = np.random.default_rng(42)

    def job() -> tuple[float, float]:
        nonlocal state
        started = time.perf_counter()
        state, mean = jax.block_until_ready(epoch(state, data, draw(rng), loss, batch))
        return time.perf_counter() - started, float(mean)

    return job


def classifier(layers: Layers, frozen: Layers, x: jax.Array, labels: jax.Array, batch: int) -> Job:
    return training(layers, (frozen, x, labels), classifying, lambda rng: rng.permutation(len(labels)), batch)


def inference(layers: Layers, x: jax.Array, labels: jax.Array, batch: int) -> Job:
    def job() -> tuple[float, float]:
        started = time.perf_counter()
        loss, _ = jax.block_until_ready(evaluate(layers, x, labels, batch))
        return time.perf_counter() - started, float(loss)

    return job


def main(folder: str) -> None:
    train, transfer, test = ([jnp.asarray(array) for array in load(folder, name)] for name in ("train", "transfer", "test"))
    paired, digits = load(folder, "paired")
    start = lambda name, *parts: [
        [(jnp.asarray(weight.T), jnp.asarray(bias)) for weight, bias in layers] for layers in load_layers(folder, name, *parts)
    ]
    [five], [ten] = start("5", (*HIDDEN, 5)), start("10", (*HIDDEN, 10))
    *frozen, output = five
    jobs = {f"epoch-{batch}": classifier(five, [], *train, batch) for batch in (20, 100, 500)}
    pairs = start("pairs", HIDDEN, HIDDEN, PAIR_HEAD)
    jobs["pairs-100"] = training(pairs, jnp.asarray(paired), comparing, lambda rng: draw_pairs(digits, 100, rng), 100)
    jobs["frozen-20"] = classifier([output], frozen, *transfer, 20)
    jobs["cached-20"] = classifier([output], [], hidden(frozen, transfer[0]), transfer[1], 20)
    jobs["inference-500"] = inference(ten, *test, 500)
    serve(jobs)


if __name__ == "__main__":
    main(sys.argv[1])
