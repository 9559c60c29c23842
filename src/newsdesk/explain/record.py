"""Explanations for programs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from newsdesk.explain.pieces import in_utf16

if TYPE_CHECKING:
    from newsdesk.bundle import Explanation

__all__ = ["record"]


def record(texts: Mapping[str, str], explanation: Explanation) -> dict[str, Any]:
    """Lay an explanation out for JSON.

    Parameters
    ----------
    texts : Mapping[str, str]
        The raw text of each field of the document.
    explanation : Explanation
        Of that document.

    Returns
    -------
    dict[str, Any]
        ``fields`` (the texts), ``label``, ``proba``, ``low_evidence``, ``method`` (``"exact"`` or
        ``"occlusion"``), ``n_variants`` (texts answered for it) and ``spans`` in reading order.
        A span has ``field``, ``text`` and ``weight``; ``start`` and ``end`` in code points, as
        Python counts; ``start_utf16`` and ``end_utf16`` in UTF-16 code units, as JavaScript counts.
    """
    spans: list[dict[str, Any]] = []
    for field, text in texts.items():
        own = [span for span in explanation.spans if span.field == field]
        for span, (start_utf16, end_utf16) in zip(own, in_utf16(text, own), strict=True):
            spans.append(
                {
                    "field": field,
                    "text": text[span.start : span.end],
                    "weight": span.weight,
                    "start": span.start,
                    "end": span.end,
                    "start_utf16": start_utf16,
                    "end_utf16": end_utf16,
                }
            )
    return {
        "fields": dict(texts),
        "label": explanation.label,
        "proba": explanation.proba,
        "low_evidence": explanation.low_evidence,
        "method": explanation.method,
        "n_variants": explanation.n_variants,
        "spans": spans,
    }
