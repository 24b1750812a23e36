#!/usr/bin/env python3
"""Times the same work in this workspace, in JAX, in PyTorch, in scipy and in burn, in turn, and prints a Markdown table of medians and ratios."""

import argparse
import contextlib
import json
import os
import platform
import subprocess
import sys
import venv
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

PEERS = Path(__file__).resolve().parent
WORKSPACE = PEERS.parents[1]
TARGET = WORKSPACE / os.environ.get("CARGO_TARGET_DIR", "target")
VENV, DATA = TARGET / "peers-venv", TARGET / "peers-data"
PYTHON = VENV / "bin" / "python"
CORES = len(os.sched_getaffinity(0))


@dataclass(frozen=True)
class Job:
    name: str
    label: str
    times: int
    """How often it is done in a round, which counts as one time, the mean."""
    margin: float = 0
    """How far a peer's mean loss may be from ours, as a fraction: all start from the same weights, but draw their own orders."""


TRAINING = [
    Job("epoch-20", "training epoch, batch 20", 1, 0.1),
    Job("epoch-100", "training epoch, batch 100", 1, 0.1),
    Job("epoch-500", "training epoch, batch 500", 1, 0.1),
    Job("pairs-100", "exercise 10, epoch of pairs", 1, 0.1),
]
EAGER = [
    Job("frozen-20", "exercise 9, epoch above frozen layers", 20, 0.02),
    Job("cached-20", "exercise 9, epoch on cached features", 20, 0.02),
    Job("inference-500", "inference, 10,000 images", 5, 0.0001),
]
JOBS = [*TRAINING, *EAGER]
AUGMENTED = Job("augmented-100", "training epoch, batch 100, each image distorted", 1)
DISTORTING = Job("distort-1000", "distorting 1,000 images", 1, 0.04)
"""Its `loss` is the mean of all pixels, which scipy's fields raise by 2 %: they grow towards the edges, where they are mirrored."""
ALL = [*JOBS, AUGMENTED, DISTORTING]
PEAK = Job("multiply-adds", "10^9 multiply-adds, factors near", 5)
"""What the processor multiplies at most."""
YARDSTICKS = [PEAK, Job("reading", "10^9 bytes from the second cache", 5)]


@dataclass
class Contender:
    """A process that does jobs when asked to, and what it has answered."""

    label: str
    command: list[str | Path]
    jobs: list[Job]
    seconds: dict[str, list[float]] = field(default_factory=dict)
    losses: dict[str, list[float]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        compiled = {"TORCHINDUCTOR_CACHE_DIR": str(TARGET / "peers-compiled")}
        environment = {**os.environ, **compiled, "JAX_PLATFORMS": "cpu", "PYTHONDONTWRITEBYTECODE": "1"}
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(self.command, stdin=pipe, stdout=pipe, text=True, bufsize=1, env=environment)

    def do(self, job: Job, *, warming_up: bool) -> float:
        """Has the job done for one round and returns the seconds, which do not count in a warming-up: it compiles."""
        try:
            self.process.stdin.write(f"{job.name} {job.times}\n")
            answer = json.loads(self.process.stdout.readline())
        except (BrokenPipeError, json.JSONDecodeError):
            sys.exit(f"{self.label} ended during {job.name}, with status {self.process.wait()}")
        self.losses.setdefault(job.name, []).append(answer["loss"])
        if not warming_up:
            self.seconds.setdefault(job.name, []).append(answer["seconds"])
        return answer["seconds"]

    def median(self, job: Job) -> float:
        return median(self.seconds[job.name])

    def mean_loss(self, job: Job) -> float:
        losses = self.losses[job.name]
        return sum(losses) / len(losses)

    def end(self) -> None:
        """Lets the process end: it has nothing more to read."""
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()
        self.process.wait()


def set_up_python() -> None:
    """Makes the virtual environment, unless it has what `requirements.txt` says already."""
    requirements, installed = PEERS / "requirements.txt", VENV / "installed.txt"
    if installed.exists() and installed.read_text() == requirements.read_text():
        return
    venv.create(VENV, with_pip=True)
    pip = [PYTHON, "-m", "pip", "install", "--no-deps", "--only-binary", ":all:", "--no-cache-dir"]
    subprocess.run([*pip, "-r", requirements], check=True, stdout=sys.stderr)
    installed.write_text(requirements.read_text())


def build() -> Path:
    """Builds our side and returns its path."""
    command = ["cargo", "build", "--release", "--locked", "-p", "benches", "--bin", "epoch"]
    subprocess.run(command, check=True, cwd=WORKSPACE, env={**os.environ, "CARGO_TARGET_DIR": str(TARGET)})
    return TARGET / "release" / "epoch"


def build_burn() -> Path:
    """Builds burn's side, for this very processor, and returns its path."""
    target = TARGET / "peers-burn"
    environment = {**os.environ, "CARGO_TARGET_DIR": str(target), "RUSTFLAGS": "-C target-cpu=native"}
    subprocess.run(["cargo", "build", "--release", "--locked"], check=True, cwd=PEERS / "burn", env=environment)
    return target / "release" / "burn-peer"


def compare(contenders: list[Contender], rounds: int) -> None:
    """Has each contender do each job in every round. Another one is first each time."""
    for number in range(rounds + 1):
        title = f"round {number} of {rounds}" if number else "warming up"
        first = number % len(contenders)
        for job in [*ALL, *YARDSTICKS]:
            print(f"{title}, {job.name}:", end="", file=sys.stderr, flush=True)
            for contender in contenders[first:] + contenders[:first]:
                if job not in contender.jobs:
                    continue
                seconds = contender.do(job, warming_up=number == 0)
                print(f" {contender.label} {duration(seconds)};", end="", file=sys.stderr, flush=True)
            print(file=sys.stderr)


def check(one: Contender, all_cores: Contender, peers: list[Contender]) -> None:
    """Ends with an error unless all have learnt alike, and ours to the last bit, however many threads it has."""
    for job in ALL:
        ours = one.mean_loss(job)
        able = [peer for peer in peers if job in peer.jobs]
        losses = ", ".join(f"{it.label} {it.mean_loss(job):.4f}" for it in [one, *able])
        print(f"{job.name}: mean loss of {losses}", file=sys.stderr)
        if one.losses[job.name] != all_cores.losses[job.name]:
            sys.exit(f"{job.name}: our losses depend on the number of threads")
        if not all(abs(peer.mean_loss(job) / ours - 1) <= job.margin for peer in able):
            sys.exit(f"{job.name}: not the same work, the losses are more than {job.margin:.2%} apart")


def table(one: Contender, all_cores: Contender, peers: list[Contender], multiply_adds: dict[str, int]) -> str:
    """Puts after a peer's time the ratio of ours on all cores to it; and last, what the multiply-adds alone take of our times."""
    ours = [one, all_cores]
    shares = [f"multiply-adds alone, {it.label.removeprefix('ours, ')}" for it in ours]
    columns = [*(it.label for it in [*ours, *peers]), f"1 thread : {CORES} threads", *shares]
    rows = [["", *columns], ["---", *["---:"] * len(columns)]]
    for job in [*ALL, *YARDSTICKS]:
        best = all_cores.median(job)
        times = [f"{duration(it.median(job))} ({best / it.median(job):.2f})" if job in it.jobs else "" for it in peers]
        limits = [multiply_adds.get(job.name, 0) * it.median(PEAK) / 1e9 / it.median(job) for it in ours]
        shares = [f"{100 * limit:.0f} %" if limit else "" for limit in limits]
        rows.append([job.label, *(duration(it.median(job)) for it in ours), *times, f"{one.median(job) / best:.2f}", *shares])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def duration(seconds: float) -> str:
    return f"{seconds:.3f} s" if seconds >= 0.1 else f"{1000 * seconds:.3g} ms"


def output_of(*command: str | Path) -> str:
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, cwd=WORKSPACE).stdout.strip()


def machine() -> str:
    """Names the processor, and the widest of its vectors that our kernels use."""
    described = dict(line.split(":", 1) for line in output_of("lscpu").splitlines() if ":" in line)
    name, flags = described.get("Model name", platform.machine()).strip(), described.get("Flags", "").split()
    vectors = next((f" with {label}" for flag, label in [("avx512f", "AVX-512"), ("avx2", "AVX2")] if flag in flags), "")
    return f"{name}{vectors}, {CORES} cores"


def versions() -> str:
    names = ["jax", "jaxlib", "numpy", "scipy", "torch"]
    code = f"from importlib.metadata import version; print(*(f'{{it}} {{version(it)}}' for it in {names}), sep=', ')"
    return f"{' '.join(output_of('rustc', '--version').split()[:2])}, Python {platform.python_version()}, {output_of(PYTHON, '-c', code)}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="rounds to take medians of (default: %(default)s)")
    parser.add_argument("--burn", action="store_true", help="compare with burn, too, which takes minutes to build")
    arguments = parser.parse_args()
    rounds = arguments.rounds
    if rounds < 1:
        parser.error("--rounds must be at least 1")

    set_up_python()
    ours = build()
    DATA.mkdir(parents=True, exist_ok=True)
    data = json.loads(output_of(ours, "data", DATA))
    one = Contender("ours, 1 thread", [ours, "serve", "1"], [*ALL, *YARDSTICKS])
    all_cores = Contender(f"ours, {CORES} threads", [ours, "serve", str(CORES)], [*ALL, *YARDSTICKS])
    torch = [PYTHON, PEERS / "torch_epoch.py", DATA, str(CORES)]
    peers = [
        Contender("JAX", [PYTHON, PEERS / "jax_epoch.py", DATA], JOBS),
        Contender("PyTorch", torch, JOBS),
        Contender("PyTorch, compiled", [*torch, "compiled"], TRAINING),
        Contender("scipy", [PYTHON, PEERS / "scipy_distort.py", DATA], [DISTORTING]),
    ]
    if arguments.burn:
        peers.append(Contender("burn", [build_burn(), DATA], TRAINING))
    contenders = [one, all_cores, *peers]
    try:
        compare(contenders, rounds)
    finally:
        for contender in contenders:
            contender.end()
    check(one, all_cores, peers)
    print(f"{machine()}; {data['dataset']}; medians, rounds: {rounds}.", f"{versions()}.", sep="\n", end="\n\n")
    print(table(one, all_cores, peers, data["multiply_adds"]))


if __name__ == "__main__":
    main()
