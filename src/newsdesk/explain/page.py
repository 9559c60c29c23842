"""Explanations as HTML: a fragment for other pages, and a page that needs nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING

from newsdesk.explain.methods import told
from newsdesk.explain.pieces import pieces

if TYPE_CHECKING:
    from newsdesk.bundle import Explanation

__all__ = ["STYLE", "fragment", "page"]

STYLE = """\
.newsdesk-explanation { max-width: 44rem; margin: 0 0 2rem; line-height: 1.7 }
.newsdesk-explanation h2 { font-size: 1rem; margin: 0 0 .3rem }
.newsdesk-explanation p { margin: 0 0 .3rem; white-space: pre-wrap; overflow-wrap: anywhere }
.newsdesk-explanation .method { font-size: .8rem; opacity: .7 }
.newsdesk-explanation mark { color: inherit; border-radius: .2em; padding: .05em 0 }
.newsdesk-explanation .for { background: rgb(26 160 80 / calc(var(--share) * 60%)) }
.newsdesk-explanation .against { background: rgb(220 50 50 / calc(var(--share) * 60%));
  text-decoration: underline dotted }
"""
"""Style of `fragment`. Words against the class are also underlined: colour alone is not enough."""

_PAGE = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<style>
body {{ font: 1rem/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 44rem;
  padding: 0 1rem }}
{style}</style>
</head>
<body>
<h1>{title}</h1>
<p>Green words spoke for the answer, red and underlined words against it; the stronger the colour,
the more they weighed. Point at a word to see its weight.</p>
{body}</body>
</html>
"""


def fragment(texts: Mapping[str, str], explanation: Explanation) -> str:
    """Render one explanation as HTML to be put into a page that holds `STYLE`.

    Parameters
    ----------
    texts : Mapping[str, str]
        The raw text of each field of the document.
    explanation : Explanation
        Of that document.

    Returns
    -------
    str
        One ``section`` element. Whatever comes from texts and labels is escaped.
    """
    answer = f"{escape(explanation.label)}: {100 * explanation.proba:.1f} %"
    if explanation.low_evidence:
        answer += " (nothing in the text is known)"
    lines = ['<section class="newsdesk-explanation">', f"<h2>{answer}</h2>"]
    for field, text in texts.items():
        own = [span for span in explanation.spans if span.field == field]
        inside = "".join(
            escape(piece.text)
            if not piece.weight
            else _mark(piece.text, piece.weight, abs(piece.share))
            for piece in pieces(text, own)
        )
        lines.append(f'<p dir="auto">{inside}</p>')
    if not explanation.low_evidence:
        lines.append(f'<p class="method">{escape(told(explanation))}</p>')
    return "\n".join([*lines, "</section>", ""])


def _mark(word: str, weight: float, share: float) -> str:
    side = "for" if weight > 0 else "against"
    return (
        f'<mark class="{side}" style="--share: {share:.3f}" title="{weight:+.3f}">'
        f"{escape(word)}</mark>"
    )


def page(items: Sequence[tuple[Mapping[str, str], Explanation]], title: str = "Explanation") -> str:
    """Render explanations as a page of its own.

    Parameters
    ----------
    items : Sequence[tuple[Mapping[str, str], Explanation]]
        Documents with their explanations, see `fragment`.
    title : str
        Heading.

    Returns
    -------
    str
        An HTML document that loads nothing and runs no script.
    """
    body = "".join(fragment(texts, explanation) for texts, explanation in items)
    return _PAGE.format(title=escape(title), style=STYLE, body=body)
