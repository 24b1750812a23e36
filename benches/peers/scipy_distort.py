"""Distorts digits in scipy as `Augmentation::ELASTIC` does: a random number for each pixel, a Gaussian, and `map_coordinates`."""

import sys
import time

import numpy as np
from peer import Job, load, serve
from scipy.ndimage import gaussian_filter, map_coordinates

SIDE = 28
IMAGES = 1_000


def affine(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Draws the map from a pixel of the distorted image, (x, y) from its middle, to where it comes from: a matrix and a shift."""
    angle, size, shear = np.deg2rad(rng.uniform(-10, 10)), 1 + rng.uniform(-0.12, 0.12), rng.uniform(-0.1, 0.1)
    sheared = np.array([[1, shear], [0, 1]])
    turned = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    back = np.linalg.inv(size * turned @ sheared)
    return back, -back @ rng.uniform(-1.5, 1.5, 2)


def distorted(image: np.ndarray, pixels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Distorts an image, (28, 28); `pixels` are the places of its pixels from its middle, (2, 784)."""
    matrix, shift = affine(rng)
    fields = 30 * gaussian_filter(rng.uniform(-1, 1, (2, SIDE, SIDE)), sigma=4, axes=(1, 2))
    places = matrix @ pixels + shift[:, None] + fields.reshape(2, -1) + (SIDE - 1) / 2
    return map_coordinates(image, places[::-1], order=1, mode="constant").reshape(SIDE, SIDE)


def main(folder: str) -> None:
    images = load(folder, "train")[0][:IMAGES].reshape(-1, SIDE, SIDE)
    rng = np.random.default_rng(42)
    middle = (SIDE - 1) / 2
    pixels = np.stack(np.meshgrid(np.arange(SIDE) - middle, np.arange(SIDE) - middle)).reshape(2, -1)

    def job() -> tuple[float, float]:
        started = time.perf_counter()
        drawn = np.stack([distorted(image, pixels, rng) for image in images])
        return time.perf_counter() - started, float(drawn.mean())

    jobs: dict[str, Job] = {f"distort-{IMAGES}": job}
    serve(jobs)


if __name__ == "__main__":
    main(sys.argv[1])
