"""What routes share: the models, the threads, the numbers, the settings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from newsdesk.bundle import Explanation
from newsdesk.predictions import Predictions
from newsdesk.serving.answers import Explain, Result, answers, explained, texts_of
from newsdesk.serving.batching import Batcher
from newsdesk.serving.call import Call
from newsdesk.serving.catalogue import Catalogue, Served
from newsdesk.serving.faults import ServingError
from newsdesk.serving.meters import Meters
from newsdesk.serving.settings import Settings
from newsdesk.serving.work import Work
from newsdesk.types import Documents, Indices, numbered, string_array

__all__ = ["Desk"]

_EXPLAINING = 3.0
"""An exact explanation takes about so many times as long as the answer."""
_OCCLUDING = 64.0
"""Occlusion asks for about so many variants of a text."""


@dataclass(frozen=True, eq=False)
class Desk:
    """Where requests become predictions, whatever dialect they come in.

    Parameters
    ----------
    settings : Settings
        What the server was told.
    catalogue : Catalogue
        The models.
    work : Work
        Where predicting happens.
    meters : Meters
        Told of texts.
    batcher : Batcher
        Puts short work of several requests together.
    """

    settings: Settings
    catalogue: Catalogue
    work: Work
    meters: Meters
    batcher: Batcher = field(default_factory=Batcher)

    async def answer(
        self,
        call: Call,
        served: Served,
        documents: Documents,
        *,
        top_k: int = 3,
        explain: Explain = False,
        abstain_below: float | None = None,
    ) -> list[Result]:
        """Classify documents, and say why where that is asked for."""
        below = self.settings.abstain_below if abstain_below is None else abstain_below
        predictions = await self.predict(call, served, documents)
        return await self.words(
            call, served, documents, predictions, top_k=top_k, explain=explain, abstain_below=below
        )

    async def words(
        self,
        call: Call,
        served: Served,
        documents: Documents,
        predictions: Predictions,
        *,
        top_k: int,
        explain: Explain = True,
        abstain_below: float = 0.0,
    ) -> list[Result]:
        """Put predictions into words, and say why where that is asked for."""
        results = answers(documents, predictions, top_k=top_k, abstain_below=abstain_below)
        if not explain:
            return results
        classes, _ = predictions.top_k(top_k if explain == "all" else 1)
        explanations = await self.explain(call, served, documents, classes)
        texts = texts_of(served, documents)
        return explained(results, texts, explanations, each=explain == "all")

    async def predict(self, call: Call, served: Served, documents: Documents) -> Predictions:
        """Classify documents, and give all probabilities."""
        seconds = served.seconds(len(documents), len(call.body))
        if self.work.is_short(seconds):
            found = await self.batcher.predict(served, documents)
        else:
            found = await self.work.run(
                seconds, lambda: served.bundle.predict(documents), call.receive
            )
        self.meters.classified(served.name, len(found))
        return found

    async def explain(
        self, call: Call, served: Served, documents: Documents, classes: Indices
    ) -> list[list[Explanation]]:
        """Explain k classes of each document."""
        seconds = served.seconds(len(documents), len(call.body))
        seconds *= _EXPLAINING * classes.shape[1] if served.is_exact else _OCCLUDING
        if served.is_exact and self.work.is_short(seconds):
            return await self.batcher.explain(served, documents, classes)
        return await self.work.run(
            seconds, lambda: served.bundle.explain_classes(documents, classes), call.receive
        )

    def documents(
        self,
        served: Served,
        texts: Sequence[str] | Sequence[dict[str, str]],
        ids: Sequence[str] | None = None,
    ) -> Documents:
        """Make documents of what a request holds.

        Parameters
        ----------
        served : Served
            Whose fields they are to have.
        texts : Sequence[str] | Sequence[dict[str, str]]
            Bare texts, or documents by field.
        ids : Sequence[str] | None
            Theirs; None numbers them.

        Returns
        -------
        Documents
            n documents.

        Raises
        ------
        ServingError
            422 if there are none, too many, as many ids as there are no texts, or a field that the
            model does not know.
        """
        n, most = len(texts), self.settings.limits.texts
        if not n:
            raise _invalid("There is no text.", "Send one text or more.")
        if n > most:
            problem = f"There are {n:,} texts; {most:,} are the most."
            raise _invalid(problem, "Send them in several requests.")
        if ids is not None and len(ids) != n:
            problem = f"There are {n:,} texts and {len(ids):,} ids."
            raise _invalid(problem, "Send an id for each text, or none.")
        if isinstance(texts[0], str):
            return Documents.from_texts(texts, ids)  # type: ignore[arg-type]
        return _by_field(served, texts, ids)  # type: ignore[arg-type]


def _by_field(
    served: Served, documents: Sequence[dict[str, str]], ids: Sequence[str] | None
) -> Documents:
    fields = served.bundle.fields
    unknown = {name for document in documents for name in document} - set(fields)
    if unknown:
        problem = "A document has a field that the model does not know."
        raise _invalid(problem, f"The fields of {served.name}: {', '.join(fields)}.")
    columns = {
        name: string_array([document.get(name, "") for document in documents]) for name in fields
    }
    return Documents(numbered(len(documents)) if ids is None else string_array(ids), columns)


def _invalid(problem: str, hint: str) -> ServingError:
    return ServingError(422, "invalid_request", problem, hint)
