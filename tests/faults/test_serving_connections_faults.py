"""Rows 23, 24, 26, 32 and 33: connections that are slow, endless, malformed, too many or gone."""

from __future__ import annotations

import json
import re
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest

from newsdesk.serving import Keys, Limits

PREDICT = b"POST /api/v1/predict HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
BODY = b'{"texts":["Bank raises rates"]}'
WHOLE = PREDICT + b"Content-Length: %d\r\n\r\n" % len(BODY) + BODY
KEY = "k" * 20


def answer_to(server: Any, data: bytes) -> tuple[int, bytes]:
    """Status and body of the first answer to raw bytes; 0 where there is none."""
    with server.raw() as sock:
        with suppress(OSError):
            sock.sendall(data)
        return read(sock)


def read(sock: socket.socket) -> tuple[int, bytes]:
    found = b""
    with suppress(ConnectionResetError):
        while part := sock.recv(65536):
            found += part
            head, gap, body = found.partition(b"\r\n\r\n")
            lengths = [
                int(line.split(b":")[1])
                for line in head.lower().split(b"\r\n")
                if line.startswith(b"content-length:")
            ]
            if gap and lengths and len(body) >= lengths[0]:
                break
    if not found:
        return 0, b""
    return int(found.split()[1]), found.partition(b"\r\n\r\n")[2]


def is_closed(sock: socket.socket) -> bool:
    try:
        while sock.recv(65536, socket.MSG_DONTWAIT):
            pass
    except BlockingIOError:
        return False
    except OSError:
        return True
    return True


# Row 23: slow clients.


def test_slow_clients_are_closed_at_their_deadlines(
    start: Callable[..., Any], until: Callable[..., None]
) -> None:
    server = start(limits=Limits(header_s=1.0, body_s=1.5, waiting=8))
    head = b"GET /healthz HTTP/1.1\r\nX: "
    body = PREDICT + b"Content-Length: 1000\r\n\r\n{"
    # More of each than requests may wait: none of them counts as one.
    slow = {kind: [server.raw() for _ in range(20)] for kind in ("idle", "head", "body")}
    begun = time.monotonic()
    for kind, data in (("head", head), ("body", body)):
        for sock in slow[kind]:
            sock.sendall(data)
    ended: dict[str, float] = {}
    statuses = set()

    def drip() -> bool:
        for kind, sockets in slow.items():
            for sock in sockets if kind not in ended else ():
                with suppress(OSError):
                    sock.sendall(b" " * (kind != "idle"))
            if kind not in ended and all(is_closed(sock) for sock in sockets):
                ended[kind] = time.monotonic() - begun
        statuses.add(server.predict().status)
        return len(ended) == len(slow)

    until(drip, 15)
    for sock in (sock for sockets in slow.values() for sock in sockets):
        sock.close()
    assert statuses == {200}
    assert min(ended["idle"], ended["head"]) > 0.9
    assert ended["body"] > 1.4


def test_a_body_that_follows_a_refusal_has_a_deadline_too(
    start: Callable[..., Any], until: Callable[..., None]
) -> None:
    server = start(limits=Limits(header_s=1.0, waiting=0))
    with server.raw() as sock:
        sock.sendall(PREDICT + b"Content-Length: 1000\r\n\r\n{")
        assert read(sock)[0] == 503

        def drip() -> bool:
            with suppress(OSError):
                sock.sendall(b" ")
            return is_closed(sock)

        until(drip, 10)


# Row 24: bodies.


def test_a_body_that_is_too_long_is_refused_before_it_comes(start: Callable[..., Any]) -> None:
    server = start()
    before = server.memory()
    status, body = answer_to(server, PREDICT + b"Content-Length: 1073741824\r\n\r\n")
    assert (status, json.loads(body)["code"]) == (413, "body_too_large")
    assert server.memory() - before < 20 << 20


def test_a_client_that_sends_everything_first_sees_the_refusal(start: Callable[..., Any]) -> None:
    server = start()
    connection = server.open()
    answer = server.ask("POST", "/api/v1/predict", {"texts": ["x" * (3 << 20)]}, on=connection)
    assert (answer.status, answer.code) == (413, "body_too_large")
    assert server.predict(on=connection).status == 200
    connection.close()


@pytest.mark.parametrize("chunk", [b"10000\r\n" + b" " * 65536 + b"\r\n", b"1\r\n \r\n" * 8192])
def test_an_endless_body_is_refused_at_the_limit(start: Callable[..., Any], chunk: bytes) -> None:
    server = start(limits=Limits(body_bytes=1 << 18))
    server.predict()
    before = server.memory()
    n_sent = 0
    with server.raw() as sock:
        sock.sendall(PREDICT + b"Transfer-Encoding: chunked\r\n\r\n")
        with suppress(OSError):
            while n_sent < 200 << 20:
                sock.sendall(chunk)
                n_sent += len(chunk)
    assert n_sent < 40 << 20
    assert server.memory() - before < 20 << 20
    assert server.predict().status == 200


@pytest.mark.slow
def test_a_million_tiny_chunks_hold_nobody_up(start: Callable[..., Any]) -> None:
    server = start(limits=Limits(body_s=60))
    server.predict()
    before = server.memory()
    text = b'{"texts":["' + b"a" * 999_980 + b'"]}'
    chunks = b"".join(b"1\r\n%c\r\n" % byte for byte in text) + b"0\r\n\r\n"
    waits = []
    with server.raw() as sock:
        sock.sendall(PREDICT + b"Transfer-Encoding: chunked\r\n\r\n")
        sender = threading.Thread(target=sock.sendall, args=(chunks,))
        sender.start()
        while sender.is_alive():
            begun = time.monotonic()
            assert server.predict().status == 200
            waits.append(time.monotonic() - begun)
        sender.join()
        assert read(sock)[0] == 200
    assert max(waits) < 2.0
    assert server.memory() - before < 60 << 20  # one text of a megabyte is also classified


@pytest.mark.parametrize("encoding", [b"gzip", b"deflate", b"br", b"zstd", b"identity, gzip", b"x"])
def test_a_compressed_body_is_refused(make_desk: Callable[..., Any], encoding: bytes) -> None:
    headers = [("Content-Encoding", encoding.decode())]
    answer = make_desk().ask("POST", "/api/v1/predict", b"\x1f\x8b" * 10, headers)
    assert (answer.status, answer.code) == (415, "content_encoding")


# Row 26: malformed HTTP.

REFUSED = {
    "no HTTP": (b"\x16\x03\x01\x02\x00\x01\x00", {400}),
    "words": (b"hello there\r\n\r\n", {400}),
    "no method": (b" /healthz HTTP/1.1\r\nHost: a\r\n\r\n", {400}),
    "HTTP/9": (b"GET /healthz HTTP/9.9\r\nHost: a\r\n\r\n", {400}),
    "bad header": (b"GET /healthz HTTP/1.1\r\nHost: a\r\nno colon\r\n\r\n", {400}),
    "NUL in header": (b"GET /healthz HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n", {400}),
    "two hosts": (b"GET /healthz HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", {400}),
    "two lengths": (PREDICT + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\n123456", {400}),
    "length and chunks": (
        PREDICT + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        {400},
    ),
    "negative length": (PREDICT + b"Content-Length: -1\r\n\r\n", {400}),
    "bad chunk": (PREDICT + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n\r\n", {400}),
    "long header": (b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"x" * 300_000, {431}),
    "wrong method": (b"DELETE /api/v1/predict HTTP/1.1\r\nHost: a\r\n\r\n", {405}),
    "connect": (b"CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n", {400, 404, 405}),
    "asterisk": (b"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", {400, 404, 405}),
    "nothing there": (b"GET /nothing HTTP/1.1\r\nHost: a\r\n\r\n", {404}),
    "not ASCII": (b"GET /\xff\xfe HTTP/1.1\r\nHost: a\r\n\r\n", {400, 404}),
    "no kind": (b"POST /api/v1/predict HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{}", {415}),
}


def test_malformed_http_is_refused_in_words(start: Callable[..., Any]) -> None:
    server = start()
    for name, (data, statuses) in REFUSED.items():
        status, body = answer_to(server, data)
        assert status in statuses, name
        assert set(json.loads(body)) == {"error", "code", "hint"}, name
        assert server.predict().status == 200
    server.end()
    # What strangers send is counted, and fills no log.
    assert {line["event"] for line in server.log} == {"request"}


@pytest.mark.parametrize("key", [None, KEY])
def test_no_host_and_no_form_of_the_address_changes_who_may_ask(
    start: Callable[..., Any], key: str | None
) -> None:
    server = start(keys=Keys(api=(KEY,)))
    given = b"" if key is None else b"X-API-Key: " + key.encode() + b"\r\n"
    tail = b"Content-Type: application/json\r\n%sContent-Length: %d\r\n\r\n%s" % (
        given,
        len(BODY),
        BODY,
    )
    for host in (b"a", b"a?", b"a/b", b"a/healthz?", b"healthz", b"[::1", b"a@b", b""):
        for place in (b"/api/v1/predict", b"http://a/api/v1/predict", b"http://x/api/v1/predict?"):
            request = b"POST " + place + b" HTTP/1.1\r\nHost: " + host + b"\r\n" + tail
            assert answer_to(server, request)[0] == (401 if key is None else 200), (host, place)


def test_requests_that_are_sent_at_once_are_answered_in_order(start: Callable[..., Any]) -> None:
    server = start(limits=Limits(header_s=1.0))
    missing = b"GET /nothing HTTP/1.1\r\nHost: a\r\n\r\n"
    with server.raw() as sock:
        sock.sendall(WHOLE + missing + WHOLE + b"GET /healthz HTTP/1.1\r\nHost")
        found = b""
        while part := sock.recv(65536):
            found += part
    assert re.findall(rb"HTTP/1\.1 (\d+)", found) == [b"200", b"404", b"200", b"408"]


# Row 32: more than can be done.


def test_what_is_too_much_is_refused_at_once(
    start: Callable[..., Any], slow: Callable[[float], str]
) -> None:
    server = start(before=slow(0.1), limits=Limits(waiting_s=0.5), workers=1)
    n_threads, found = 40, []

    def ask() -> None:
        connection = server.open()
        for _ in range(3):
            begun = time.monotonic()
            answer = server.predict(on=connection)
            found.append((answer, time.monotonic() - begun))
        connection.close()

    threads = [threading.Thread(target=ask) for _ in range(n_threads)]
    for thread in threads:
        thread.start()
    # Probes and looks are let through meanwhile.
    assert server.ask("GET", "/healthz").status == 200
    assert server.ask("GET", "/readyz").status == 200
    for thread in threads:
        thread.join()
    refused = [(answer, seconds) for answer, seconds in found if answer.status == 503]
    done = [seconds for answer, seconds in found if answer.status == 200]
    assert len(refused) + len(done) == 3 * n_threads
    assert refused
    assert done
    for answer, _ in refused:
        assert answer.code == "overloaded"
        assert int(answer.headers["retry-after"]) >= 1
    # Nobody waits for more than what may wait, and the work in hand; twice that on a busy machine.
    assert max(done) < 2 * (0.5 + 0.1 + 0.1)
    assert sorted(seconds for _, seconds in refused)[len(refused) // 2] < 0.05
    assert server.predict().status == 200


# Row 33: clients that go away.


def test_work_whose_client_has_gone_is_skipped(
    start: Callable[..., Any], slow: Callable[[float], str], until: Callable[..., None]
) -> None:
    server = start(before=slow(0.1), limits=Limits(waiting_s=60.0))
    sockets = [server.raw() for _ in range(60)]
    for sock in sockets:
        sock.sendall(WHOLE)
    time.sleep(0.3)
    for sock in sockets:
        sock.close()
    begun = time.monotonic()
    assert server.predict().status == 200
    assert time.monotonic() - begun < 2.0  # 60 others would have taken 3 or 6 seconds

    def counted(name: str) -> float:
        page = server.ask("GET", "/metrics").body.decode()
        return sum(float(line.split()[-1]) for line in page.splitlines() if line.startswith(name))

    gone = 'newsdesk_requests_total{method="POST",route="predict",status="499"}'
    until(lambda: counted(gone) + counted("newsdesk_texts_total") >= 61)
    assert counted("newsdesk_texts_total") < 30
    assert counted(gone) > 30
