"""Family ``tfidf-logreg``: multinomial logistic regression."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from typing import Any, ClassVar, Self

from newsdesk.models.classifier import Suggest
from newsdesk.models.rows import Rows
from newsdesk.models.tfidf.additive import Additive
from newsdesk.models.tfidf.family import Task, Tensors, chains
from newsdesk.models.tfidf.params import LogregParams
from newsdesk.models.tfidf.placing import both_classes
from newsdesk.types import Floats, Indices

__all__ = ["TfidfLogreg"]

_TOL = 1e-3
"""Largest change of a weight in the last pass, relative to the largest weight: on those headlines
the objective is then within 3e-7 of the optimum."""


class TfidfLogreg(Additive[LogregParams]):
    """Published system: TF-IDF of lemmas and scikit-learn's LogisticRegression(C=5).

    Parameters
    ----------
    params : LogregParams | None
        Settings; None means the defaults.
    """

    Params: ClassVar[type] = LogregParams

    def _solve(self, task: Task, held_out: tuple[Rows, Indices] | None) -> Tensors:  # noqa: ARG002
        return self._tensors_of(self._estimator(task), task)

    @classmethod
    def _sweep(
        cls, models: Sequence[Self], task: Task, held_out: Rows
    ) -> Iterator[tuple[int, Floats]]:
        """From the strongest penalty on, each fit begins where the last one ended."""
        for places in chains([model.params for model in models]):
            estimator = None
            for place in places:
                model = models[place]
                estimator = model._estimator(task, start=estimator)
                model._tensors = model._tensors_of(estimator, task)
                yield place, model._logits(held_out)

    def _estimator(self, task: Task, start: Any = None) -> Any:  # noqa: ANN401  untyped library
        from sklearn.exceptions import ConvergenceWarning
        from sklearn.linear_model import LogisticRegression

        # Stochastic average gradients (Schmidt, Le Roux & Bach 2017). On 162,000 headlines of 34
        # classes scikit-learn's default, 100 steps of L-BFGS, stops a fifth above the optimum and
        # takes several times as long.
        estimator = start or LogisticRegression(
            solver="sag", tol=_TOL, random_state=task.seed, warm_start=True
        )
        estimator.set_params(C=self.params.C, max_iter=self.params.max_iter)
        with (
            warnings.catch_warnings(),
            task.progress.task("logistic regression", 1, "fits") as done,
        ):
            # To stop at max_iter is what the setting asks for.
            warnings.simplefilter("ignore", ConvergenceWarning)
            estimator.fit(task.rows.matrix(task.n_features), task.y)
            done(1)
        return estimator

    def _tensors_of(self, estimator: Any, task: Task) -> Tensors:  # noqa: ANN401  untyped library
        weights, bias = estimator.coef_.T, estimator.intercept_
        if weights.shape[1] == 1:
            weights, bias = both_classes(weights, bias)
        return self._placed(weights, bias, task)

    @classmethod
    def space(cls, suggest: Suggest) -> LogregParams:
        """See `Classifier.space`."""
        return LogregParams(**cls._text_space(suggest), C=suggest("C", (0.1, 20.0)))
