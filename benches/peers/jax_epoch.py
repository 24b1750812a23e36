"""JAX: a whole epoch, or all of inference, is one jitted function that scans over the batches."""

import functools
import sys
import time

import jax
import jax.numpy as jnp
import numpy as np

from peer import LEARNING_RATE, PIXELS, Job, load, load_layers, serve

Layers = list[tuple[jax.Array, jax.Array]]
"""A weight matrix, (inputs, outputs), and biases for each layer."""


def hidden(layers: Layers, x: jax.Array) -> jax.Array:
    """Sends a batch through hidden layers: (n, inputs) -> (n, 100)."""
    for weight, bias in layers:
        x = jax.nn.elu(x @ weight + bias)
    return x


def cross_entropy(layers: Layers, x: jax.Array, labels: jax.Array) -> tuple[jax.Array, jax.Array]:
    """Returns the mean loss, and the logits, (n, classes)."""
    weight, bias = layers[-1]
    logits = hidden(layers[:-1], x) @ weight + bias
    log_probabilities = jax.nn.log_softmax(logits)
    return -jnp.take_along_axis(log_probabilities, labels[:, None], axis=1).mean(), logits


def adam(state: tuple, gradients: Layers) -> tuple:
    """Takes a step of Adam with the constants of its paper."""
    layers, first, second, steps = state
    steps = steps + 1
    first = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, first, gradients)
    second = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, second, gradients)
    rate, correction = LEARNING_RATE / (1 - 0.9**steps), 1 / (1 - 0.999**steps)
    move = lambda w, m, v: w - rate * m / (jnp.sqrt(v * correction) + 1e-8)
    return jax.tree.map(move, layers, first, second), first, second, steps


@functools.partial(jax.jit, static_argnames="batch", donate_argnames="state")
def epoch(
    state: tuple, frozen: Layers, x: jax.Array, labels: jax.Array, order: jax.Array, batch: int
) -> tuple[tuple, jax.Array]:
    """Trains for an epoch above frozen layers; returns the new state and the mean loss."""

    def step(state: tuple, rows: jax.Array) -> tuple[tuple, jax.Array]:
        loss = jax.value_and_grad(cross_entropy, has_aux=True)
        (mean, _), gradients = loss(state[0], hidden(frozen, x[rows]), labels[rows])
        return adam(state, gradients), mean * len(rows)

    whole = len(order) // batch * batch
    state, losses = jax.lax.scan(step, state, order[:whole].reshape(-1, batch))
    total = losses.sum()
    if whole < len(order):
        state, loss = step(state, order[whole:])
        total += loss
    return state, total / len(order)


@functools.partial(jax.jit, static_argnames="batch")
def evaluate(layers: Layers, x: jax.Array, labels: jax.Array, batch: int) -> tuple[jax.Array, jax.Array]:
    """Returns the mean loss and the accuracy; the batches have no rest."""

    def step(_: None, xy: tuple[jax.Array, jax.Array]) -> tuple[None, tuple[jax.Array, jax.Array]]:
        loss, logits = cross_entropy(layers, *xy)
        return None, (loss, (logits.argmax(axis=1) == xy[1]).mean())

    _, (losses, accuracies) = jax.lax.scan(step, None, (x.reshape(-1, batch, PIXELS), labels.reshape(-1, batch)))
    return losses.mean(), accuracies.mean()


def training(layers: Layers, frozen: Layers, x: jax.Array, labels: jax.Array, batch: int) -> Job:
    zeros = lambda: jax.tree.map(jnp.zeros_like, layers)
    state = (jax.tree.map(jnp.copy, layers), zeros(), zeros(), jnp.zeros((), jnp.int32))
    rng = np.random.default_rng(42)

    def job() -> tuple[float, float]:
        nonlocal state
        started = time.perf_counter()
        state, loss = jax.block_until_ready(epoch(state, frozen, x, labels, rng.permutation(len(labels)), batch))
        return time.perf_counter() - started, float(loss)

    return job


def inference(layers: Layers, x: jax.Array, labels: jax.Array, batch: int) -> Job:
    def job() -> tuple[float, float]:
        started = time.perf_counter()
        loss, _ = jax.block_until_ready(evaluate(layers, x, labels, batch))
        return time.perf_counter() - started, float(loss)

    return job


def main(folder: str) -> None:
    train, transfer, test = ([jnp.asarray(array) for array in load(folder, name)] for name in ("train", "transfer", "test"))
    five, ten = (
        [(jnp.asarray(weight.T), jnp.asarray(bias)) for weight, bias in load_layers(folder, classes)] for classes in (5, 10)
    )
    *frozen, output = five
    jobs = {f"epoch-{batch}": training(five, [], *train, batch) for batch in (20, 100, 500)}
    jobs["frozen-20"] = training([output], frozen, *transfer, 20)
    jobs["cached-20"] = training([output], [], hidden(frozen, transfer[0]), transfer[1], 20)
    jobs["inference-500"] = inference(ten, *test, 500)
    serve(jobs)


if __name__ == "__main__":
    main(sys.argv[1])
