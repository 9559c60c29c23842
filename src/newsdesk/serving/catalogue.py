"""The models that are served: immutable objects behind one reference each."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
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
_SEVERAL = 16


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
    call_s : float
        Seconds that a prediction takes besides its texts.
    text_s : float
        Seconds that a short text adds.
    """

    name: str
    bundle: Bundle
    digest: str
    loaded_at: str
    call_s: float
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
        _fastest(bundle, 1)  # builds tables and compiles
        one_s, several_s = _fastest(bundle, 1), _fastest(bundle, _SEVERAL)
        text_s = max((several_s - one_s) / (_SEVERAL - 1), 0.0)
        return cls(
            name=name,
            bundle=bundle,
            digest=bundle.digest or "",
            loaded_at=dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
            call_s=max(one_s - text_s, 0.0),
            text_s=text_s,
        )

    @property
    def version(self) -> str:
        """Short name of the digest, where a dialect wants one."""
        return self.digest[:12]

    @cached_property
    def is_exact(self) -> bool:
        """Whether the model says itself what each word adds; asked at each explanation."""
        return self.bundle.explains == "exact"

    def seconds(self, n: int, n_bytes: int) -> float:
        """Foresee how long a prediction takes.

        Parameters
        ----------
        n : int
            Texts.
        n_bytes : int
            Bytes of all of them.

        Returns
        -------
        float
            Seconds; 100 bytes count as a text.
        """
        return self.call_s + self.text_s * max(float(n), n_bytes / 100)


def _fastest(bundle: Bundle, n: int) -> float:
    """Seconds that n texts take, when nothing else gets in the way."""
    seconds = []
    for number in range(3):
        texts = [_WARM_UP[(number + place) % len(_WARM_UP)] for place in range(n)]
        documents = Documents.from_texts(texts)
        start = time.perf_counter()
        bundle.predict(documents)
        seconds.append(time.perf_counter() - start)
    return min(seconds)


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
