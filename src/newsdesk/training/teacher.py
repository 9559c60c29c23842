"""Who teaches the families of a run, as it is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from newsdesk import bundle as door
from newsdesk import config
from newsdesk.bundle.teaching import SHARE, check_share
from newsdesk.errors import ConfigError, UnknownFamilyError
from newsdesk.training.settings import family_params

__all__ = ["Given", "Teacher", "parted"]

_PREFIX = "teacher."
_ENSEMBLE = "ensemble"


@dataclass(frozen=True)
class Given:
    """Settings of a teacher that is a bundle.

    Parameters
    ----------
    trust : bool
        Whether it is taken if it is not known that it has learnt neither valid nor test rows.
    """

    trust: bool = False


@dataclass(frozen=True, eq=False, kw_only=True)
class Teacher:
    """A family that is trained out of fold, or a bundle that was trained before.

    Parameters
    ----------
    name : str
        The family, or the folder of the bundle.
    params : Any
        The family's Params, or `Given`.
    share : float
        Weight of the teacher against the truth, 0 to 1.
    unlabelled : Any
        Where texts without label are; None for none.
    words : bool
        Whether it is asked about each word of the train rows, too.
    """

    name: str
    params: Any
    share: float
    unlabelled: Any
    words: bool = False

    @classmethod
    def of(
        cls,
        teacher: str | Path | Sequence[str] | None,
        settings: Sequence[str],
        *,
        share: float | None,
        unlabelled: Any,  # noqa: ANN401  as the rows of a run are given
        students: Sequence[str],
        words: bool = False,
    ) -> Teacher | None:
        """Read what is asked for, and refuse what cannot be, before anything is read.

        Parameters
        ----------
        teacher : str | Path | Sequence[str] | None
            A family; several, whose mixture is then the teacher; or the folder of a bundle.
        settings : Sequence[str]
            ``key=value`` for it.
        share : float | None
            Weight of the teacher against the truth; None means the default.
        unlabelled : Any
            Where texts without label are; None for none.
        students : Sequence[str]
            The families that are taught.
        words : bool
            Whether it is asked about each word of the train rows, too.

        Returns
        -------
        Teacher | None
            None where nobody is asked for.

        Raises
        ------
        ConfigError
            If there are options for a teacher and there is none; a student cannot be taught; a
            setting is unknown or out of range; or a bundle could teach nothing, because there are
            no texts that it has not learnt.
        UnknownFamilyError
            If there is neither a family nor a bundle of that name.
        MissingExtraError
            If the family cannot be trained here.
        """
        if teacher is None:
            _refuse_options(settings, share, unlabelled, words=words)
            return None
        for student in students:
            door.require_teachable(student)
        share = SHARE if share is None else share
        check_share(share)
        names = [str(teacher)] if isinstance(teacher, str | Path) else [*map(str, teacher)]
        if len(names) == 1 and _is_bundle(names[0]):
            params: Any = config.override(Given(), settings, where=f"Teacher {names[0]}")
            if unlabelled is None and not words:
                problem = (
                    f"The teacher {names[0]} has learnt the train rows: of them it would pass on "
                    f"what it knows by heart."
                )
                remedy = (
                    "Give texts without label (--unlabelled FILE), ask it about words "
                    "(--teacher-words), or name its family to be trained here: --teacher hybrid."
                )
                raise ConfigError(problem, remedy=remedy)
            return cls(
                name=names[0], params=params, share=share, unlabelled=unlabelled, words=words
            )
        if len(names) > 1:
            settings = [f"members={','.join(names)}", *settings]
            names = [_ENSEMBLE]
        params = family_params(names, settings)[names[0]]
        if door.given_bundles(names[0], params):
            problem = "A teacher that is trained out of fold cannot hold bundles: they are trained."
            raise ConfigError(problem, remedy="Name its members by their families.")
        return cls(name=names[0], params=params, share=share, unlabelled=unlabelled, words=words)

    @property
    def is_given(self) -> bool:
        """Whether it is a bundle that was trained before."""
        return isinstance(self.params, Given)


def parted(settings: Sequence[str]) -> tuple[list[str], list[str]]:
    """Tell the settings of the teacher, ``teacher.key=value``, from those of the families.

    Parameters
    ----------
    settings : Sequence[str]
        Of both.

    Returns
    -------
    tuple[list[str], list[str]]
        Those of the families, and those of the teacher without the prefix.

    Examples
    --------
    >>> parted(["epochs=3", "teacher.C=0.3"])
    (['epochs=3'], ['C=0.3'])
    """
    theirs = [pair for pair in settings if pair.lstrip().startswith(_PREFIX)]
    own = [pair for pair in settings if pair not in theirs]
    return own, [pair.lstrip().removeprefix(_PREFIX) for pair in theirs]


def _refuse_options(
    settings: Sequence[str],
    share: float | None,
    unlabelled: Any,  # noqa: ANN401
    *,
    words: bool,
) -> None:
    given = {
        "texts without label (--unlabelled)": unlabelled is not None,
        "a share (--teacher-share)": share is not None,
        "words to ask about (--teacher-words)": words,
        f"settings of a teacher (--set {_PREFIX}…)": bool(settings),
    }
    named = [what for what, is_given in given.items() if is_given]
    if named:
        problem = f"There is no teacher, but there are {' and '.join(named)}."
        raise ConfigError(problem, remedy="Name a teacher too: --teacher hybrid.")


def _is_bundle(name: str) -> bool:
    try:
        door.default_params(name)
    except UnknownFamilyError as error:
        if Path(name).is_dir():
            return True
        problem = f"There is neither a family {name!r} nor a bundle in a folder of that name."
        raise UnknownFamilyError(problem, remedy=error.remedy) from error
    return False
