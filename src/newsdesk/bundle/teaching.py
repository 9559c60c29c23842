"""What a student learns from its teacher: probabilities that follow the rows they are of."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from newsdesk.errors import ConfigError
from newsdesk.features.clean import Cleaner
from newsdesk.models.classifier import Valid
from newsdesk.models.soft_targets import SoftTargets, blended, one_hot
from newsdesk.types import Documents, Floats

__all__ = ["SHARE", "Teaching", "check_share"]

SHARE = 0.7
"""Weight of the teacher against the truth, where a row has both."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Teaching:
    """A teacher's probabilities for the texts that a student learns from.

    Parameters
    ----------
    train : Floats | None
        Of the train rows, by models that have not learnt them, shape ``(n, n_classes)``; None
        where there are none such, and the truth alone is learnt of these rows.
    valid : Floats | None
        Of the valid rows, likewise: what is learnt of them in a refit, shape
        ``(n_valid, n_classes)``.
    unlabelled : Documents | None
        m further texts, of which the teacher's probabilities are all that is known.
    unlabelled_proba : Floats | None
        Those, shape ``(m, n_classes)``; None without such texts.
    share : float
        Weight of the teacher against the truth, 0 to 1; unlabelled texts have no truth.

    Raises
    ------
    ConfigError
        If `share` is out of range.
    """

    train: Floats | None = None
    valid: Floats | None = None
    unlabelled: Documents | None = None
    unlabelled_proba: Floats | None = None
    share: float = SHARE

    def __post_init__(self) -> None:
        check_share(self.share)
        both = (self.unlabelled is None) == (self.unlabelled_proba is None)
        assert both, "unlabelled texts and their probabilities come together"

    def cleaned(self, cleaner: Cleaner) -> Teaching:
        """Clean the unlabelled texts as those of a bundle are cleaned."""
        if self.unlabelled is None:
            return self
        return replace(self, unlabelled=cleaner.apply_all(self.unlabelled))

    def with_unlabelled(self, train: Valid, n_classes: int) -> tuple[Valid, SoftTargets]:
        """Put the unlabelled texts behind the train rows.

        Parameters
        ----------
        train : Valid
            n clean documents and their class indices.
        n_classes : int
            Number of classes.

        Returns
        -------
        tuple[Valid, SoftTargets]
            n + m documents, the last m with the teacher's likeliest class; and what is learnt.
        """
        documents, y = train
        soft = self._of(train, self.train, n_classes)
        if self.unlabelled is None or self.unlabelled_proba is None:
            return train, soft
        proba = self.unlabelled_proba
        unknown = SoftTargets(proba, np.zeros(len(proba), dtype=np.bool_))
        guessed = proba.argmax(axis=1).astype(y.dtype)
        longer = documents.extended(self.unlabelled), np.concatenate([y, guessed])
        return longer, soft.extended(unknown)

    def of_valid(self, valid: Valid, n_classes: int) -> SoftTargets:
        """What is learnt of the valid rows in a refit.

        Parameters
        ----------
        valid : Valid
            Documents and class indices.
        n_classes : int
            Number of classes.

        Returns
        -------
        SoftTargets
            In the same order.
        """
        return self._of(valid, self.valid, n_classes)

    def _of(self, rows: Valid, proba: Floats | None, n_classes: int) -> SoftTargets:
        y = rows[1]
        found = one_hot(y, n_classes) if proba is None else blended(y, proba, self.share)
        return SoftTargets(found, np.ones(len(y), dtype=np.bool_))


def check_share(share: float) -> None:
    """Refuse a share that is none.

    Parameters
    ----------
    share : float
        Weight of the teacher against the truth.

    Raises
    ------
    ConfigError
        If it is not in 0 to 1.
    """
    if not 0 <= share <= 1:
        problem = f"The teacher's share is {share}, allowed is: 0 to 1."
        raise ConfigError(problem, remedy="Set it within that range (--teacher-share 0.7).")
