"""Family ``tfidf-nb``: complement naive Bayes."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from newsdesk.models.classifier import Suggest
from newsdesk.models.rows import Rows
from newsdesk.models.tfidf.additive import Additive
from newsdesk.models.tfidf.family import Task, Tensors
from newsdesk.models.tfidf.params import NbParams
from newsdesk.types import Indices

__all__ = ["TfidfNb"]


class TfidfNb(Additive[NbParams]):
    """TF-IDF and complement naive Bayes, as scikit-learn's ComplementNB has it.

    Source: Rennie, Shih, Teevan & Karger 2003, "Tackling the poor assumptions of naive Bayes text
    classifiers". An n-gram speaks for a class as far as it is rare in all other classes. The score
    is the sum of what the document's n-grams weigh, each times minus the logarithm of its share
    there.

    Parameters
    ----------
    params : NbParams | None
        Settings; None means the defaults.
    """

    Params: ClassVar[type] = NbParams

    def _solve(self, task: Task, held_out: tuple[Rows, Indices] | None) -> Tensors:  # noqa: ARG002
        from sklearn.naive_bayes import ComplementNB

        estimator = ComplementNB(alpha=self.params.alpha, norm=self.params.norm)
        estimator.fit(task.rows.matrix(task.n_features), task.y)
        weights = estimator.feature_log_prob_.T
        return self._placed(weights, np.zeros(weights.shape[1]), task)

    @classmethod
    def space(cls, suggest: Suggest) -> NbParams:
        """See `Classifier.space`."""
        return NbParams(
            **cls._text_space(suggest),
            alpha=suggest("alpha", (0.01, 2.0)),
            norm=suggest("norm", [False, True]),
        )
