"""PyTorch: eager with fused Adam; or, with `compiled`, each training step as one graph of torch.compile."""

import sys
import time
from collections.abc import Callable

import numpy as np
import torch
import torch._inductor.config as inductor
from torch import Tensor, nn
from torch.func import functional_call, grad_and_value
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy

import peer
from peer import HIDDEN, LEARNING_RATE, PAIR_HEAD, Job, draw_pairs, load, load_layers, serve

Batch = tuple[Tensor, ...]
Step = Callable[..., Tensor]
"""Trains on a batch; returns the mean loss."""


class Classifying(nn.Module):
    """The loss of some rows above frozen layers."""

    def __init__(self, layers: nn.Module, frozen: nn.Module, x: Tensor, labels: Tensor) -> None:
        super().__init__()
        self.layers, self.frozen, self.x, self.labels = layers, frozen.requires_grad_(False), x, labels

    def forward(self, rows: Tensor) -> Tensor:
        return cross_entropy(self.layers(self.frozen(self.x[rows])), self.labels[rows])


class Comparing(nn.Module):
    """The logistic loss of pairs."""

    def __init__(self, a: nn.Module, b: nn.Module, head: nn.Module, x: Tensor) -> None:
        super().__init__()
        self.a, self.b, self.head, self.x = nn.Sequential(*a, nn.ELU()), nn.Sequential(*b, nn.ELU()), head, x

    def forward(self, first: Tensor, second: Tensor, different: Tensor) -> Tensor:
        both = torch.cat([self.a(self.x[first]), self.b(self.x[second])], dim=1)
        return binary_cross_entropy_with_logits(self.head(both)[:, 0], different)


def network(layers: peer.Layers) -> nn.Sequential:
    """Returns hidden layers and an output layer: (n, inputs) -> (n, outputs)."""
    modules = []
    for weight, bias in layers:
        linear = nn.Linear(weight.shape[1], weight.shape[0])
        linear.load_state_dict({"weight": torch.from_numpy(weight), "bias": torch.from_numpy(bias)})
        modules += [linear, nn.ELU()]
    return nn.Sequential(*modules[:-1])


def eager(loss: nn.Module) -> Step:
    adam = torch.optim.Adam([it for it in loss.parameters() if it.requires_grad], lr=LEARNING_RATE, fused=True)

    def step(*batch: Tensor) -> Tensor:
        mean = loss(*batch)
        adam.zero_grad()
        mean.backward()
        adam.step()
        return mean.detach()

    return step


def compiled(loss: nn.Module) -> Step:
    """Forward pass, backward pass and Adam as one graph, without a graph break between them and without Python inside."""
    parameters = {name: it.detach() for name, it in loss.named_parameters() if it.requires_grad}
    first, second = ({name: torch.zeros_like(it) for name, it in parameters.items()} for _ in range(2))
    steps = torch.zeros(())

    @torch.compile(fullgraph=True, dynamic=False)
    def step(*batch: Tensor) -> Tensor:
        gradients, mean = grad_and_value(lambda parameters: functional_call(loss, parameters, batch))(parameters)
        steps.add_(1)
        rate, correction = LEARNING_RATE / (1 - 0.9**steps), 1 / (1 - 0.999**steps)
        for name, gradient in gradients.items():
            m = first[name].mul_(0.9).add_(gradient, alpha=0.1)
            v = second[name].mul_(0.999).addcmul_(gradient, gradient, value=0.001)
            parameters[name].sub_(rate * m / ((v * correction).sqrt() + 1e-8))
        return mean

    return torch.no_grad()(step)


def training(step: Step, draw: Callable[[], Batch], batch: int) -> Job:
    def job() -> tuple[float, float]:
        losses = []
        started = time.perf_counter()
        examples = draw()
        for rows in zip(*(it.split(batch) for it in examples)):
            losses.append(step(*rows) * len(rows[0]))
        return time.perf_counter() - started, float(sum(losses)) / len(examples[0])

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


def classifier(make: Callable[[nn.Module], Step], layers: nn.Module, frozen: nn.Module, x: Tensor, labels: Tensor, batch: int) -> Job:
    return training(make(Classifying(layers, frozen, x, labels)), lambda: (torch.randperm(len(labels)),), batch)


def main(folder: str, threads: int, *, compiling: bool) -> None:
    torch.set_flush_denormal(True)
    torch.set_num_threads(threads)
    torch.manual_seed(42)
    # Without Python between the kernels of a graph.
    inductor.cpp_wrapper = True
    make = compiled if compiling else eager
    train, transfer, test = ([torch.from_numpy(array) for array in load(folder, name)] for name in ("train", "transfer", "test"))
    start = lambda name, *parts: [network(layers) for layers in load_layers(folder, name, *parts)]
    five = lambda: start("5", (*HIDDEN, 5))[0]
    nothing = nn.Identity()
    jobs = {f"epoch-{batch}": classifier(make, five(), nothing, *train, batch) for batch in (20, 100, 500)}

    paired, digits = load(folder, "paired")
    comparing = Comparing(*start("pairs", HIDDEN, HIDDEN, PAIR_HEAD), torch.from_numpy(paired))
    rng = np.random.default_rng(42)
    jobs["pairs-100"] = training(make(comparing), lambda: tuple(map(torch.from_numpy, draw_pairs(digits, 100, rng))), 100)
    if not compiling:
        frozen = five()[:-1].requires_grad_(False)
        jobs["frozen-20"] = classifier(make, five()[-1], frozen, *transfer, 20)
        jobs["cached-20"] = classifier(make, five()[-1], nothing, frozen(transfer[0]), transfer[1], 20)
        jobs["inference-500"] = inference(start("10", (*HIDDEN, 10))[0], *test, 500)
    serve(jobs)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), compiling=sys.argv[3:] == ["compiled"])
