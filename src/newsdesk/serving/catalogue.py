"""The models that are served: immutable objects behind one reference each."""

from __future__ import annotations

import datetime as dt
import statistics
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from newsdesk.bundle import Bundle
from newsdesk.serving.faults import ServingError
from newsdesk.types import Documents

__all__ = ["Catalogue", "Served"]

_WARM_UP = (
    "Striker signs a new contract with the city rivals",
    "The central bank raises interest rates to slow inflation after a month of rising prices",
    "New phone has a faster chip and a better camera",
)


@dataclass(frozen=True, eq=False)
class Served:
    """One version of one model. A request takes it once, and answers with nothing else.

    Parameters
    ----------
    name : str
        What it is served as.
    bundle : Bundle
        Loaded and warm.
    digest : str
        Sha256 of its folder.
    loaded_at : str
        UTC, ISO 8601.
    text_s : float
        Seconds that a short text takes it.
    """

    name: str
    bundle: Bundle
    digest: str
    loaded_at: str
    text_s: float

    @classmethod
    def load(cls, name: str, path: Path, *, expect_digest: str | None = None) -> Served:
        """Verify, read and warm a bundle.

        Parameters
        ----------
        name : str
            What it is to be served as.
        path : Path
            Its folder.
        expect_digest : str | None
            Digest that it must have.

        Returns
        -------
        Served
            Ready to answer.

        Raises
        ------
        BundleError
            If it is no bundle, a damaged one, or another than was expected.
        """
        bundle = Bundle.load(path, expect_digest=expect_digest)
        seconds = []
        for text in (*_WARM_UP, *_WARM_UP):  # the first ones build tables and compile
            documents = Documents.from_texts([text])
            start = time.perf_counter()
            bundle.predict(documents)
            seconds.append(time.perf_counter() - start)
        return cls(
            name=name,
            bundle=bundle,
            digest=bundle.digest or "",
            loaded_at=dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
            text_s=statistics.median(seconds[len(_WARM_UP) :]),
        )


class Catalogue(Mapping[str, Served]):
    """The served models by name; a model is exchanged by exchanging its reference.

    Parameters
    ----------
    served : Mapping[str, Served]
        At least one; the first is the default.
    """

    def __init__(self, served: Mapping[str, Served]) -> None:
        self._served = dict(served)
        self.default = next(iter(self._served))

    def __getitem__(self, name: str) -> Served:
        return self._served[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._served)

    def __len__(self) -> int:
        return len(self._served)

    def take(self, name: str | None) -> Served:
        """Take the version that is served now.

        Parameters
        ----------
        name : str | None
            Of the model; None means the default.

        Returns
        -------
        Served
            To be used for the whole request.

        Raises
        ------
        ServingError
            404 if there is no such model.
        """
        found = self._served.get(self.default if name is None else name)
        if found is None:
            known = ", ".join(self._served)
            problem, hint = "There is no model of that name.", f"Known: {known}."
            raise ServingError(404, "unknown_model", problem, hint)
        return found

    def swap(self, served: Served) -> None:
        """Serve another version of a model from now on; requests under way keep theirs.

        Parameters
        ----------
        served : Served
            The new version, under the model's name.
        """
        self._served = {**self._served, served.name: served}
