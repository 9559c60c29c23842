"""HTML in texts: which stretches are markup, and what a reader sees in their place.

This is no parser of pages but a closed reading of fragments, as feeds and scraped headlines hold
them. The standard library's ``html.parser`` was weighed and left: what it takes for a tag, a
comment or a script has changed between patch releases of Python, and a bundle must read a text
alike wherever it is loaded. The names of elements and entities are those of the HTML Living
Standard (WHATWG), sections 4 and 13.5, and of HTML 4 before it.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from html.entities import html5

from newsdesk.features.alignment import Edit

__all__ = ["markup"]

# Elements that stand inside a line: without them the words on both sides are still one word.
_INLINE = """
    a abbr acronym b bdi bdo big cite code data del dfn em font i ins kbd mark nobr q rb rp rt ruby
    s samp small span strike strong sub sup time tt u var wbr
"""
_OTHER = """
    address area article aside audio base blockquote body br button canvas caption center col
    colgroup datalist dd details dialog dir div dl dt embed fieldset figcaption figure footer form
    frame frameset h1 h2 h3 h4 h5 h6 head header hgroup hr html iframe img input label legend li
    link main map math menu meta meter nav noframes noscript object ol optgroup option output p
    param picture pre progress script search section select slot source style summary svg table
    tbody td template textarea tfoot th thead title tr track ul video
"""
_WRITTEN = dict.fromkeys(_OTHER.split(), " ") | dict.fromkeys(_INLINE.split(), "")
# What these two hold is never shown.
_HIDDEN = {name: re.compile(rf"</{name}\b[^<>]*+>?", re.IGNORECASE) for name in ("script", "style")}

_NEXT = re.compile(r"[<&]|\]\]>")
_NAME = re.compile(r"</?([A-Za-z][A-Za-z0-9]*+(?:[:-][A-Za-z0-9]++)*+)(?=[\s/>])")
# A value in quotes may hold what would end the tag; a quote that is never closed is no quote.
_REST = re.compile(r"""(?:=\s*+(?:"[^"]*+"|'[^']*+')|[^<>])*+>""")
_DECLARATION = re.compile(r"<[!?][A-Za-z][^<>]*+>")
_REFERENCE = re.compile(r"&(?:#[0-9]{1,8}|#[xX][0-9A-Fa-f]{1,8}|[A-Za-z][A-Za-z0-9]{1,31});")
_COMMENT, _CDATA = "<!--", "<![CDATA["


def markup(text: str) -> Iterator[Edit]:
    """Find tags, comments, scripts, style sheets and entities.

    Parameters
    ----------
    text : str
        Any text; ``<`` and ``&`` that begin none of these are text.

    Yields
    ------
    Edit
        In reading order. An entity becomes its character; a tag of a block becomes a space, so that
        the words around it stay apart, everything else nothing.

    Examples
    --------
    >>> from newsdesk.features.alignment import replace
    >>> text = "AT&amp;T <b>up</b> 5<br>if a < b, I <3 AT&T"
    >>> replace(text, markup(text))
    'AT&T up 5 if a < b, I <3 AT&T'
    """
    scan = _Scan(text)
    position = 0
    while found := _NEXT.search(text, position):
        edit = scan.read(found.start())
        if edit is None:
            position = found.end()
        else:
            yield edit
            position = edit.end


class _Scan:
    """One text, with what is known not to come any more: no text is searched for it twice."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.last_bracket = text.rfind(">")
        self.last_comment_end = text.rfind("-->")
        self.unclosed: set[str] = set()
        self.in_cdata = False

    def read(self, at: int) -> Edit | None:
        """Read what begins at a character; None where that is plain text."""
        text = self.text
        if text[at] == "&":
            found = _REFERENCE.match(text, at)
            decoded = _decoded(found.group()) if found else None
            return None if found is None or decoded is None else Edit(at, found.end(), decoded)
        if text[at] == "]":
            closes, self.in_cdata = self.in_cdata, False
            return Edit(at, at + 3, "") if closes else None
        if text.startswith(_CDATA, at):
            self.in_cdata = True  # what it holds is text, often HTML itself
            return Edit(at, at + len(_CDATA), "")
        if text.startswith(_COMMENT, at):
            first = at + len(_COMMENT)
            if first > self.last_comment_end:
                return None
            return Edit(at, text.index("-->", first) + 3, "")
        name = _NAME.match(text, at)
        if name is None:
            declaration = _DECLARATION.match(text, at)
            return Edit(at, declaration.end(), "") if declaration else None
        return self._tag(at, name)

    def _tag(self, at: int, name: re.Match[str]) -> Edit | None:
        element = name.group(1).lower()
        # Names with a colon or hyphen are those of other vocabularies: <o:p>, <my-widget>.
        written = _WRITTEN.get(element, " " if {":", "-"} & set(element) else None)
        if written is None:
            return None
        if at > self.last_bracket:
            # Summaries are often cut in the middle of a tag, mostly of a link or an image.
            cut = self.text.find("<", at + 1) < 0 and self.text.find("=", name.end()) >= 0
            return Edit(at, len(self.text), written) if cut else None
        rest = _REST.match(self.text, name.end())
        if rest is None:
            return None
        end = rest.end()
        if element in _HIDDEN and self.text[at + 1] != "/" and element not in self.unclosed:
            closing = _HIDDEN[element].search(self.text, end)
            if closing is None:
                self.unclosed.add(element)
            else:
                end = closing.end()
        return Edit(at, end, written)


def _decoded(reference: str) -> str | None:
    """Character of a reference; None where there is no such name."""
    if reference.startswith("&#"):
        return html.unescape(reference)
    return html5.get(reference[1:])
