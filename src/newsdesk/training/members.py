"""Whether bundles that were trained before may be weighed by the valid rows of a run."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import msgspec

from newsdesk import store
from newsdesk.data.identity import split_digest
from newsdesk.errors import ConfigError, LeakageError
from newsdesk.training.rows import Rows

__all__ = ["check_member", "run_about"]

_RUN = "run.toml"
_METRICS = "metrics.json"


def check_member(
    folder: str, rows: Rows, *, trust: bool, setting: str = "trust=true"
) -> str | None:
    """Refuse a bundle that has learnt from valid or test rows of this run, as far as can be known.

    The run folder about the bundle says what trained it. Weights that are chosen on rows which a
    member has learnt from would favour the member that learnt them best by heart; and what a
    teacher has learnt of them it passes on.

    Parameters
    ----------
    folder : str
        The bundle's folder.
    rows : Rows
        Corpus and split of this run.
    trust : bool
        Whether a bundle is taken of which nothing is known.
    setting : str
        How that is asked for.

    Returns
    -------
    str | None
        What a reader of the numbers should know; None where the bundle is known to have seen
        neither valid nor test rows.

    Raises
    ------
    LeakageError
        If it is known to have learnt from some of them.
    ConfigError
        If that is not known, and `trust` is not set.
    BundleError
        If it is no intact bundle.
    """
    home = Path(folder)
    manifest, digest = store.verify(home)
    run, measured = run_about(home), _measured_of(home)
    if (
        measured is not None
        and measured.bundle_digest == digest
        and "split_digest" in run
        and manifest.fingerprint == run.get("data_fingerprint") == rows.corpus.fingerprint
    ):
        if run["split_digest"] != split_digest(rows.split):
            problem = (
                f"{folder} was trained on the same rows divided otherwise: it has learnt rows that "
                f"are valid or test here."
            )
            remedy = f"Divide them as then: --split {run.get('split')} --seed {run.get('seed')}."
            raise LeakageError(problem, remedy=remedy)
        # Where all rows were held out in turn, the classifier has learnt all of them in the end.
        in_turn = measured.valid.n_held_out != measured.n_valid
        if in_turn or manifest.family in run.get("refit", ()):
            problem = (
                f"{folder} has learnt the valid rows: it was fitted on train and valid together."
            )
            remedy = (
                "Name its family instead, to be trained here, or train it on 2,000 rows or more "
                "with --no-refit."
            )
            raise LeakageError(problem, remedy=remedy)
        return None
    if not trust:
        problem = f"Whether {folder} has learnt from valid or test rows of this run is not known."
        remedy = (
            "Give a bundle inside its run folder, trained on the same rows and split with "
            f"--no-refit; or, if you know that it has not, --set {setting}."
        )
        raise ConfigError(problem, remedy=remedy)
    return (
        f"{folder} was taken on trust; if it has learnt from valid rows, what they choose favours "
        f"it, and if from test rows, the metrics are too good"
    )


def run_about(bundle: Path) -> dict[str, Any]:
    """Read the settings of the run that wrote a bundle.

    Parameters
    ----------
    bundle : Path
        The bundle's folder.

    Returns
    -------
    dict[str, Any]
        What ``run.toml`` says; empty where it is not found.
    """
    place = bundle.resolve()
    for home in (place.parent, place.parent.parent.parent):  # X/bundle, X/families/NAME/bundle
        try:
            return tomllib.loads((home / _RUN).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue
    return {}


class _Held(msgspec.Struct):
    n_held_out: int


class _Measured(msgspec.Struct):
    """What is read of ``metrics.json``."""

    bundle_digest: str
    n_valid: int
    valid: _Held


def _measured_of(bundle: Path) -> _Measured | None:
    try:
        raw = (bundle.resolve().parent / _METRICS).read_bytes()
        return msgspec.json.decode(raw, type=_Measured)
    except (OSError, msgspec.DecodeError):
        return None
