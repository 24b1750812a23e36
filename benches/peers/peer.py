"""What the Python peers share: the digits, the initial weights, and the conversation with compare.py."""

import json
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np

PIXELS = 784
WIDTH = 100
LEARNING_RATE = 0.001

Job = Callable[[], tuple[float, float]]
"""Does its work once; returns how many seconds that took, and the mean loss."""


def load(folder: str, name: str) -> tuple[np.ndarray, np.ndarray]:
    """Returns the pixels, (n, 784) from 0 to 1, and the labels, (n), of a set that `epoch data` wrote."""
    pixels = np.fromfile(Path(folder, f"{name}.pixels"), "<f4").reshape(-1, PIXELS)
    return pixels, np.fromfile(Path(folder, f"{name}.labels"), np.uint8).astype(np.int64)


def load_layers(folder: str, classes: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """Returns the initial weights, (outputs, inputs), and biases of the six layers of the network for so many classes."""
    values = np.fromfile(Path(folder, f"{classes}.weights"), "<f4")
    sizes = (PIXELS, *[WIDTH] * 5, classes)
    layers = []
    for inputs, outputs in zip(sizes, sizes[1:]):
        weight, bias, values = np.split(values, [inputs * outputs, inputs * outputs + outputs])
        layers.append((weight.reshape(outputs, inputs), bias))
    assert len(values) == 0, "these are the weights of another network"
    return layers


def serve(jobs: dict[str, Job]) -> None:
    """Answers lines such as `epoch-100 5` on stdin with the seconds that one of five epochs took, and their mean loss."""
    for line in sys.stdin:
        name, times = line.split()
        seconds, losses = zip(*(jobs[name]() for _ in range(int(times))))
        print(json.dumps({"seconds": float(np.mean(seconds)), "loss": float(np.mean(losses))}), flush=True)
