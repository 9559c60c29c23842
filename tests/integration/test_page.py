"""The page and the real server: from a sample to an accepted correction."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import newsdesk

expect = pytest.importorskip("playwright.sync_api").expect
KEY = "fedcba9876543210"
SAMPLE = {
    "id": "7",
    "headline": "Ferry 👩‍👩‍👧 returns",
    "description": "Cabins.",
    "label": "Travel",
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, serve: Callable[..., Any]) -> Any:
    folder = tmp_path_factory.mktemp("page")
    run = newsdesk.train("sample", out=folder / "run")
    assert run.out is not None
    with (folder / "samples.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(SAMPLE))
        writer.writeheader()
        writer.writerow(SAMPLE)
    return serve(
        f"news={run.out / 'bundle'}",
        *("--samples", folder / "samples.csv", "--feedback", folder / "corrections.db"),
        NEWSDESK_MANAGEMENT_KEYS=KEY,
    )


@pytest.fixture
def open_page(browser: Any, server: Any) -> Iterator[Callable[[str], Any]]:
    context = browser.new_context(locale="en-US")
    wrong: list[str] = []

    def sent(request: Any) -> None:
        if not request.url.startswith((server.url, "blob:", "data:")):
            wrong.append(request.url)

    def open_one(path: str) -> Any:
        page = context.new_page()
        page.on("console", lambda message: wrong.append(message.text))
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("request", sent)
        page.goto(server.url + path)
        return page

    yield open_one
    context.close()
    assert not wrong, "\n".join(wrong)


def test_a_sample_is_classified_corrected_and_accepted(
    open_page: Callable[[str], Any], server: Any
) -> None:
    page = open_page("/")
    page.get_by_role("button", name="Random headline").click()
    page.locator(".card").wait_for()
    assert page.get_by_label("Headline", exact=True).input_value() == SAMPLE["headline"]
    assert "the sample’s label is Travel" in page.locator(".card").inner_text()
    # The words of the text are those of the answer, behind an emoji of several units too.
    assert "returns" in page.locator(".card mark").all_inner_texts()

    page.get_by_label("Another class").fill("Ferries")
    page.get_by_label("Another class").press("Enter")
    page.locator(".card .receipt[data-state=stored]").wait_for()
    page.locator(".card").get_by_role("button", name="Undo").click()
    page.get_by_role("button", name="This is right: Travel").click()
    page.locator(".card .receipt[data-state=stored]").wait_for()

    review = open_page("/review")
    review.get_by_label("Key", exact=True).fill(KEY)
    review.keyboard.press("Enter")
    row = review.locator("[data-id]")
    row.first.wait_for()
    expect(row).to_have_count(1)  # the other one was taken back
    assert "Travel" in row.first.inner_text()
    row.first.get_by_role("button", name="Accept").click()
    expect(review.locator("[data-status=accepted]")).to_have_count(1)
    status, _, body = server.ask(
        "GET", "/api/v1/feedback?status=accepted", Authorization=f"Bearer {KEY}"
    )
    assert status == 200
    assert SAMPLE["headline"].encode() in body


def test_a_file_is_classified_row_by_row(open_page: Callable[[str], Any], tmp_path: Path) -> None:
    path = tmp_path / "many.csv"
    rows = [["headline"], *([f"Striker scores goal {n}"] for n in range(150))]
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)
    page = open_page("/")
    page.get_by_label("Choose a file").set_input_files(str(path))
    page.get_by_role("button", name="Classify 150 rows").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download CSV").click()
    with Path(download.value.path()).open(newline="", encoding="utf-8-sig") as file:
        found = list(csv.DictReader(file))
    assert [row["headline"] for row in found] == [row[0] for row in rows[1:]]
    assert all(row["predicted"] and float(row["proba_1"]) > 0 for row in found)
