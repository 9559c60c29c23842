"""A scikit-learn estimator over the same door: for pipelines, grids and cross-validation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from numbers import Integral
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import check_random_state
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, column_or_1d

from newsdesk import config
from newsdesk.bundle import SMALL, Bundle, Cleaner, default_params
from newsdesk.errors import InputError, LabelError
from newsdesk.features.near_duplicates import find_exact
from newsdesk.types import Documents, Floats, LabelSet

__all__ = ["TextClassifier"]


class TextClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # untyped library
    """Text classifier with scikit-learn's interface.

    Texts in, labels out; what happens between is a `Bundle`, so the numbers are those of the
    command line. Calibration uses out-of-fold predictions below 2,000 texts, else a tenth of the
    texts, stratified, after which the classifier is fitted on all.

    Parameters
    ----------
    family : str
        Model family.
    params : Mapping[str, Any] | None
        Settings of the family, such as ``{"C": 0.3}``; None means the defaults.
    random_state : int | np.random.RandomState | None
        Seed of every random draw; None draws one, so that no two fits need be equal.
    clean : Sequence[str]
        Text steps of the `Cleaner` by name, such as ``("html", "urls")``.

    Attributes
    ----------
    classes_ : NDArray[Any]
        Distinct labels, sorted, shape ``(n_classes,)``; the order of `predict_proba`'s columns.
    bundle_ : Bundle
        The trained bundle; its class names are the labels as strings.

    Examples
    --------
    >>> texts = ["bank profit up", "bank shares fall", "shop profit down", "shop shares rise"]
    >>> texts += ["club wins cup", "club loses final", "team wins match", "team loses cup"]
    >>> labels = ["business"] * 4 + ["sport"] * 4
    >>> TextClassifier().fit(texts, labels).predict(["profit of the bank", "a cup for the team"])
    array(['business', 'sport'], dtype='<U8')
    """

    def __init__(
        self,
        family: str = "linear",
        params: Mapping[str, Any] | None = None,
        random_state: int | np.random.RandomState | None = 0,
        clean: Sequence[str] = (),
    ) -> None:
        self.family = family
        self.params = params
        self.random_state = random_state
        self.clean = clean

    def __sklearn_tags__(self) -> Any:  # noqa: ANN401  scikit-learn's Tags
        """Say that the input is texts, not a table of numbers."""
        tags = super().__sklearn_tags__()
        tags.input_tags.string = True
        tags.input_tags.one_d_array = True
        tags.input_tags.two_d_array = False
        return tags

    def fit(self, X: Sequence[str], y: Sequence[Any]) -> Self:  # noqa: N803  scikit-learn's name
        """Train.

        Parameters
        ----------
        X : Sequence[str]
            n texts: a list, an array, a column or a table of one column; a missing text is empty.
        y : Sequence[Any]
            n labels, all strings or all numbers.

        Returns
        -------
        Self
            This estimator.

        Raises
        ------
        LabelError
            If there are fewer than two classes, a label is missing or of another kind than the
            others, or not every text has one label.
        InputError
            If X holds what is no text.
        ConfigError
            If a setting of the family is unknown or out of range, or a text step is unknown.
        """
        documents = _documents(X)
        target = _target(y)
        if len(target) != len(documents):
            problem = f"There are {len(documents)} texts and {len(target)} labels."
            raise LabelError(problem, remedy="Give one label per text.")
        classes, encoded = np.unique(target, return_inverse=True)
        if len(classes) < 2:
            problem = f"The {len(target)} labels are of one class at most: {classes.tolist()}."
            raise LabelError(problem, remedy="Give texts of at least two classes.")
        seed = self._seed()
        train, valid = _hold_out(encoded, seed)
        held_out = None
        if len(valid):
            held_out = documents.take(valid), encoded[valid].astype(np.int64)
        self.bundle_ = Bundle.fit(
            documents.take(train),
            encoded[train].astype(np.int64),
            labels=LabelSet(str(name) or "(empty)" for name in classes.tolist()),
            valid=held_out,
            groups=find_exact(documents)[np.concatenate([train, valid])],
            family=self.family,
            params=self._family_params(),
            cleaner=Cleaner.of(self.clean),
            seed=seed,
        ).bundle
        self.classes_ = classes
        return self

    def _family_params(self) -> Any:  # noqa: ANN401  each family has its own
        # Grids are often made by NumPy, whose numbers are not those of settings.
        values = {
            name: value.item() if isinstance(value, np.generic) else value
            for name, value in (self.params or {}).items()
        }
        cls = type(default_params(self.family))
        return config.decode(cls, values, where=f"Family {self.family}")

    def _seed(self) -> int:
        if isinstance(self.random_state, Integral):
            return int(self.random_state)
        return int(check_random_state(self.random_state).randint(np.iinfo(np.int32).max))

    def predict_proba(self, X: Sequence[str]) -> Floats:  # noqa: N803
        """Calibrated probabilities.

        Parameters
        ----------
        X : Sequence[str]
            n texts.

        Returns
        -------
        Floats
            Float32, shape ``(n, n_classes)``, columns in the order of ``classes_``.
        """
        check_is_fitted(self, "bundle_")
        return self.bundle_.predict(_documents(X)).proba

    def predict(self, X: Sequence[str]) -> NDArray[Any]:  # noqa: N803
        """Likeliest label of each text.

        Parameters
        ----------
        X : Sequence[str]
            n texts.

        Returns
        -------
        NDArray[Any]
            Shape ``(n,)``, of the labels' own type.
        """
        best = self.predict_proba(X).argmax(axis=1)
        labels: NDArray[Any] = self.classes_[best]
        return labels


def _hold_out(y: NDArray[Any], seed: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Rows to train on and rows to calibrate on; few rows train all."""
    rows = np.arange(len(y))
    if len(y) < SMALL:
        return rows, rows[:0]
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(y))
    # Class by class, every tenth row: rare classes keep nine of ten rows for training.
    order = order[np.argsort(y[order], kind="stable")]
    valid = np.sort(order[9::10])
    return np.setdiff1d(rows, valid), valid


def _documents(texts: Any) -> Documents:  # noqa: ANN401  any container of strings
    shape: tuple[int, ...] = getattr(texts, "shape", ())
    if len(shape) == 2:
        if shape[1] != 1:
            problem = (
                f"A table of {shape[1]} columns was given where one column of texts is needed."
            )
            raise InputError(problem, remedy="Choose one column, or join them into one.")
        texts = np.asarray(texts).ravel()
    return Documents.from_texts(texts)


def _target(labels: Any) -> NDArray[Any]:  # noqa: ANN401  any container of labels
    if labels is None:
        problem = "This TextClassifier requires y to be passed, but the target y is None."
        raise LabelError(problem, remedy="Give one label per text.")
    target = np.asarray(labels)
    if target.ndim == 2 and target.shape[1] == 1:
        target = column_or_1d(target, warn=True)
    if target.ndim != 1:
        problem = f"The labels have the shape {target.shape}."
        raise LabelError(problem, remedy="Give one label per text, in one column.")
    values = np.asarray(labels, dtype=object).ravel().tolist()
    for row, value in enumerate(values):
        if value is None or (value == value) is not True:  # NaN and NA equal nothing
            raise LabelError(f"Label {row} is missing.", remedy="Leave such texts out.")
        if isinstance(value, str) != isinstance(values[0], str):
            kinds = f"{type(values[0]).__name__} and {type(value).__name__}"
            problem = f"Labels 0 and {row} are of different kinds: {kinds}."
            raise LabelError(problem, remedy="Make them all strings, or all numbers.")
    check_classification_targets(target)
    return target
