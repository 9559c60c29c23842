"""Write the golden bundles, ``bundle`` of format 1 and ``ensemble`` of 2, then keep them.

A later build must still load what stands here and give the recorded probabilities, so these files
are never made again for a format that has been released.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import msgspec
import numpy as np

from newsdesk.bundle import Bundle, default_params
from newsdesk.config import override
from newsdesk.types import Documents, LabelSet, string_array

HEADLINES = {
    "BUSINESS": [
        ("Central bank lifts interest rates again", "Lenders expect mortgage rates to follow."),
        ("Shares slip as the central bank warns", "Markets fell after the interest rates news."),
        ("Grocer's profit falls while prices rise", "The chain blames higher interest rates."),
        ("Café chain raises prices for coffee", "Profit fell as the price of coffee rose."),
        ("Airline profit soars on full flights", "Shares of the airline rose in early trade."),
    ],
    "SPORT": [
        ("Late goal settles the cup final", "The striker scored deep in extra time."),
        ("Striker signs a new two-year deal", "The club keeps its top scorer of the season."),
        ("Keeper saves two penalties in cup final", "The coach praised his keeper's season."),
        ("Müller scores twice as the club wins", "The striker has nine goals this season."),
        ("Coach quits after five straight defeats", "The club has not won since the cup final."),
    ],
    "TECHNOLOGY": [
        ("New phone chip doubles battery life", "The maker says its chip needs half the power."),
        ("Chip maker opens a plant near Osaka 大阪", "The plant will build chips for phones."),
        ("App update drains the phone battery", "Users of the app report warm phones."),
        ("Browser update fixes a security hole", "Users should install the update now."),
        ("Security hole found in popular app", "The app sent passwords in the clear."),
    ],
}
ASKED = [
    ("Central bank holds interest rates", "Shares rose."),
    ("Striker scores in the final", ""),
    ("Phone app update", "A security hole in the chip."),
    ("Müller café 大阪", "naïve 👩‍👩‍👧 ſtraße"),
    ("Xylophone quartet", "zzz"),
    ("", ""),
]

SETTINGS = {
    "bundle": ["bits=10", "char_ngrams=[4,4]"],
    "ensemble": ["members=linear,tfidf-nb", "settings=linear.bits=10,tfidf-nb.tokens=words"],
}


def documents(pairs: list[tuple[str, str]]) -> Documents:
    """Documents with a headline and a description."""
    headlines, descriptions = zip(*pairs, strict=True)
    return Documents(
        ids=string_array([str(number) for number in range(len(pairs))]),
        fields={"headline": string_array(headlines), "description": string_array(descriptions)},
    )


def write(folder: Path, name: str) -> None:
    """Train, save and record what the saved bundle answers."""
    labels = LabelSet(HEADLINES)
    pairs = [pair for label in labels for pair in HEADLINES[label]]
    y = np.repeat(np.arange(len(labels)), [len(HEADLINES[label]) for label in labels])
    family = {"bundle": "linear", "ensemble": "ensemble"}[name]
    fitted = Bundle.fit(
        documents(pairs),
        y,
        labels=labels,
        family=family,
        params=override(default_params(family), SETTINGS[name], where=name),
        fingerprint="golden",
    )
    shutil.rmtree(folder / name, ignore_errors=True)
    digest = fitted.bundle.save(folder / name)
    proba = Bundle.load(folder / name).predict(documents(ASKED)).proba
    answers = {"digest": digest, "asked": ASKED, "proba": proba.tolist()}
    encoded = msgspec.json.format(msgspec.json.encode(answers), indent=1)
    file = "answers.json" if name == "bundle" else f"answers-{name}.json"
    (folder / file).write_bytes(encoded + b"\n")


if __name__ == "__main__":
    write(Path(__file__).parent, sys.argv[1])
