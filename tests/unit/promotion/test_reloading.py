from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from newsdesk.errors import ConfigError, ReloadError
from newsdesk.promotion import Server, reload, reloading

DIGEST = "ab" * 32
LOAD = ("POST", "/v2/repository/models/news/load")
ASK = ("POST", "/api/v1/predict")


class Played:
    """A server that says what it is told to, and keeps what it was asked."""

    def __init__(self) -> None:
        self.answers: dict[tuple[str, str], list[tuple[int, Any]]] = {
            ("GET", "/api/v1/models"): [(200, {"default": "news"})],
            LOAD: [(200, {"digest": DIGEST})],
            ASK: [(200, {"model": {"digest": DIGEST}})],
        }
        self.asked: list[tuple[str, str, str | None]] = []
        self.url = ""

    def answer(self, method: str, path: str, key: str | None) -> tuple[int, Any]:
        self.asked.append((method, path, key))
        answers = self.answers[method, path]
        return answers.pop(0) if len(answers) > 1 else answers[0]


@pytest.fixture
def played() -> Iterator[Played]:
    found = Played()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.do_POST()

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            status, said = found.answer(self.command, self.path, self.headers["Authorization"])
            content = said if isinstance(said, bytes) else json.dumps(said).encode()
            self.send_response(status)
            if status == 302:
                self.send_header("Location", f"{found.url}/elsewhere")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    found.url = f"http://127.0.0.1:{server.server_port}"
    yield found
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_default_model_is_loaded_and_asked(played: Played) -> None:
    assert reload(Server(played.url, "key"), DIGEST) == "news"
    assert [asked[:2] for asked in played.asked] == [("GET", "/api/v1/models"), LOAD, ASK]
    assert {key for *_, key in played.asked} == {"Bearer key"}


def test_a_named_model_is_loaded(played: Played) -> None:
    path = "/v2/repository/models/a%2Fb/load"
    played.answers["POST", path] = [(200, {})]
    assert reload(Server(played.url + "/", "key", "a/b"), DIGEST) == "a/b"
    assert played.asked[0][:2] == ("POST", path)


def test_a_server_that_loads_already_is_waited_for(
    played: Played, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reloading.time, "sleep", lambda _seconds: None)
    played.answers[LOAD] = [(409, {"error": "Busy."}), (409, {}), (200, {})]
    reload(Server(played.url, "key"), DIGEST)
    played.answers[LOAD] = [(409, {"error": "Busy."})]
    with pytest.raises(ReloadError, match="answers 409: Busy"):
        reload(Server(played.url, "key"), DIGEST)


def test_a_refusal_is_told_with_its_reason(played: Played) -> None:
    played.answers[LOAD] = [(401, {"error": "A valid key is needed.", "hint": "Send it."})]
    with pytest.raises(
        ReloadError, match=r"answers 401: A valid key is needed\. Send it\."
    ) as told:
        reload(Server(played.url, "key"), DIGEST)
    assert told.value.problem.endswith("Send it.")
    assert "The home serves the new version all the same" in told.value.remedy


def test_a_server_that_answers_with_another_version_is_found_out(played: Played) -> None:
    played.answers[ASK] = [(200, {"model": {"digest": "cd" * 32}})]
    with pytest.raises(ReloadError, match="version cdcdcdcdcdcd, not with abababababab"):
        reload(Server(played.url, "key"), DIGEST)


def test_the_key_is_not_sent_to_where_a_server_points(played: Played) -> None:
    played.answers["GET", "/api/v1/models"] = [(302, {})]
    with pytest.raises(ReloadError, match="answers 302: no reason given"):
        reload(Server(played.url, "key"), DIGEST)
    assert len(played.asked) == 1


@pytest.mark.parametrize("content", [b"", b"<html>", b"[1]", b"\xff"])
def test_what_is_no_json_is_an_error(content: bytes, played: Played) -> None:
    played.answers["GET", "/api/v1/models"] = [(200, content)]
    with pytest.raises(ReloadError, match="no JSON object"):
        reload(Server(played.url, "key"), DIGEST)


def test_a_server_that_is_not_there_is_an_error() -> None:
    with pytest.raises(ReloadError, match="does not answer"):
        reload(Server("http://127.0.0.1:1", "key"), DIGEST)


@pytest.mark.parametrize(
    "url", ["", "localhost:8080", "file:///etc/passwd", "http://", "http://a@b"]
)
def test_an_address_is_one_of_http(url: str) -> None:
    with pytest.raises(ConfigError, match="no address of a server"):
        Server(url, "key")
