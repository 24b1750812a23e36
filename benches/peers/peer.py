"""What the Python peers share: the digits, the pairs, the initial weights, and the conversation with compare.py."""

import json
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np

PIXELS = 784
WIDTH = 100
HIDDEN = (PIXELS, *[WIDTH] * 5)
"""The inputs of the hidden layers, and their outputs."""
PAIR_HEAD = (2 * WIDTH, 10, 1)
PAIRS = 50_000
"""Pairs in an epoch of exercise 10, which are drawn from as many images, the first ones."""
LEARNING_RATE = 0.001

Job = Callable[[], tuple[float, float]]
"""Does its work once; returns how many seconds that took, and the mean loss."""

Layers = list[tuple[np.ndarray, np.ndarray]]
"""Weights, (outputs, inputs), and biases of each layer."""


def load(folder: str, name: str) -> tuple[np.ndarray, np.ndarray]:
    """Returns the pixels, (n, 784) from 0 to 1, and the labels, (n), of a set that `epoch data` wrote."""
    pixels = np.fromfile(Path(folder, f"{name}.pixels"), "<f4").reshape(-1, PIXELS)
    return pixels, np.fromfile(Path(folder, f"{name}.labels"), np.uint8).astype(np.int64)


def load_layers(folder: str, name: str, *parts: tuple[int, ...]) -> list[Layers]:
    """Returns the initial layers of each part of a network, of which the sizes are given."""
    values = np.fromfile(Path(folder, f"{name}.weights"), "<f4")
    loaded = []
    for sizes in parts:
        layers = []
        for inputs, outputs in zip(sizes, sizes[1:]):
            weight, bias, values = np.split(values, [inputs * outputs, inputs * outputs + outputs])
            layers.append((weight.reshape(outputs, inputs), bias))
        loaded.append(layers)
    assert len(values) == 0, "these are the weights of another network"
    return loaded


def draw_pairs(labels: np.ndarray, batch: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Draws an epoch of pairs: the rows of their first and second images, and 1 where those show different digits.

    Half of each batch does. All digits are as likely, and then all images of a digit. No image is paired with itself.
    """
    by_digit, counts = np.argsort(labels[:PAIRS]), np.bincount(labels[:PAIRS])
    begin = np.cumsum(counts) - counts
    different = rng.permuted(np.tile(np.arange(batch) % 2, (PAIRS // batch, 1)), axis=1).reshape(-1)
    first_digit = rng.integers(len(counts), size=PAIRS)
    second_digit = (first_digit + different * rng.integers(1, len(counts), size=PAIRS)) % len(counts)
    first = rng.integers(counts[first_digit])
    another = (first + rng.integers(1, counts[first_digit])) % counts[first_digit]
    second = np.where(different, rng.integers(counts[second_digit]), another)
    rows = [by_digit[begin[digit] + place] for digit, place in ((first_digit, first), (second_digit, second))]
    return *rows, different.astype(np.float32)


def serve(jobs: dict[str, Job]) -> None:
    """Answers lines such as `epoch-100 5` on stdin with the seconds that one of five epochs took, and their mean loss."""
    for line in sys.stdin:
        name, times = line.split()
        seconds, losses = zip(*(jobs[name]() for _ in range(int(times))))
        print(json.dumps({"seconds": float(np.mean(seconds)), "loss": float(np.mean(losses))}), flush=True)
