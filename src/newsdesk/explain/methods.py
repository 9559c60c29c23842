"""What the weights of an explanation are, in a sentence for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from newsdesk.bundle import Explanation

__all__ = ["told"]


def told(explanation: Explanation) -> str:
    """Say how the weights of an explanation were found.

    Parameters
    ----------
    explanation : Explanation
        Of one document.

    Returns
    -------
    str
        One sentence.
    """
    if explanation.method == "exact":
        return "The weights are exact: parts of the score."
    variants = f"{explanation.n_variants} variants" if explanation.n_variants != 1 else "1 variant"
    return (
        "The weights are by occlusion: what the log-odds lose where a word is left out "
        f"({variants} of the text answered)."
    )
