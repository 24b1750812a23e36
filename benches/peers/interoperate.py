#!/usr/bin/env python3
"""Takes files across: our weights into PyTorch, our networks into onnxruntime, PyTorch's into exercise 9, our curves and our search into
TensorBoard. Ends with an error if they differ."""

import csv
import json
import math
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from compare import PYTHON, TARGET, VENV, WORKSPACE, set_up_python

FARTHEST = 1e-4
"""How far a logit may be from ours: both add the same numbers, in other orders."""
EPOCHS = 2
BATCH = 100

PACKAGES = {"ex08-base": "ex08-base", "ex09-transfer": "ex09-transfer", "ex10-pretrain": "ex10-pretrain", "benches": "epoch"}


def build() -> None:
    command = ["cargo", "build", "--release", "--locked", *(word for package in PACKAGES for word in ("-p", package)), "--bins"]
    example = ["cargo", "build", "--release", "--locked", "-p", "ch11-harness", "--example", "onnx"]
    for command in (command, example):
        subprocess.run(command, check=True, cwd=WORKSPACE, env={**os.environ, "CARGO_TARGET_DIR": str(TARGET)})


def run(binary: str, *arguments: str | Path, folder: Path, expected: int = 0) -> subprocess.CompletedProcess:
    """Runs a binary in a folder."""
    command = [TARGET / "release" / binary, *map(str, arguments)]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, env=environment())
    if done.returncode != expected:
        sys.exit(f"{binary} {arguments}: status {done.returncode}\n{done.stderr}")
    return done


def environment() -> dict[str, str]:
    """Returns the environment, with a folder of MNIST that holds from anywhere."""
    folder = os.environ.get("MNIST_DIR") or str(WORKSPACE / "data" / "mnist")
    found = Path(folder).exists()
    return {**os.environ, **({"MNIST_DIR": str(Path(folder).resolve())} if found else {})}


def network(classes: int):
    """Returns the network of exercise 8 with its layers' names: (n, 784) -> (n, classes) logits."""
    from torch import Tensor, nn

    class DeepNet(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            sizes = (784, *[100] * 5)
            for number, (inputs, outputs) in enumerate(zip(sizes, sizes[1:]), start=1):
                self.add_module(f"hidden{number}", nn.Linear(inputs, outputs))
            self.output = nn.Linear(100, classes)

        def forward(self, x: Tensor) -> Tensor:
            for number in range(1, 6):
                x = nn.functional.elu(self.get_submodule(f"hidden{number}")(x))
            return self.output(x)

    return DeepNet()


def ours_in_pytorch(folder: Path) -> None:
    """Loads exercise 8's network into PyTorch, and holds its logits of the test images against ours."""
    import torch
    from safetensors.torch import load_file

    run("ex08-base", "logits", "logits.safetensors", "--offline", folder=folder)
    tensors = load_file(folder / "logits.safetensors")
    theirs = network(5)
    theirs.load_state_dict(load_file(folder / "runs/ex08/b/seed-42/final.safetensors"), strict=True)
    with torch.inference_mode():
        logits = theirs(tensors["images"])
    compare("PyTorch", logits.numpy(), {name: tensor.numpy() for name, tensor in tensors.items()})


def ours_in_onnxruntime(folder: Path) -> None:
    """Runs exercise 8's network in onnxruntime, and holds its logits of the test images against ours."""
    from safetensors.numpy import load_file

    run("ex08-base", "onnx", "network.onnx", folder=folder)
    tensors = load_file(folder / "logits.safetensors")
    compare("onnxruntime", run_onnx(folder / "network.onnx", images=tensors["images"]), tensors)
    # Batch normalisation, leaky rectified units, dropout and a frozen layer; two towers, and one for both images.
    run("examples/onnx", folder, folder=folder)
    for name in ("layers", "apart", "shared"):
        tensors = load_file(folder / f"{name}.safetensors")
        images = {name: tensors[name] for name in ("images", "first", "second") if name in tensors}
        compare(f"onnxruntime, {name}", run_onnx(folder / f"{name}.onnx", **images), tensors)


def run_onnx(path: Path, **images):
    """Returns the logits (n, classes) of images (n, 784), or of pairs of them."""
    from onnxruntime import InferenceSession

    [logits] = InferenceSession(path).run(["logits"], images)
    return logits


def pairs_in_onnxruntime(folder: Path) -> None:
    """Trains exercise 10's networks for four epochs, and has onnxruntime tell pairs of exercise 8's test images by them."""
    import numpy
    from safetensors.numpy import load_file

    run("ex10-pretrain", "c", "--epochs", "4", "--offline", folder=folder)
    tensors = load_file(folder / "logits.safetensors")
    first, second = (numpy.roll(tensors["images"], shift, axis=0) for shift in (0, 1))
    different = tensors["labels"] != numpy.roll(tensors["labels"], 1)
    for fit in ("pairs_hidden", "pairs_distance"):
        run("ex10-pretrain", "onnx", f"{fit}.onnx", "--fit", fit, folder=folder)
        logits = run_onnx(folder / f"{fit}.onnx", first=first, second=second)
        right = ((logits[:, 0] > 0) == different).mean()
        print(f"exercise 10 in onnxruntime: {fit} after four epochs, {right:.2%} of {len(different):,} pairs right")
        if right < 0.9:
            sys.exit(f"{fit} tells only {right:.2%} of the pairs")


def compare(program: str, logits, tensors: dict) -> None:
    """Holds a program's logits against ours."""
    farthest = abs(logits - tensors["logits"]).max()
    right = f", {(logits.argmax(axis=1) == tensors['labels']).mean():.2%} right" if "labels" in tensors else ""
    what = "pairs" if "first" in tensors else "test images"
    print(f"ours in {program}: {len(logits):,} {what}{right}, logits at most {farthest:.1e} apart")
    if not farthest <= FARTHEST:
        sys.exit(f"the logits are {farthest} apart, more than {FARTHEST}")


def pytorchs_in_exercise_9(folder: Path) -> None:
    """Trains a network in PyTorch on the digits 0 to 4, and has exercise 9 build on it."""
    import torch
    from safetensors.torch import load_file, save_file
    from torch.nn.functional import cross_entropy

    from peer import load

    data = folder / "data"
    data.mkdir()
    run("epoch", "data", data, folder=folder)
    images, labels = (torch.from_numpy(array) for array in load(data, "train"))
    torch.manual_seed(42)
    theirs = network(5)
    adam = torch.optim.Adam(theirs.parameters(), lr=0.001)
    for _ in range(EPOCHS):
        for rows in torch.randperm(len(labels)).split(BATCH):
            loss = cross_entropy(theirs(images[rows]), labels[rows])
            adam.zero_grad()
            loss.backward()
            adam.step()
    path = folder / "theirs.safetensors"
    save_file(theirs.state_dict(), path)
    done = run("ex09-transfer", "b", "--quick", "--json", "--offline", "--pretrained", path, folder=folder)
    accuracy = json.loads(done.stdout)["parts"]["b"]["frozen5"]["test_accuracy"]
    ours = load_file(folder / "runs/ex09/frozen5/seed-42/final.safetensors")
    if not all(torch.equal(ours[name], tensor) == name.startswith("hidden") for name, tensor in theirs.state_dict().items()):
        sys.exit("exercise 9 did not build on the hidden layers of that network")
    print(f"PyTorch's in exercise 9: {EPOCHS} epochs on the digits 0 to 4, {accuracy:.2%} of the digits 5 to 9 right on its frozen layers")

    wrong = {**theirs.state_dict(), "hidden3.weight": torch.zeros(100, 50)}
    save_file(wrong, path)
    done = run("ex09-transfer", "b", "--quick", "--offline", "--pretrained", path, folder=folder, expected=1)
    if "hidden3.weight [100, 50]" not in done.stderr:
        sys.exit(f"the wrong tensor is not named: {done.stderr}")


def curves_in_tensorboard(folder: Path, document: dict) -> None:
    """Reads exercise 8's event file, and holds it against the results."""
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    # Unless it is told otherwise, the reader keeps one histogram of each.
    events = EventAccumulator(str(folder / "runs/ex08/b/seed-42"), size_guidance={"histograms": 0}).Reload()
    row, tags = document["parts"]["b"], events.Tags()
    curves = {tag: events.Scalars(tag) for tag in ("loss/training", "loss/validation", "accuracy/training", "accuracy/validation")}
    for tag, points in curves.items():
        steps = [point.step for point in points]
        if steps != list(range(1, row["epochs"] + 1)) or not all(math.isfinite(point.value) for point in points):
            sys.exit(f"{tag}: {points}")
    best = curves["loss/validation"][row["best_epoch"] - 1].value
    if abs(best - row["validation_loss"]) > 1e-6:
        sys.exit(f"validation loss {best} in TensorBoard, {row['validation_loss']} in the results")
    for tag in ("activations/hidden1", "gradients/hidden1", "gradients/output"):
        spreads = events.Histograms(tag)
        if [spread.step for spread in spreads] != list(range(row["epochs"] + 1)):
            sys.exit(f"{tag}: histograms of the epochs {[spread.step for spread in spreads]}")
        for spread in (point.histogram_value for point in spreads):
            limits = [spread.min, *spread.bucket_limit]
            if sum(spread.bucket) != spread.num or limits != sorted(limits) or limits[-1] != spread.max:
                sys.exit(f"{tag}: {spread}")
    [image] = events.Images(tags["images"][0])
    if not image.encoded_image_string.startswith(b"\x89PNG"):
        sys.exit("the weights are no PNG picture")
    size = f"{image.width} x {image.height}"
    print(f"ours in TensorBoard: {len(curves)} curves of {row['epochs']} epochs, {len(tags['histograms'])} histograms, {tags['images'][0]} as a picture of {size}")


def search_in_tensorboard(folder: Path) -> None:
    """Has TensorBoard's hparams plugin read a search of exercise 8, and holds it against the table of candidates."""
    from tensorboard.backend.event_processing.data_provider import MultiplexerDataProvider
    from tensorboard.backend.event_processing.plugin_event_multiplexer import EventMultiplexer
    from tensorboard.context import RequestContext
    from tensorboard.plugins.base_plugin import TBContext
    from tensorboard.plugins.hparams.api_pb2 import ListSessionGroupsRequest, Status
    from tensorboard.plugins.hparams.backend_context import Context
    from tensorboard.plugins.hparams.list_session_groups import Handler

    run("ex08-base", "c", "--quick", "--candidates", "4", "--tensorboard", "--offline", folder=folder)
    search = folder / "runs/ex08/c"
    runs = EventMultiplexer().AddRunsFromDirectory(str(search / "candidates")).Reload()
    context = Context(TBContext(logdir=str(search), data_provider=MultiplexerDataProvider(runs, str(search))))
    request, about = RequestContext(), ""
    columns = context.experiment_from_metadata(
        request, about, True, context.hparams_metadata(request, about), context.hparams_from_data_provider(request, about, 100)
    )
    asked = ListSessionGroupsRequest(start_index=0, slice_size=100, allowed_statuses=[Status.Value("STATUS_SUCCESS")])
    found = Handler(request, context, about, asked).run().session_groups
    with (search / "candidates.csv").open() as file:
        rows = {row["candidate"]: row for row in csv.DictReader(file)}
    for group in found:
        row, metrics = rows[group.name], {value.name.tag: value.value for value in group.metric_values}
        theirs = [group.hparams["learning_rate"].number_value, metrics["held_out/accuracy"], metrics["held_out/loss"]]
        ours = [float(row[name]) for name in ("learning_rate", "accuracy_mean", "loss_mean")]
        if any(abs(a - b) > 1e-6 for a, b in zip(theirs, ours)):
            sys.exit(f"candidate {group.name}: {theirs} in TensorBoard, {ours} in the table")
    if len(found) != len(rows):
        sys.exit(f"{len(found)} candidates in TensorBoard, {len(rows)} in the table")
    names = ", ".join(info.name for info in columns.hparam_infos)
    print(f"ours in TensorBoard's hparams: {len(found)} candidates by {names}")


def main() -> None:
    if Path(sys.prefix) != VENV:
        set_up_python()
        os.execv(PYTHON, [PYTHON, *sys.argv])
    build()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        # Cut off and gone on with, so that what TensorBoard reads is a resumed run's.
        first = ["b", "--tensorboard", "--offline", "--json"]
        run("ex08-base", *first, "--epochs", "2", folder=folder)
        document = json.loads(run("ex08-base", *first, "--epochs", "4", "--resume", folder=folder).stdout)
        ours_in_pytorch(folder)
        ours_in_onnxruntime(folder)
        pytorchs_in_exercise_9(folder)
        pairs_in_onnxruntime(folder)
        curves_in_tensorboard(folder, document)
        search_in_tensorboard(folder)


if __name__ == "__main__":
    main()
