#!/usr/bin/env python3
"""Writes a search of exercise 8c that has ended as a study in Optuna's journal, for its dashboard, its plots and its importances.

    python3 benches/peers/to_optuna.py runs/ex08/c search.log [NAME]

Needs Optuna. Each candidate is a trial under its own number: the value is its mean accuracy on the held-out folds, and those of each fold are
attributes. One that diverged has failed, and one that --halving dropped is pruned.
"""

import csv
import json
import sys
from pathlib import Path

import optuna
from optuna.distributions import CategoricalDistribution
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend
from optuna.trial import FrozenTrial, TrialState, create_trial

ABSENT = "-"
"""What the table has for a hyper-parameter that a candidate is without."""


def main() -> None:
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    folder, journal, name = Path(sys.argv[1]), sys.argv[2], (sys.argv[3:] or ["ex08-8c"])[0]
    if not (folder / "candidates.csv").exists():
        sys.exit(f"{folder}: found no candidates.csv, expected the folder of a search that has ended; end it with --resume")
    export(folder, JournalStorage(JournalFileBackend(journal)), name)
    print(f"{journal}: study {name}")


def export(folder: Path, storage: JournalStorage, name: str) -> None:
    """Adds the study to a storage, which must not have one of this name."""
    space = {key: choices or [None] for key, choices in json.loads((folder / "search.json").read_text())["space"].items()}
    distributions = {key: CategoricalDistribution(choices) for key, choices in space.items()}
    rows = list(csv.DictReader((folder / "candidates.csv").open(newline="")))
    longest = max(int(row["epochs_allowed"]) for row in rows)
    study = optuna.create_study(storage=storage, study_name=name, direction="maximize")
    study.add_trials([trial(row, distributions, longest) for row in sorted(rows, key=lambda row: int(row["candidate"]))])


def trial(row: dict[str, str], distributions: dict[str, CategoricalDistribution], longest: int) -> FrozenTrial:
    accuracy, epochs = (float(row["accuracy_mean"]) if row["accuracy_mean"] else None), int(row["epochs_allowed"])
    state = TrialState.FAIL if accuracy is None else TrialState.COMPLETE if epochs == longest else TrialState.PRUNED
    measured = {key: float(text) for key, text in row.items() if key.startswith(("accuracy_", "loss_", "seconds")) and text}
    return create_trial(
        state=state,
        value=accuracy,
        params={key: choice(row[key], it.choices) for key, it in distributions.items()},
        distributions=distributions,
        user_attrs=measured,
        intermediate_values={} if accuracy is None else {epochs: accuracy},
    )


def choice(text: str, choices: tuple) -> object:
    """Finds the choice that the table writes as `text`."""
    same = lambda it: it is None if text == ABSENT else it == text if isinstance(it, str) else it is not None and float(it) == float(text)
    return next(filter(same, choices))


if __name__ == "__main__":
    main()
