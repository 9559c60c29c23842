"""Many texts: read from a file, sent in chunks, given back beside their columns."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

OPEN = Callable[..., Any]
PATH = "/api/v1/predict"
HEADER = "id,headline,description\r\n"


def give(page: Any, name: str, content: str | bytes) -> None:
    """Choose a file, as by the browser's own dialog."""
    raw = content.encode() if isinstance(content, str) else content
    file = {"name": name, "mimeType": "text/plain", "buffer": raw}
    page.get_by_label("Choose a file").set_input_files(file)


def drop(page: Any, name: str, content: str) -> None:
    """Drop a file somewhere on the page."""
    page.evaluate(
        """([name, content]) => {
          const dataTransfer = new DataTransfer();
          dataTransfer.items.add(new File([content], name));
          const footer = document.querySelector("footer");
          const traits = { dataTransfer, bubbles: true, cancelable: true };
          for (const kind of ["dragover", "drop"])
            footer.dispatchEvent(new DragEvent(kind, traits));
        }""",
        [name, content],
    )


def classify(page: Any, key: str | None = None) -> None:
    """Start, and wait for the end."""
    button = page.get_by_role("button", name=re.compile(r"Classify \d+ rows?"))
    button.press(key) if key else button.click()
    page.locator(".done").wait_for()


def download(page: Any, kind: str) -> tuple[str, str]:
    """Name and text of the downloaded result."""
    with page.expect_download() as found:
        page.get_by_role("button", name=f"Download {kind}").click()
    raw = Path(found.value.path()).read_bytes()
    return found.value.suggested_filename, raw.decode()


def sizes(desk: Any) -> list[int]:
    """How many texts each request brought."""
    return [len(body.get("documents") or body["texts"]) for body in desk.asked(PATH)]


def test_a_chosen_file_is_classified_and_given_back_as_csv(open_page: OPEN, desk: Any) -> None:
    page = open_page()
    rows = '1,"Ferry, again","two\r\nlines"\r\n2,Mayor,"she said ""yes"""\r\n'
    give(page, "news.csv", HEADER + rows)
    classify(page)
    assert desk.asked(PATH)[0]["documents"] == [
        {"headline": "Ferry, again", "description": "two\r\nlines"},
        {"headline": "Mayor", "description": 'she said "yes"'},
    ]
    name, text = download(page, "CSV")
    assert name == "news.predicted.csv"
    first, second = csv.DictReader(io.StringIO(text, newline=""))
    assert list(first) == [
        *("id", "headline", "description", "predicted"),
        *("label_1", "label_2", "label_3", "proba_1", "proba_2", "proba_3"),
    ]
    assert first["description"] == "two\r\nlines"
    assert (first["predicted"], second["predicted"]) == ("Travel", "Politics")
    assert first["label_1"] == "Travel"
    assert 1 > float(first["proba_1"]) > float(first["proba_2"]) > float(first["proba_3"]) > 0


def test_a_dropped_file_is_classified_by_keyboard_and_given_back_as_jsonl(
    open_page: OPEN, desk: Any
) -> None:
    desk.models[0]["fields"] = ["text"]
    page = open_page()
    drop(page, "news.jsonl", '{"id": 12345678901234567890, "text": "Ferry", "tags": ["a"]}\n')
    classify(page, "Enter")
    name, text = download(page, "JSONL")
    assert name == "news.predicted.jsonl"
    [row] = [json.loads(line) for line in text.splitlines()]
    assert row["id"] == 12345678901234567890
    assert row["tags"] == ["a"]
    assert row["predicted"] == row["label_1"] == "Travel"
    assert isinstance(row["proba_1"], float)


def test_plain_lines_are_texts(open_page: OPEN, desk: Any) -> None:
    desk.models[0]["fields"] = []
    page = open_page()
    give(page, "lines.txt", "Ferry\n\nMayor, again\n")
    classify(page)
    assert desk.asked(PATH)[0]["texts"] == ["Ferry", "Mayor, again"]


def test_texts_go_in_chunks_of_64_two_at_a_time(open_page: OPEN, desk: Any) -> None:
    page = open_page()
    give(page, "many.csv", HEADER + "".join(f"{n},Ferry {n},\r\n" for n in range(150)))
    desk.gate.clear()
    page.get_by_role("button", name="Classify 150 rows").click()
    page.locator("progress").wait_for()
    page.wait_for_timeout(400)
    assert sizes(desk) == [64, 64]
    desk.gate.set()
    page.locator(".done").wait_for()
    assert sizes(desk) == [64, 64, 22]
    assert page.locator(".done").inner_text() == "Done. 150 of 150 rows classified."


def test_chunks_keep_to_the_limits_of_the_server(open_page: OPEN, desk: Any) -> None:
    desk.about |= {"max_texts": 10, "max_body_bytes": 5_000}
    page = open_page()
    give(page, "many.csv", HEADER + "1,x,y\r\n" * 12 + f"2,{'long ' * 300},\r\n" * 3)
    classify(page)
    assert max(sizes(desk)) == 10
    assert sum(sizes(desk)) == 15
    bodies = [len(json.dumps(body)) for body in desk.asked(PATH)]
    assert max(bodies) <= 5_000


def test_results_stay_with_their_rows(open_page: OPEN, desk: Any) -> None:
    page = open_page()
    words = ["Ferry", "Mayor", "Laptop", "Opera"]
    give(page, "many.csv", HEADER + "".join(f"{n},{words[n % 4]},\r\n" for n in range(200)))
    classify(page)
    rows = list(csv.DictReader(io.StringIO(download(page, "CSV")[1], newline="")))
    expected = ["Travel", "Politics", "Technology", "Culture"] * 50
    assert [row["predicted"] for row in rows] == expected
    counts = page.locator(".counts li").all_inner_texts()
    assert sorted(" ".join(text.split()) for text in counts) == [
        f"{label} 50 25.0%" for label in sorted(expected[:4])
    ]


@pytest.mark.parametrize("status", [429, 503])
def test_a_busy_server_is_waited_for(open_page: OPEN, desk: Any, status: int) -> None:
    page = open_page()
    desk.fail(PATH, status, times=2, retry_after="1")
    give(page, "many.csv", HEADER + "".join(f"{n},Ferry,\r\n" for n in range(100)))
    page.get_by_role("button", name="Classify 100 rows").click()
    page.locator("#batch").get_by_text("the server is busy").wait_for()
    for _ in range(50):  # two requests are under way, of which one is refused first
        if len(desk.asked(PATH)) < 2:
            page.wait_for_timeout(10)
    tries = len(desk.asked(PATH))
    page.wait_for_timeout(500)
    assert len(desk.asked(PATH)) == tries == 2
    page.locator(".done").wait_for()
    assert page.locator(".done").inner_text() == "Done. 100 of 100 rows classified."


def test_a_batch_can_be_cancelled_and_keeps_what_it_has(open_page: OPEN, desk: Any) -> None:
    page = open_page()
    give(page, "many.csv", HEADER + "".join(f"{n},Ferry,\r\n" for n in range(200)))
    desk.fail(PATH, 503, retry_after="30")
    page.get_by_role("button", name="Classify 200 rows").click()
    page.locator("#batch").get_by_text("the server is busy").wait_for()
    page.get_by_role("button", name="Cancel").press("Enter")
    page.locator(".done").wait_for()
    assert page.locator(".done").inner_text().startswith("Cancelled.")
    assert page.get_by_role("button", name="Classify 200 rows").is_visible()


def test_a_text_that_the_server_refuses_does_not_take_its_neighbours(
    open_page: OPEN, desk: Any
) -> None:
    page = open_page()
    give(page, "many.csv", HEADER + "1,Ferry,\r\n2,POISON,\r\n3,Mayor,\r\n")
    classify(page)
    assert "1 of them refused" in page.locator(".done").inner_text()
    rows = list(csv.DictReader(io.StringIO(download(page, "CSV")[1], newline="")))
    assert [row["predicted"] for row in rows] == ["Travel", "", "Politics"]
    assert [row["error"] for row in rows] == ["", "A text cannot be read.", ""]


def test_a_fault_that_no_patience_cures_stops_the_batch(open_page: OPEN, desk: Any) -> None:
    page = open_page()
    desk.fail(PATH, 500, times=2)
    give(page, "many.csv", HEADER + "1,Ferry,\r\n")
    classify(page)
    assert page.locator(".done").inner_text().startswith("Stopped.")
    assert "It broke." in page.locator("#batch .fault").inner_text()


def test_the_columns_of_text_are_chosen(open_page: OPEN, desk: Any) -> None:
    page = open_page()
    give(page, "other.tsv", "a\tb\tc\n1\tFerry in the harbour\tx\n")
    assert page.get_by_label("Column for headline").input_value() == "1"
    page.get_by_label("Column for description").select_option("c")
    classify(page)
    expected = [{"headline": "Ferry in the harbour", "description": "x"}]
    assert desk.asked(PATH)[0]["documents"] == expected


def test_one_field_may_take_several_columns(open_page: OPEN, desk: Any) -> None:
    desk.models[0]["fields"] = ["text"]
    page = open_page()
    give(page, "other.csv", "a,b\nFerry,Mayor\n")
    page.get_by_role("checkbox", name="a", exact=True).check()
    page.get_by_role("checkbox", name="b", exact=True).check()
    classify(page)
    assert desk.asked(PATH)[0]["documents"] == [{"text": "Ferry\nMayor"}]


def test_a_file_without_a_header_keeps_its_first_row(open_page: OPEN, desk: Any) -> None:
    desk.models[0]["fields"] = ["text"]
    page = open_page()
    give(page, "bare.csv", "Ferry in the harbour\nMayor\n")
    page.get_by_label("First row names the columns").uncheck()
    classify(page)
    texts = [document["text"] for document in desk.asked(PATH)[0]["documents"]]
    assert texts == ["Ferry in the harbour", "Mayor"]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.csv", 'a,b\n1,"open\n', "Row 2 opens a quote that is never closed."),
        ("a.csv", "", "The file holds no rows."),
        ("a.jsonl", '{"text": "x"}\nnonsense\n', "Line 2 is no JSON object."),
        ("a.jsonl", "[1, 2]", "The file is no list of JSON objects."),
    ],
)
def test_a_file_that_cannot_be_read_is_named_with_a_remedy(
    open_page: OPEN, name: str, content: str, said: str
) -> None:
    page = open_page()
    give(page, name, content)
    page.locator("#batch .fault").wait_for()
    problem, remedy = page.locator("#batch .fault p").all_inner_texts()
    assert problem == said
    assert remedy


def test_cells_that_a_spreadsheet_would_run_are_made_harmless(open_page: OPEN, desk: Any) -> None:
    page = open_page()
    cells = ["=1+1", "+a", "-a", "@a", "\ta", "-12.5", "fine"]
    give(page, "bad.csv", "id,headline\n" + "".join(f'"{cell}",Ferry\n' for cell in cells))
    classify(page)
    rows = list(csv.DictReader(io.StringIO(download(page, "CSV")[1], newline="")))
    assert [row["id"] for row in rows] == ["'=1+1", "'+a", "'-a", "'@a", "'\ta", "-12.5", "fine"]


def test_columns_of_the_file_are_never_overwritten(open_page: OPEN, desk: Any) -> None:
    page = open_page()
    give(page, "old.csv", "headline,predicted\nFerry,Food\n")
    classify(page)
    [row] = csv.DictReader(io.StringIO(download(page, "CSV")[1], newline=""))
    assert (row["predicted"], row["predicted 2"]) == ("Food", "Travel")


def test_the_first_answers_are_shown(open_page: OPEN) -> None:
    page = open_page()
    give(page, "many.csv", HEADER + "1,Ferry in the harbour,\r\n" * 20)
    classify(page)
    table = page.get_by_role("region", name="The first answers")
    assert table.locator("tbody tr").count() == 8
    assert table.locator("tbody tr").first.locator("td").first.inner_text() == "Travel"
