"""Measures the results that the READMEs show, and writes them there: python3 benches/results.py [TABLE ...]

Each table stands between <!-- results: NAME --> and <!-- end -->; without names, all are made. MNIST is read from where
the programs read it. All of it takes about a quarter of an hour on two cores. What was measured stays in target/results:
remove that to measure anew."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "target" / "results"
SEEDS = "5"


def document(package, *arguments):
    """Runs an exercise, once, and returns where its JSON document is."""
    path = FOLDER / (" ".join([package, *arguments]).replace("/", "_") + ".json")
    if not path.exists():
        folder = FOLDER / package
        command = ["cargo", "run", "--release", "--quiet", "-p", package, "--", *arguments]
        command += ["--data", "mnist", "--json", "--out", str(folder)]
        if package == "ex09-transfer":
            command += ["--pretrained", str(FOLDER / "ex08-base")]
        print(" ".join(command), file=sys.stderr)
        done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=True)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(done.stdout)
    return path


def run(package, *arguments):
    """Runs an exercise, once, and returns its JSON document."""
    return json.loads(document(package, *arguments).read_text())


def percent(number):
    """Writes a fraction, or the mean and the standard deviation of several."""
    if isinstance(number, dict):
        return f"{100 * number['mean']:.2f} ± {100 * number['std']:.2f} %"
    return f"{100 * number:.2f} %"


def table(headings, rows):
    lines = [headings, ["---"] * len(headings), *rows]
    return "\n".join(f"| {' | '.join(line)} |".replace("|  |", "| |") for line in lines)


def accuracy(row):
    return percent(row["test_accuracy"]) if row else ""


def exercise_8():
    parts = run("ex08-base", "--seeds", SEEDS)["parts"]
    rows = [
        ("8b", "plain", "97.26 %", parts["b"]),
        ("8c", f"the best of {parts['c']['trials']} candidates", "98.91 %", parts["c"]["refitted"]),
        ("8d", "batch normalisation", "99.42 % (tuned 99.49 %)", parts["d"]["batch_norm"]),
        ("8d", "the same at its best rate", "", parts["d"].get("batch_norm_at_its_best_rate")),
        ("8e", "dropout", "98.62 % (tuned 98.89 %)", parts["e"]["dropout"]),
        ("8f", "training digits shifted", "", parts["f"]["shift"]),
        ("8f", "affine maps", "", parts["f"]["affine"]),
        ("8f", "affine maps and elastic displacements", "", parts["f"]["elastic"]),
    ]
    return table(
        ["part", "what", "reference notebook", "accuracy", "macro precision"],
        [[*row, accuracy(found), percent(found["test_precision"])] for *row, found in rows if found],
    )


def exercise_10():
    parts = run("ex10-pretrain", "--seeds", SEEDS)["parts"]
    rows = [
        ("10c", "pairs, one logistic neuron, as the exercise asks", "", "c", "pairs_single_output"),
        ("10c", "pairs, with a hidden layer of 10 before it", "97.65 %", "c", "pairs_hidden"),
        ("10c", "pairs, one logistic neuron on the distance", "", "c", "pairs_distance"),
        ("10d", "ten digits on A's frozen hidden layers, 5,000 labels", "96.5 %", "d", "frozen_a"),
        ("10d", "then all layers fine-tuned", "", "d", "fine_tuned"),
        ("10d", "the same network from scratch", "94.6 %", "d", "scratch"),
        ("10d", "the same network on all 55,000 labels", "", "d", "ceiling"),
    ]
    return table(
        ["part", "what", "reference notebook", "here", "with data augmentation (10f)"],
        [[*row, accuracy(parts[part][key]), accuracy(parts["f"].get(key))] for *row, part, key in rows],
    )


def exercise_9():
    parts = run("ex09-transfer", "--seeds", "10")["parts"]
    rows = [
        ("9b, 9c", "five hidden layers frozen", "64.0 % (cached: 61.2 %)", "b", "frozen5"),
        ("9d", "four frozen", "69.1 %", "d", "frozen4"),
        ("9e", "then the top two unfrozen", "78.1 %", "e", "unfrozen2"),
        ("9e", "then all unfrozen", "91.3 %", "e", "unfrozen_all"),
        ("9e", "the same network from scratch", "84.8 %", "e", "scratch"),
        ("9e", "softmax regression on the pixels", "", "e", "softmax_regression"),
        ("9e", "the nearest neighbour on the pixels", "", "e", "nearest_neighbour"),
    ]
    return table(
        ["part", "what", "reference notebook", "on exercise 8's network", "on part f's network", "with data augmentation (9h)"],
        [
            [*row, accuracy(parts[part][key]), accuracy(parts["f"].get(key)), accuracy(parts["h"].get(key))]
            for *row, part, key in rows
        ],
    )


def augmented_transfer():
    """Shows what each pretrained network is worth where images are distorted."""
    part = run("ex09-transfer", "--seeds", "10")["parts"]["h"]
    rows = [
        ("8b: digits as they are", "_8b"),
        ("8f: distorted digits, for 250 epochs", "_8f"),
        ("to transfer: distorted digits, for 20 epochs, with batch normalisation", ""),
    ]
    found = [[what, accuracy(part["frozen5" + key]), accuracy(part["unfrozen_all" + key])] for what, key in rows]
    found[-1][1] += f" (cached copies: {accuracy(part['cached_copies'])})"
    return table(["pretrained on", "five frozen", "all unfrozen"], [*found, ["nothing", "", accuracy(part["scratch"])]])


def accuracy_figure():
    """Draws the errors of all exercises, and returns what shows the picture."""
    runs = [("ex08-base", SEEDS), ("ex09-transfer", "10"), ("ex10-pretrain", SEEDS)]
    documents = [document(package, "--seeds", seeds) for package, seeds in runs]
    command = ["cargo", "run", "--release", "--quiet", "-p", "benches", "--bin", "accuracy", "--", *documents]
    svg = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=True).stdout
    (ROOT / "benches" / "accuracy.svg").write_bytes(svg)
    return "![Test errors of the networks of all three exercises, on a logarithmic scale](benches/accuracy.svg)"


def labels(by_number, unit, rows):
    """Shows accuracy against the number of labels; `rows` names what was trained, by its key."""
    return table(
        [unit, *rows.values()],
        [[f"{int(number):,}", *(accuracy(by_number[number][row]) for row in rows)] for number in sorted(by_number, key=int)],
    )


def labels_of_exercise_9():
    parts = run("ex09-transfer", "--seeds", "10")["parts"]
    rows = {
        "frozen4": "four frozen",
        "unfrozen_all": "all unfrozen",
        "scratch": "from scratch",
        "softmax_regression": "softmax regression",
        "nearest_neighbour": "nearest neighbour",
    }
    return labels(parts["g"]["images_per_digit"], "images per digit", rows)


def labels_of_exercise_10():
    parts = run("ex10-pretrain", "--seeds", SEEDS)["parts"]
    rows = {"frozen_a": "on A's frozen hidden layers", "scratch": "from scratch"}
    return labels(parts["e"]["labels_per_digit"], "labels per digit", rows)


def augmented_pairs():
    """Shows what distorted images are worth in exercise 10."""
    parts = run("ex10-pretrain", "--seeds", SEEDS)["parts"]
    rows = [
        ("pairs, with a hidden layer of 10", "c", "pairs_hidden"),
        ("ten digits on A's frozen hidden layers", "d", "frozen_a"),
        ("the same network from scratch", "d", "scratch"),
        ("the same network on all labels", "d", "ceiling"),
    ]
    return table(
        ["what", "images as they are", "distorted"],
        [[what, accuracy(parts[part][key]), accuracy(parts["f"][key])] for what, part, key in rows],
    )


def chance(p):
    """Writes a p-value, with enough digits to tell on which side of 0.05 it lies."""
    if p is None:
        return ""
    if p < 0.001:
        return "p < 0.001"
    return f"p = {p:.5f}" if abs(p - 0.05) < 0.001 else f"p = {p:.3f}"


def verdicts(document):
    """Lists what a run has asked and found."""
    def row(verdict):
        points = f"{100 * verdict['difference']:+.2f}"
        if verdict["interval"]:
            low, high = (f"{100 * end:+.2f}" for end in verdict["interval"])
            points += f" ({low} to {high})"
        return [verdict["question"].replace("|", "\\|"), verdict["answer"], points, chance(verdict["p"])]

    found = [verdict for part in document["parts"].values() for verdict in part.get("verdicts", [])]
    return table(["question", "answer", "points (95 % interval)", "corrected"], [row(verdict) for verdict in found])


def caching():
    """Times frozen layers against cached ones, unless that was done, and returns the table; copies its figure, too."""
    folder = Path(os.environ.get("CRITERION_HOME") or Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "criterion")
    if not (folder / "caching.md").exists():
        for benchmark in ["frozen_vs_cached", "worth_of_caching"]:
            subprocess.run(["cargo", "bench", "-p", "benches", "--bench", benchmark], cwd=ROOT, check=True)
    (ROOT / "benches" / "caching.svg").write_text((folder / "caching.svg").read_text())
    return (folder / "caching.md").read_text().strip()


TABLES = {
    "caching": ("README.md", caching),
    "8": ("README.md", exercise_8),
    "9": ("README.md", exercise_9),
    "10": ("README.md", exercise_10),
    "accuracy": ("README.md", accuracy_figure),
    "9h": ("ex09-transfer/README.md", augmented_transfer),
    "10f": ("ex10-pretrain/README.md", augmented_pairs),
    "10e": ("ex10-pretrain/README.md", labels_of_exercise_10),
    "9g": ("ex09-transfer/README.md", labels_of_exercise_9),
    "8 verdicts": ("ex08-base/README.md", lambda: verdicts(run("ex08-base", "--seeds", SEEDS))),
    "9 verdicts": ("ex09-transfer/README.md", lambda: verdicts(run("ex09-transfer", "--seeds", "10"))),
    "10 verdicts": ("ex10-pretrain/README.md", lambda: verdicts(run("ex10-pretrain", "--seeds", SEEDS))),
}


def main():
    names = sys.argv[1:] or list(TABLES)
    for name in names:
        file, make = TABLES[name]
        path, text = ROOT / file, make()
        place = re.compile(rf"(<!-- results: {re.escape(name)} -->\n).*?(<!-- end -->)", re.DOTALL)
        old = path.read_text()
        new, found = place.subn(lambda match: f"{match[1]}\n{text}\n\n{match[2]}", old)
        if found != 1:
            sys.exit(f"{file}: expected one place for the results of {name}, found {found}")
        path.write_text(new)


if __name__ == "__main__":
    main()
