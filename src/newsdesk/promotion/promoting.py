"""Promotion: a candidate takes the place of the served version, if it may."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from newsdesk import store
from newsdesk.bundle import Bundle
from newsdesk.errors import ConfigError, NewsdeskError
from newsdesk.promotion.gate import MARGIN, Verdict, judge
from newsdesk.promotion.rows import Measured, TestRows, Trained
from newsdesk.training.members import run_about
from newsdesk.types import Progress, Silent

__all__ = ["Promotion", "bundle_of", "promote"]


@dataclass(frozen=True, eq=False)
class Promotion:
    """What became of a candidate.

    Parameters
    ----------
    digest : str
        Of the candidate.
    before : str | None
        Digest of the version that was served; None where there was none.
    promoted : bool
        Whether the candidate is served now; of a dry run, whether it would be.
    verdict : Verdict | None
        The comparison; None where there was nothing to compare with.
    notes : tuple[str, ...]
        What a reader of the numbers should know.
    """

    digest: str
    before: str | None
    promoted: bool
    verdict: Verdict | None = None
    notes: tuple[str, ...] = ()

    def check(self) -> None:
        """Say why a candidate was refused.

        Raises
        ------
        RefusedError
            If it was.
        """
        if not self.promoted and self.verdict is not None:
            self.verdict.check()


def bundle_of(candidate: Path) -> Path:
    """Find the bundle of a run folder.

    Parameters
    ----------
    candidate : Path
        A run folder, or a bundle folder.

    Returns
    -------
    Path
        The bundle folder; what is neither is given back as it is.
    """
    inner = candidate / "bundle"
    return inner if (inner / "manifest.json").is_file() else candidate


def promote(
    candidate: Path | str,
    home: Path | str,
    *,
    test: TestRows | None = None,
    margin: float = MARGIN,
    dry_run: bool = False,
    force: str | None = None,
    by: str = "",
    progress: Progress | None = None,
) -> Promotion:
    """Serve a candidate from a home, if it is not worse than the version that is served there.

    The first promotion into an empty home needs no comparison. What is decided is written to the
    history with its numbers, a refusal too.

    Parameters
    ----------
    candidate : Path | str
        A bundle folder, a run folder, or another home.
    home : Path | str
        The home; made if it does not exist.
    test : TestRows | None
        Rows that both answer; None takes those of the candidate's run.
    margin : float
        What the candidate may be worse by in accuracy and macro-F1, from 0 to 1.
    dry_run : bool
        Whether nothing is written.
    force : str | None
        Reason to promote it whatever the comparison says, or without one; None for none.
    by : str
        Who promotes, for the history.
    progress : Progress | None
        Told of rows read and answered.

    Returns
    -------
    Promotion
        What became of it; `Promotion.check` raises where it was refused.

    Raises
    ------
    ConfigError
        If the margin is out of range, or no test rows are known.
    LeakageError
        If one of the two has learnt test rows.
    BundleError
        If the candidate or the served version cannot be loaded.
    StorageError
        If another process changes the home, or the disk refuses.
    """
    if not 0 <= margin <= 1:
        problem = f"The margin is {margin:g}."
        raise ConfigError(problem, remedy="Name a share from 0 to 1, such as 0.005.")
    if force is not None and not force.strip():
        raise ConfigError("There is no reason to force it.", remedy="Say why: --force REASON.")
    place = bundle_of(Path(candidate))
    kept = store.Home(Path(home))
    asked = _Asked(place, kept, test, margin, force, by, progress or Silent())
    if dry_run:
        return asked.decide()[0]
    # What cannot be loaded must not make a home.
    Bundle.load(place)
    with kept.changing():
        return asked.carry_out()


@dataclass(frozen=True, eq=False)
class _Asked:
    """One promotion."""

    place: Path
    home: store.Home
    test: TestRows | None
    margin: float
    force: str | None
    by: str
    progress: Progress

    def carry_out(self) -> Promotion:
        found, trained = self.decide()
        if found.before == found.digest:
            return found
        verdict = found.verdict
        step = self.home.step(
            "promoted" if found.promoted else "refused",
            found.digest,
            by=self.by,
            source=str(self.place),
            why=self.force or ("; ".join(verdict.reasons) if verdict is not None else ""),
            forced=self.force is not None,
            numbers={} if verdict is None else verdict.numbers,
            run=trained.settings,
        )
        if found.promoted:
            self.home.add(self.place, found.digest)
            self.home.serve(found.digest, step)
        else:
            self.home.note(step)
        return found

    def decide(self) -> tuple[Promotion, Trained]:
        bundle = Bundle.load(self.place)
        assert bundle.digest is not None, "loaded from a folder"
        trained = Trained("the candidate", run_about(self.place), bundle.fingerprint)
        before = self.home.served
        if before in (None, bundle.digest):
            return Promotion(bundle.digest, before, promoted=True), trained
        try:
            verdict, notes = self._compare(bundle, trained)
        except NewsdeskError as error:
            if self.force is None:
                raise
            said = (f"nothing was compared: {error.problem}",)
            return Promotion(bundle.digest, before, promoted=True, notes=said), trained
        promoted = self.force is not None or not verdict.reasons
        return Promotion(bundle.digest, before, promoted, verdict, notes), trained

    def _compare(self, candidate: Bundle, trained: Trained) -> tuple[Verdict, tuple[str, ...]]:
        served = Bundle.load(self.home.path)
        known = self._served_training(served)
        test = self.test or TestRows()
        progress = self.progress
        ours = trained.moved(test.data)
        corpus = test.read(ours, candidate.fields, progress)
        theirs = known.moved(
            test.data if known.run.get("data") == trained.run.get("data") else None
        )
        theirs.share(ours)
        guessed = test.test is None or test.text is None
        measured = Measured.of(
            corpus,
            [(served, theirs), (candidate, ours)],
            guessed=guessed,
            without_learnt=test.without_learnt,
            progress=progress,
        )
        theirs_said, ours_said = (
            bundle.predict(measured.documents(bundle, guessed=guessed), progress=progress)
            for bundle in (served, candidate)
        )
        verdict = judge(
            theirs_said,
            ours_said,
            measured.y,
            clusters=measured.corpus.duplicate_clusters,
            margin=self.margin,
            progress=progress,
        )
        return verdict, measured.notes

    def _served_training(self, served: Bundle) -> Trained:
        """What the history knows of the training of the served version."""
        steps = [step for step in self.home.steps if step.candidate == served.digest and step.run]
        run = steps[-1].run if steps else {}
        return Trained("the served version", run, served.fingerprint)
