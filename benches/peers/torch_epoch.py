"""PyTorch: eager, with fused Adam."""

import sys
import time

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from peer import LEARNING_RATE, Job, load, load_layers, serve


def network(folder: str, classes: int) -> nn.Sequential:
    """Returns five hidden layers and an output layer: (n, 784) -> (n, classes) logits."""
    layers = []
    for weight, bias in load_layers(folder, classes):
        linear = nn.Linear(weight.shape[1], weight.shape[0])
        linear.load_state_dict({"weight": torch.from_numpy(weight), "bias": torch.from_numpy(bias)})
        layers += [linear, nn.ELU()]
    return nn.Sequential(*layers[:-1])


def training(layers: nn.Module, frozen: nn.Module, x: Tensor, labels: Tensor, batch: int) -> Job:
    adam = torch.optim.Adam(layers.parameters(), lr=LEARNING_RATE, fused=True)

    def job() -> tuple[float, float]:
        losses = []
        started = time.perf_counter()
        for rows in torch.randperm(len(labels)).split(batch):
            with torch.no_grad():
                features = frozen(x[rows])
            loss = cross_entropy(layers(features), labels[rows])
            adam.zero_grad()
            loss.backward()
            adam.step()
            losses.append(loss.detach() * len(rows))
        return time.perf_counter() - started, float(sum(losses)) / len(labels)

    return job


def inference(layers: nn.Module, x: Tensor, labels: Tensor, batch: int) -> Job:
    @torch.inference_mode()
    def job() -> tuple[float, float]:
        loss, right = torch.zeros(()), torch.zeros((), dtype=torch.int64)
        started = time.perf_counter()
        for x_batch, labels_batch in zip(x.split(batch), labels.split(batch)):
            logits = layers(x_batch)
            loss += cross_entropy(logits, labels_batch, reduction="sum")
            right += (logits.argmax(dim=1) == labels_batch).sum()
        return time.perf_counter() - started, float(loss) / len(labels)

    return job


def main(folder: str, threads: int) -> None:
    torch.set_flush_denormal(True)
    torch.set_num_threads(threads)
    torch.manual_seed(42)
    train, transfer, test = ([torch.from_numpy(array) for array in load(folder, name)] for name in ("train", "transfer", "test"))
    nothing = nn.Identity()
    jobs = {f"epoch-{batch}": training(network(folder, 5), nothing, *train, batch) for batch in (20, 100, 500)}
    frozen = network(folder, 5)[:-1].requires_grad_(False)
    jobs["frozen-20"] = training(network(folder, 5)[-1], frozen, *transfer, 20)
    jobs["cached-20"] = training(network(folder, 5)[-1], nothing, frozen(transfer[0]), transfer[1], 20)
    jobs["inference-500"] = inference(network(folder, 10), *test, 500)
    serve(jobs)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
