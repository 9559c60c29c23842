"""A browser, and a small server that speaks the contract of the real one.

Only what is in this file knows which server answers: the tests talk to the page, and to `Desk`
where a fault has to be played or a request looked at.
"""

from __future__ import annotations

import copy
import json
import math
import re
import threading
import uuid
import zlib
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

PAGE = Path(__file__).resolve().parents[2] / "src" / "newsdesk" / "serving" / "page"
TYPES = {
    ".html": "text/html",
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self' data:; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)
LABELS = [
    *("Politics", "Travel", "Business", "Culture", "Technology", "Sport"),
    *("Science", "Health", "Education", "Environment", "Food", "Crime"),
]
# What each class is known by; every other long word weighs a little, for or against.
WORDS = {
    "mayor": ("Politics", 2.2),
    "sworn": ("Politics", 1.1),
    "council": ("Politics", 1.6),
    "ferry": ("Travel", 2.4),
    "harbour": ("Travel", 1.3),
    "cabins": ("Travel", 1.2),
    "prices": ("Business", 1.9),
    "wages": ("Business", 1.7),
    "memory": ("Technology", 1.2),
    "laptop": ("Technology", 2.4),
    "opera": ("Culture", 2.6),
    "shrug": ("Politics", 0.2),
}
SAMPLE = {
    "id": "17",
    "fields": {
        "headline": "Capital's youngest mayor takes office on a bicycle",
        "description": "Noor Valdemarsen, 26, was sworn in beside the tram depot where her "
        "grandfather worked and promised a council that meets at weekends.",
    },
    "label": "Politics",
}


def model(name: str, **facts: Any) -> dict[str, Any]:
    """A row of the list of models."""
    row = {"name": name, "family": "linear", "digest": "sha256:3f2a91c07be4", "labels": LABELS}
    row |= {"fields": ["headline", "description"], "explains": "exact", "abstain_below": 0.3}
    return row | facts


def weigh(word: str, label: str, salt: str) -> float:
    """What a word adds to the score of a class, the same on every run."""
    owner, weight = WORDS.get(word.lower(), ("", 0.0))
    if owner == label:
        return weight
    noise = zlib.crc32(f"{word.lower()}/{label}/{salt}".encode()) / 2**32 - 0.5
    return 0.0 if word.lower() == "shrug" or len(word) < 4 else noise * 0.7


def spans(fields: dict[str, str], label: str, salt: str) -> list[dict[str, Any]]:
    """Each word with its weight, in both ways of counting."""
    found = []
    for field, text in fields.items():
        for match in re.finditer(r"[\w']+", text):
            weight = weigh(match[0], label, salt)
            if weight:
                span = {"field": field, "start": match.start(), "end": match.end()}
                for edge in ("start", "end"):
                    span[f"{edge}_utf16"] = len(text[: span[edge]].encode("utf-16-le")) // 2
                found.append(span | {"weight": weight})
    return found


def classify(row: dict[str, Any], fields: dict[str, str], ask: dict[str, Any]) -> dict[str, Any]:
    """The answer about one document."""
    by_label = {label: spans(fields, label, row["name"]) for label in row["labels"]}
    raw = {k: math.exp(sum(s["weight"] for s in found)) for k, found in by_label.items()}
    total = sum(raw.values())
    scores = sorted(((v / total, k) for k, v in raw.items()), reverse=True)[: ask.get("top_k", 3)]
    labels: list[dict[str, Any]] = [{"label": k, "score": score} for score, k in scores]
    result: dict[str, Any] = {"id": "0", "labels": labels}
    result["low_evidence"] = not any(by_label.values())
    result["abstain"] = labels[0]["score"] < row["abstain_below"]
    if ask.get("explain"):
        result["highlights"] = by_label[labels[0]["label"]]
        result["highlight_method"] = row["explains"]
        for entry in labels if ask["explain"] == "all" else []:
            entry["highlights"] = by_label[entry["label"]]
    return result


class Desk:
    """The server under the page, with what a test may change or look at."""

    def __init__(self) -> None:
        self.url = ""
        self.reset()

    def reset(self) -> None:
        """Forget what the last test did."""
        self.models = [model("headlines")]
        self.about: dict[str, Any] = {"needs_key": False, "feedback": True, "samples": True}
        self.about |= {"max_texts": 1024, "max_body_bytes": 2_000_000, "version": "1.2.3"}
        self.sample: dict[str, Any] = copy.deepcopy(SAMPLE)
        self.keys = {"key": "open sesame", "management": "boss"}
        self.requests: list[tuple[str, str, Any, dict[str, str]]] = []
        self.faults: list[tuple[str, int, dict[str, str]]] = []
        self.gate = threading.Event()
        self.gate.set()
        self.change: Callable[[dict[str, Any]], dict[str, Any]] = lambda result: result
        self.corrections: list[dict[str, Any]] = []
        self.known: dict[str, str] = {}

    def fail(self, path: str, status: int, times: int = 1, retry_after: str | None = None) -> None:
        """Answer the next requests to a path with a fault."""
        headers = {"Retry-After": retry_after} if retry_after is not None else {}
        self.faults += [(path, status, headers)] * times

    def asked(self, path: str, method: str = "POST") -> list[Any]:
        """Bodies of the requests to a path so far."""
        return [body for verb, where, body, _ in self.requests if (verb, where) == (method, path)]

    def heard(self, path: str, header: str) -> list[str | None]:
        """What the requests to a path said in a header."""
        return [heads.get(header.lower()) for _, where, _, heads in self.requests if where == path]

    def store(self, **content: Any) -> dict[str, Any]:
        """Put a correction before the reviewer."""
        entry = {
            "id": str(uuid.uuid4()),
            "at": "2026-11-30T01:02:03Z",
            "model": "headlines",
        }
        entry |= {"digest": "sha256:3f", "comment": None, "predicted": None, "status": "waiting"}
        self.corrections.append(entry | {"undo": "back"} | content)
        return self.corrections[-1]


class Handler(BaseHTTPRequestHandler):
    """Routes of the contract."""

    protocol_version = "HTTP/1.1"
    desk: Desk

    def log_message(self, *_: Any) -> None:
        """Tests print what matters."""

    def reply(self, status: int, body: Any = None, headers: dict[str, str] | None = None) -> None:
        content = b"" if status == 204 else json.dumps(body).encode()
        self.send(status, content, "application/json", headers or {})

    def refuse(self, status: int, error: str, hint: str, code: str, **headers: str) -> None:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.reply(status, {"error": error, "hint": hint, "code": code}, named)

    def send(self, status: int, content: bytes, kind: str, headers: dict[str, str]) -> None:
        self.send_response(status)
        if status != 204:
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
        self.send_header("Content-Security-Policy", POLICY)
        self.send_header("X-Content-Type-Options", "nosniff")
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def file(self, name: str) -> None:
        path = PAGE / name
        if path.parent != PAGE or not path.is_file():
            self.refuse(404, "There is no such file.", "Look at /.", "not_found")
            return
        kind = f"{TYPES[path.suffix]}; charset=utf-8"
        self.send(200, path.read_bytes(), kind, {"Cache-Control": "no-cache"})

    def do_GET(self) -> None:
        self.answer()

    def do_POST(self) -> None:
        self.answer()

    def do_DELETE(self) -> None:
        self.answer()

    def answer(self) -> None:
        url = urlsplit(self.path)
        size = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(size)) if size else None
        if not url.path.startswith("/api/"):
            name = {"/": "index.html", "/review": "review.html"}.get(url.path)
            self.file(name or url.path.removeprefix("/static/"))
            return
        heads = {name.lower(): value for name, value in self.headers.items()}
        self.desk.requests.append((self.command, url.path, body, heads))
        self.desk.gate.wait(20)
        for fault in self.desk.faults:
            if fault[0] == url.path:
                self.desk.faults.remove(fault)
                self.reply(fault[1], {"error": "It broke.", "hint": "Wait a bit."}, fault[2])
                return
        self.route(url.path, body, {k: v[0] for k, v in parse_qs(url.query).items()})

    def holds(self, realm: str) -> bool:
        """Tell whether the request brings the key of a realm; refuse it otherwise."""
        if self.headers.get("Authorization") == f"Bearer {self.desk.keys[realm]}":
            return True
        self.refuse(401, "A key is needed.", "Send one.", "unauthorized")
        return False

    def route(self, path: str, body: Any, query: dict[str, str]) -> None:
        desk = self.desk
        if path == "/api/v1/about":
            self.reply(200, desk.about)
            return
        managed = path.endswith("/decision") or (path.endswith("feedback") and not body)
        if managed and not self.holds("management"):
            return
        if desk.about["needs_key"] and not managed and not self.holds("key"):
            return
        if path == "/api/v1/models":
            self.reply(200, {"default": desk.models[0]["name"], "models": desk.models})
        elif path == "/api/v1/samples/random":
            self.reply(200, desk.sample)
        elif path == "/api/v1/predict":
            self.predict(body)
        elif path == "/api/v1/feedback" and body:
            self.correct(body)
        elif path == "/api/v1/feedback":
            self.list(query)
        else:
            self.one(path.split("/")[4], body)

    def predict(self, body: dict[str, Any]) -> None:
        row = next(m for m in self.desk.models if m["name"] == body["model"])
        many = body.get("documents") or [{"text": text} for text in body["texts"]]
        if any("POISON" in text for fields in many for text in fields.values()):
            self.refuse(422, "A text cannot be read.", "Leave it out.", "unreadable")
            return
        results = [self.desk.change(classify(row, fields, body)) for fields in many]
        named = {key: row[key] for key in ("name", "family", "digest")}
        self.reply(200, {"model": named, "results": results})

    def correct(self, body: dict[str, Any]) -> None:
        key = self.headers.get("Idempotency-Key")
        if key in self.desk.known:
            self.reply(200, {"id": self.desk.known[key], "undo": "back"})
            return
        entry = self.desk.store(**body)
        self.desk.known[key or entry["id"]] = entry["id"]
        self.reply(201, {"id": entry["id"], "undo": "back"})

    def list(self, query: dict[str, str]) -> None:
        fits = [
            {key: value for key, value in entry.items() if key != "undo"}
            for entry in self.desk.corrections
            if entry["status"] == query["status"] and query.get("label") in (None, entry["label"])
        ]
        start, limit = int(query.get("after", 0)), int(query["limit"])
        counts = dict.fromkeys(("waiting", "accepted", "rejected"), 0)
        for entry in self.desk.corrections:
            counts[entry["status"]] += 1
        after = str(start + limit) if len(fits) > start + limit else None
        shown = fits[start : start + limit]
        self.reply(200, {"corrections": shown, "next": after, "counts": counts})

    def one(self, name: str, body: Any) -> None:
        entry = next(c for c in self.desk.corrections if c["id"] == name)
        if body:
            done = {"accept": "accepted", "reject": "rejected", "wait": "waiting"}
            entry["status"] = done[body["decision"]]
            self.reply(200, {"id": name, "status": entry["status"]})
        elif self.headers.get("X-Undo-Token") == entry["undo"]:
            self.desk.corrections.remove(entry)
            self.reply(204)
        else:
            self.refuse(403, "This is not your correction.", "Bring its token.", "forbidden")


@pytest.fixture(scope="session")
def _server() -> Iterator[Desk]:
    desk = Desk()
    handler = type("Bound", (Handler,), {"desk": desk})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    desk.url = f"http://127.0.0.1:{server.server_port}"
    yield desk
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def desk(_server: Desk) -> Desk:
    """The server, as if fresh."""
    _server.reset()
    return _server


@pytest.fixture
def open_page(browser: Any, desk: Desk) -> Iterator[Callable[..., Any]]:
    """Open the page in a context of its own; at the end it must have stayed calm and at home."""
    contexts = []
    wrong: list[str] = []

    def heard(message: Any) -> None:
        # Chromium says so of every answer that a test made a refusal.
        played = message.text.startswith("Failed to load resource: the server responded")
        if message.type in ("error", "warning") and not played:
            wrong.append(f"console: {message.text}")

    def sent(request: Any) -> None:
        if not request.url.startswith((desk.url + "/", "blob:" + desk.url, "data:image/")):
            wrong.append(f"request to {request.url}")

    def open_one(path: str = "/", *, ready: bool = True, before: str = "", **settings: Any) -> Any:
        settings = {"viewport": {"width": 1280, "height": 900}, "locale": "en-US"} | settings
        context = browser.new_context(reduced_motion="reduce", **settings)
        contexts.append(context)
        context.set_default_timeout(15_000)
        if before:
            context.add_init_script(before)
        page = context.new_page()
        page.on("console", heard)
        page.on("pageerror", lambda error: wrong.append(f"thrown: {error}"))
        page.on("request", sent)
        page.goto(desk.url + path)
        if ready and path == "/":
            page.get_by_label("Choose a file").wait_for()
        return page

    yield open_one
    desk.gate.set()
    for context in contexts:
        context.close()
    assert not wrong, "\n".join(wrong)


@pytest.fixture(scope="module")
def run_module(browser: Any, _server: Desk) -> Iterator[Callable[..., Any]]:
    """Call functions of one of the page's modules: ``run("table.js", "m.parseCsv(a)", "x,y")``."""
    context = browser.new_context(locale="en-US")
    page = context.new_page()
    page.goto(_server.url)

    def run(module: str, expression: str, argument: Any = None) -> Any:
        load = f"const m = await import('/static/{module}')"
        return page.evaluate(f"async (a) => {{ {load}; return {expression} }}", argument)

    yield run
    context.close()


@pytest.fixture(scope="session")
def find_faults() -> Callable[[Any], list[str]]:
    """List what axe finds serious or critical on a page."""
    carrier = pytest.importorskip("axe_playwright_python.sync_playwright")
    axe = carrier.Axe()

    def find(page: Any) -> list[str]:
        return [
            f"{found['id']}: {node['html'][:200]}"
            for found in axe.run(page).response["violations"]
            if found["impact"] in ("serious", "critical")
            for node in found["nodes"]
        ]

    return find
