"""The table of model families: a name is all that the rest of the house knows of one."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.metadata import entry_points
from typing import Any

from newsdesk import optional
from newsdesk.config import suggest
from newsdesk.errors import FamilyError, UnknownFamilyError
from newsdesk.models.classifier import Classifier, Named
from newsdesk.types import LabelSet

__all__ = ["Family", "families", "find"]


@dataclass(frozen=True)
class Family:
    """One row of the table.

    Parameters
    ----------
    name : str
        What users type.
    target : str
        ``"module:Class"`` of the `Classifier`.
    summary : str
        One line for people.
    extra : str
        The pip extra it needs; empty for the base install.
    modalities : tuple[str, ...]
        What documents must hold: ``text``, ``image``, ``side``.
    library : str
        A module of the extra that training needs and predicting does not; empty for none.
    """

    name: str
    target: str
    summary: str
    extra: str = ""
    modalities: tuple[str, ...] = ("text",)
    library: str = ""

    def require(self) -> None:
        """Make sure that the family can be trained here.

        Raises
        ------
        MissingExtraError
            If what it needs is not installed.
        """
        self.load()
        if self.library:
            optional.require(self.library, extra=self.extra)

    def load(self) -> type[Classifier]:
        """Import the family's class.

        Returns
        -------
        type[Classifier]
            The class.

        Raises
        ------
        MissingExtraError
            If what it needs is not installed.
        """
        cls: type[Classifier] = optional.load(self.target, extra=self.extra)
        return cls

    def create(
        self,
        params: Any = None,  # noqa: ANN401  each family has its own
        labels: LabelSet | None = None,
    ) -> Classifier:
        """Make an unfitted classifier.

        Parameters
        ----------
        params : Any
            The family's Params; None means the defaults.
        labels : LabelSet | None
            Told to a family that goes by the names of the classes, see `Named`; None where it is
            not to be fitted.

        Returns
        -------
        Classifier
            Unfitted.
        """
        classifier = self.load()(params)
        if labels is not None and isinstance(classifier, Named):
            classifier.name_classes(labels.names)
        return classifier


_BUILT_IN = (
    Family(
        "linear",
        "newsdesk.models.linear:Linear",
        "Hashed word n-grams, one-vs-rest linear model; the default: fast and strong.",
    ),
    Family(
        "embedding",
        "newsdesk.models.neural.embedding:Embedding",
        "Sentence vectors of a frozen encoder, and dense layers on them.",
        extra="encoders,torch",
        library="torch",
    ),
    Family(
        "hybrid",
        "newsdesk.models.neural.hybrid:Hybrid",
        "N-grams and sentence vectors in one model: the most accurate that trains in minutes.",
        extra="encoders,torch",
        library="torch",
    ),
    Family(
        "transformer",
        "newsdesk.models.neural.transformer:Transformer",
        "A pretrained encoder, all of which is trained on: the dearest and often the best.",
        extra="encoders,torch",
        library="torch",
    ),
    Family(
        "static",
        "newsdesk.models.neural.static:Static",
        "Words and pairs of words, with vectors of an encoder that predicting does not need.",
        extra="encoders,torch",
        library="torch",
    ),
    Family(
        "fewshot",
        "newsdesk.models.neural.fewshot:FewShot",
        "For 8 to 64 texts of each class: an encoder tuned on pairs of them, and a linear model.",
        extra="encoders,torch",
        library="torch",
    ),
    Family(
        "zeroshot",
        "newsdesk.models.neural.zeroshot:ZeroShot",
        "Without labelled texts: compares texts with what the classes are called.",
        extra="encoders",
    ),
    Family(
        "cnn-text",
        "newsdesk.models.neural.cnn_text:CnnText",
        "Word vectors and convolutions over three, four and five words.",
        extra="torch",
        library="torch",
    ),
    Family(
        "lstm",
        "newsdesk.models.neural.lstm:LstmClassifier",
        "Word vectors and (bidirectional) LSTM; the tutorials' systems as presets.",
        extra="torch",
        library="torch",
    ),
    Family(
        "lstm-vectors",
        "newsdesk.models.neural.lstm_vectors:LstmVectors",
        "LSTM on word vectors from a file: GloVe, word2vec, fastText.",
        extra="torch",
        library="torch",
    ),
    Family(
        "nnlm-linear",
        "newsdesk.models.neural.nnlm_linear:NnlmLinear",
        "The sum of a language model's word vectors and a linear model.",
        extra="torch",
        library="torch",
    ),
    Family(
        "nnlm-lstm",
        "newsdesk.models.neural.nnlm_lstm:NnlmLstm",
        "LSTM on a language model's word vectors, pretrained or trained on the rows first.",
        extra="torch",
        library="torch",
    ),
    Family(
        "elmo-lstm",
        "newsdesk.models.neural.elmo_lstm:ElmoLstm",
        "LSTM on a mix of the layers of ELMo, a language model that reads words by characters.",
        extra="torch",
        library="torch",
    ),
    Family(
        "ulmfit",
        "newsdesk.models.neural.ulmfit:Ulmfit",
        "A language model of the texts, or a pretrained one, that becomes a classifier.",
        extra="torch",
        library="torch",
    ),
    Family(
        "prior",
        "newsdesk.models.prior:Prior",
        "Class frequencies alone: the floor that every other family must beat.",
    ),
    Family(
        "ensemble",
        "newsdesk.bundle.ensemble:Ensemble",
        "Several families, or bundles, mixed by weights that held-out rows choose.",
        extra="lemmas",
    ),
    Family(
        "tfidf-logreg",
        "newsdesk.models.tfidf:TfidfLogreg",
        "TF-IDF of look-up lemmas and logistic regression, as published.",
        extra="lemmas",
    ),
    Family(
        "tfidf-svm",
        "newsdesk.models.tfidf:TfidfSvm",
        "TF-IDF of look-up lemmas and calibrated linear support vector machines, as published.",
        extra="lemmas",
    ),
    Family(
        "tfidf-nb",
        "newsdesk.models.tfidf:TfidfNb",
        "TF-IDF of look-up lemmas and complement naive Bayes: fits in no time.",
        extra="lemmas",
    ),
    Family(
        "tfidf-mlp",
        "newsdesk.models.tfidf:TfidfMlp",
        "TF-IDF of look-up lemmas and a small neural network.",
        extra="lemmas",
    ),
    Family(
        "vectors-mean",
        "newsdesk.models.neural.vectors_mean:VectorsMean",
        "TF-IDF-weighted mean of word vectors and a linear model.",
        extra="torch",
        library="torch",
    ),
)


@cache
def families() -> dict[str, Family]:
    """Every family by name: the built-in ones, then those of the entry point ``newsdesk.families``.

    Returns
    -------
    dict[str, Family]
        In the order of the table.

    Raises
    ------
    FamilyError
        If an outside family takes a name that is taken, or its entry point is no `Family`.
    """
    table = {family.name: family for family in _BUILT_IN}
    for entry in entry_points(group="newsdesk.families"):
        family = entry.load()
        if not isinstance(family, Family):
            problem = f"Entry point {entry.name!r} ({entry.value}) is no Family."
            raise FamilyError(problem, remedy="Point it at a newsdesk.models.registry.Family.")
        if family.name in table:
            problem = f"Entry point {entry.value} offers family {family.name!r}, which exists."
            raise FamilyError(problem, remedy="Rename it, or uninstall the package.")
        table[family.name] = family
    return table


def find(name: str) -> Family:
    """Look a family up.

    Parameters
    ----------
    name : str
        Its name.

    Returns
    -------
    Family
        The row.

    Raises
    ------
    UnknownFamilyError
        If there is none of that name.
    """
    table = families()
    if name not in table:
        raise UnknownFamilyError(f"There is no family {name!r}.", remedy=suggest(name, table))
    return table[name]
