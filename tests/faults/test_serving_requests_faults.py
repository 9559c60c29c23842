"""Rows 14, 19, 21, 25, 38 and 40-44: requests that are wrong, foreign, forbidden or too many."""

from __future__ import annotations

import ast
import inspect
import json
import math
import os
import re
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st

from newsdesk.errors import ConfigError
from newsdesk.serving import Keys, Limits, Settings

KEY, MANAGEMENT = "k" * 20 + "-client", "m" * 20 + "-manager"
PREDICT = "/api/v1/predict"
LOAD = "/v2/repository/models/golden/load"
BODIES = {
    PREDICT: b'{"texts":["Bank raises rates"],"top_k":2,"explain":true,"ids":["a"]}',
    "/hf/golden": b'{"inputs":"Bank raises rates","parameters":{"top_k":1}}',
    "/predict": b'{"inputs":[["Bank raises rates"]],"raw_scores":false}',
    "/v2/models/golden/infer": b'{"inputs":[{"name":"text","shape":[1],"datatype":"BYTES",'
    b'"data":["Bank raises rates"]}],"outputs":[{"name":"probs"}]}',
}

# Row 14: names in URLs.

NAMES = [
    "../x",
    "..",
    ".",
    "%2e%2e%2f",
    "%252e",
    "..\\",
    "\0",
    "C:",
    "x" * 5000,
    "gоlden",
    "golden/",
]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("path", ["/hf/{}", "/v2/models/{}", "/v2/models/{}/infer", "/static/{}"])
def test_a_name_that_is_no_models_is_not_found(
    make_desk: Callable[..., Any], path: str, name: str
) -> None:
    desk = make_desk()
    for method, body in (("GET", b""), ("POST", BODIES["/hf/golden"])):
        assert desk.ask(method, path.format(name), body).status in (400, 404, 405)


@cache
def opened() -> list[str]:
    """Collects files that are opened; a hook cannot be taken out again."""
    found: list[str] = []

    def watch(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open" and isinstance(arguments[0], str | bytes | os.PathLike):
            found.append(os.fsdecode(arguments[0]))

    sys.addaudithook(watch)
    return found


@hypothesis(max_examples=60)
@given(
    name=st.text(max_size=30),
    path=st.sampled_from(
        ["/hf/{}", "/static/{}", "/v2/models/{}", "/v2/repository/models/{}/load"]
    ),
)
def test_no_name_opens_a_file(make_desk: Callable[..., Any], name: str, path: str) -> None:
    desk, found = make_desk(), opened()
    asked = path.format(name).encode("utf-8", "replace").decode()
    found.clear()
    answer = desk.ask("POST", asked, b"{}")
    assert answer.status in (400, 403, 404, 405, 422)
    assert found == []


# Row 19: characters.

STRANGE = {
    "NUL": "Bank\0 raises rates",
    "bidi": "Bank \u202eraises\u202c rates",
    "ZWJ": "Bank \U0001f469\u200d\U0001f4bb raises",
    "many marks": "rates " + "e" + "\u0301" * 100_000,
    "zero width": "B\u200bank",
}


@pytest.mark.parametrize("text", STRANGE.values(), ids=STRANGE)
def test_strange_characters_are_answered(make_desk: Callable[..., Any], text: str) -> None:
    answer = make_desk().predict(text, explain=True)
    assert answer.status == 200
    (result,) = answer.json["results"]
    assert sum(one["score"] for one in result["labels"]) <= 1.001
    for span in result["highlights"]:
        assert 0 <= span["start"] < span["end"] <= len(text)
        units = len(text[: span["end"]].encode("utf-16-le")) // 2
        assert span["end_utf16"] == units


@pytest.mark.parametrize(
    "body", [b'{"texts":["\xff\xfe"]}', b'{"texts":["\\ud800"]}', b'{"texts":["\\udc00\\ud800"]}']
)
def test_what_is_no_unicode_is_refused(make_desk: Callable[..., Any], body: bytes) -> None:
    answer = make_desk().ask("POST", PREDICT, body)
    assert (answer.status, answer.code) == (400, "malformed_json")


# Row 21: nothing that is known.


@pytest.mark.parametrize("text", ["", " \n\t", "…", "\u2603 \u2603"])
def test_a_text_without_a_known_word_has_low_evidence(
    make_desk: Callable[..., Any], text: str
) -> None:
    answer = make_desk().predict(text, "Bank raises interest rates")
    assert answer.status == 200
    unknown, known = answer.json["results"]
    assert (unknown["low_evidence"], known["low_evidence"]) == (True, False)
    assert all(math.isfinite(one["score"]) for one in unknown["labels"])


# Row 25: malformed JSON.

MALFORMED = {
    "lone surrogate": b'{"texts":["\\ud800"]}',
    "NaN": b'{"texts":NaN}',
    "Infinity": b'{"texts":["a"],"abstain_below":Infinity}',
    "deep nesting": b'{"texts":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "deep objects": b'{"texts":' + b'{"a":' * 100_000 + b"}" * 100_000 + b"}",
    "huge integer": b'{"texts":["a"],"top_k":' + b"9" * 5000 + b"}",
    "huge exponent": b'{"texts":["a"],"abstain_below":1e99999}',
    "BOM": b'\xef\xbb\xbf{"texts":["a"]}',
    "UTF-16": '{"texts":["a"]}'.encode("utf-16"),
    "cut off": b'{"texts":["a"',
    "more behind": b'{"texts":["a"]}{"texts":["b"]}',
    "no object": b'"texts"',
    "null": b"null",
    "nothing": b"",
    "spaces": b"  ",
    "unknown key": b'{"texts":["a"],"secret":1}',
    "wrong types": b'{"texts":[1,2]}',
    "single quotes": b"{'texts':['a']}",
    "comment": b'{"texts":["a"]/*x*/}',
}


@pytest.mark.parametrize("body", MALFORMED.values(), ids=MALFORMED)
@pytest.mark.parametrize("path", BODIES)
def test_malformed_json_is_refused_in_words(
    make_desk: Callable[..., Any], path: str, body: bytes
) -> None:
    answer = make_desk().ask("POST", path, body)
    assert answer.status in (400, 422)
    assert answer.code


def test_of_a_key_that_stands_twice_the_last_counts(make_desk: Callable[..., Any]) -> None:
    body = b'{"texts":["a"],"texts":["a","b"]}'
    assert len(make_desk().ask("POST", PREDICT, body).json["results"]) == 2


def test_a_refusal_does_not_repeat_what_was_sent(make_desk: Callable[..., Any]) -> None:
    answer = make_desk().ask("POST", PREDICT, b'{"texts":["<script>alert(1)</script>",5]}')
    assert answer.status == 422
    assert b"script" not in answer.body


@hypothesis(max_examples=400)
@given(st.data())
def test_no_mutation_of_a_body_fails_the_server(make_desk: Callable[..., Any], data: Any) -> None:
    path = data.draw(st.sampled_from(sorted(BODIES)))
    body = bytearray(BODIES[path])
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, max(len(body) - 1, 0)))
        match data.draw(st.sampled_from(["set", "cut", "put", "twice"])):
            case "set" if body:
                body[at] = data.draw(st.integers(0, 255))
            case "cut":
                del body[at : at + data.draw(st.integers(1, 20))]
            case "put":
                body[at:at] = data.draw(st.binary(max_size=8))
            case "twice":
                body[at:at] = body[at : at + 20]
    answer = make_desk().ask("POST", path, bytes(body))
    assert answer.status < 500
    assert answer.json is not None


# Row 38: pages of other sites.

OWN = "http://127.0.0.1:8080"
FOREIGN: list[list[tuple[str, str]]] = [
    [("Sec-Fetch-Site", "cross-site")],
    [("Sec-Fetch-Site", "same-site")],
    [("Sec-Fetch-Site", "nonsense")],
    [("Sec-Fetch-Site", "cross-site"), ("Origin", OWN)],
    [("Origin", "https://evil.example")],
    [("Origin", "null")],
    [("Origin", "http://[")],
    [("Origin", "http://127.0.0.1:8081")],
    [("Origin", OWN + ".evil.example")],
    [("Origin", "é")],
]
OWN_PAGE: list[list[tuple[str, str]]] = [
    [],
    [("Sec-Fetch-Site", "same-origin"), ("Origin", OWN)],
    [("Sec-Fetch-Site", "none")],
    [("Origin", OWN)],
    # Behind a proxy that ends TLS, whose host is the page's.
    [("Origin", "https://news.example"), ("Host", "news.example")],
]


@pytest.mark.parametrize("path", [*BODIES, "/api/v1/feedback", LOAD])
@pytest.mark.parametrize("headers", FOREIGN)
def test_pages_of_other_sites_are_refused(
    make_desk: Callable[..., Any], path: str, headers: list[tuple[str, str]]
) -> None:
    answer = make_desk().ask("POST", path, BODIES[PREDICT], headers)
    assert (answer.status, answer.code) == (403, "foreign_page")


@pytest.mark.parametrize("headers", OWN_PAGE)
def test_programs_and_the_own_page_may_ask(
    make_desk: Callable[..., Any], headers: list[tuple[str, str]]
) -> None:
    assert make_desk().ask("POST", PREDICT, BODIES[PREDICT], headers).status == 200


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "", "json"])
def test_what_a_form_of_another_site_can_send_is_refused(
    make_desk: Callable[..., Any], kind: str
) -> None:
    answer = make_desk().ask("POST", PREDICT, BODIES[PREDICT], [("Content-Type", kind)])
    assert (answer.status, answer.code) == (415, "content_type")


def test_a_look_changes_nothing(make_desk: Callable[..., Any]) -> None:
    desk = make_desk(keys=Keys(management=(MANAGEMENT,)))
    for path in (LOAD, PREDICT, "/api/v1/feedback/x/decision"):
        assert desk.ask("GET", path, headers=[("X-API-Key", MANAGEMENT)]).status == 405


# Row 40: keys.

WRONG: list[list[tuple[str, str]]] = [
    [],
    [("Authorization", "Bearer ")],
    [("Authorization", f"Basic {KEY}")],
    [("Authorization", KEY)],
    [("Authorization", f"Bearer {KEY}x")],
    [("Authorization", f"Bearer {KEY[:-1]}")],
    [("X-API-Key", "")],
    [("X-API-Key", KEY.upper())],
    [("X-API-Key", "é" * 20)],
    [("Cookie", f"key={KEY}")],
]


@pytest.mark.parametrize("headers", WRONG)
@pytest.mark.parametrize("host", ["127.0.0.1:8080", "a?", "a/b", "localhost", ""])
def test_a_wrong_key_is_refused_whatever_the_host(
    make_desk: Callable[..., Any], headers: list[tuple[str, str]], host: str
) -> None:
    desk = make_desk(keys=Keys(api=(KEY,)))
    answer = desk.ask("POST", PREDICT, BODIES[PREDICT], [*headers, ("Host", host)])
    assert (answer.status, answer.code) == (401, "unauthorized")
    assert answer.body == desk.ask("POST", PREDICT, BODIES[PREDICT]).body


@pytest.mark.parametrize("key", [KEY, MANAGEMENT])
@pytest.mark.parametrize("header", ["Authorization", "X-API-Key"])
@pytest.mark.parametrize("host", ["127.0.0.1:8080", "a?", "a/b", ""])
def test_a_key_lets_through_whatever_the_host(
    make_desk: Callable[..., Any], key: str, header: str, host: str
) -> None:
    desk = make_desk(keys=Keys(api=(KEY,), management=(MANAGEMENT,)))
    said = f"bearer {key}" if header == "Authorization" else key
    answer = desk.ask("POST", PREDICT, BODIES[PREDICT], [(header, said), ("Host", host)])
    assert answer.status == 200


def test_no_key_and_no_text_stand_in_the_log(make_desk: Callable[..., Any]) -> None:
    desk = make_desk(keys=Keys(api=(KEY,)), limits=Limits(rate=100.0))
    desk.ask("POST", PREDICT, {"texts": ["a secret text"]}, [("X-API-Key", KEY)])
    desk.ask("POST", f"{PREDICT}?key={KEY}", {"texts": ["a secret text"]})
    desk.ask("POST", f"/hf/{KEY}", b'{"inputs":"a secret text"}', [("X-API-Key", "wrong-" + KEY)])
    assert len(desk.log.splitlines()) == 3
    assert KEY not in desk.log
    assert "secret" not in desk.log


def test_keys_are_compared_in_constant_time_and_kept_as_digests() -> None:
    from newsdesk.serving import keys

    source = inspect.getsource(keys)
    assert "hmac.compare_digest" in source
    compared = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Compare)]
    assert [ast.unparse(node) for node in compared] == ["scheme.lower() == 'bearer'"]
    doorman = keys.Doorman(Keys(api=(KEY,)))
    assert KEY not in repr(vars(doorman))


# Row 41: too many requests.


def test_who_asks_too_often_is_told_when_to_come_back(make_desk: Callable[..., Any]) -> None:
    desk = make_desk(limits=Limits(rate=0.5))
    assert desk.predict("Bank").status == 200
    answer = desk.predict("Bank")
    assert (answer.status, answer.code) == (429, "rate_limited")
    assert 1 <= int(answer.headers["retry-after"]) <= 2
    assert desk.ask("POST", PREDICT, BODIES[PREDICT], client="192.0.2.1").status == 200


def test_a_made_up_key_for_each_request_buys_nothing(make_desk: Callable[..., Any]) -> None:
    for keys in (Keys(), Keys(api=(KEY,))):
        desk = make_desk(limits=Limits(rate=0.5), keys=keys)
        found = [
            desk.ask("POST", PREDICT, BODIES[PREDICT], [("X-API-Key", f"made-up-key-{n}")]).status
            for n in range(4)
        ]
        assert found[1:] == [429] * 3


def test_a_forged_address_buys_nothing(make_desk: Callable[..., Any]) -> None:
    forged = [("X-Forwarded-For", "192.0.2.1")]
    desk = make_desk(limits=Limits(rate=0.5))
    found = [desk.ask("POST", PREDICT, BODIES[PREDICT], forged).status for _ in range(2)]
    assert found == [200, 429]
    # A proxy that adds a header of its own leaves the forged one before it.
    behind = make_desk(limits=Limits(rate=0.5), proxies=("127.0.0.0/8",))
    statuses = [
        behind.ask(
            "POST",
            PREDICT,
            BODIES[PREDICT],
            [("X-Forwarded-For", f"192.0.2.{n}"), ("X-Forwarded-For", "198.51.100.7")],
        ).status
        for n in range(2)
    ]
    assert statuses == [200, 429]


# Row 42: what strangers choose stays out of logs and metrics.


def test_metrics_do_not_grow_with_what_is_asked(make_desk: Callable[..., Any]) -> None:
    desk = make_desk()

    def ask(n: int) -> int:
        desk.ask("GET", f"/path-{n}")
        desk.ask(f"METHOD{n}", PREDICT)
        desk.ask("POST", f"/hf/model-{n}", BODIES["/hf/golden"])
        desk.ask("GET", "/healthz", headers=[("X-Request-ID", f"id-{n}")])
        # Without the numbers themselves, which grow by digits.
        return len(re.sub(rb" [0-9.e+-]+\n", b"\n", desk.ask("GET", "/metrics").body))

    ask(0)
    first = ask(1)
    assert [ask(n) for n in range(2, 60)][-1] == first


@pytest.mark.parametrize("identifier", ["a\r\nb", "a b", "x" * 65, "é", '"}', "<b>"])
def test_a_request_id_that_could_harm_is_replaced(
    make_desk: Callable[..., Any], identifier: str
) -> None:
    desk = make_desk()
    answer = desk.ask("GET", "/healthz", headers=[("X-Request-ID", identifier)])
    assert answer.headers["x-request-id"] != identifier
    assert re.fullmatch(r"[0-9a-f]+-[0-9a-f]+", answer.headers["x-request-id"])
    assert json.loads(desk.log)["id"] == answer.headers["x-request-id"]


def test_a_request_id_comes_back(make_desk: Callable[..., Any]) -> None:
    answer = make_desk().ask("GET", "/healthz", headers=[("X-Request-ID", "trace-7.b_c")])
    assert answer.headers["x-request-id"] == "trace-7.b_c"


def test_each_request_is_one_line_of_json(make_desk: Callable[..., Any]) -> None:
    desk = make_desk()
    desk.ask("GET", "/a\r\n{}", headers=[("X-Request-ID", "b\r\nc")], client="::1\r\n")
    desk.predict("Bank\r\nraises")
    routes = [json.loads(line)["route"] for line in desk.log.splitlines()]
    assert routes == ["none", "predict"]


# Row 43: what changes the server.


@pytest.mark.parametrize("path", [LOAD, "/v2/repository/models/golden/unload"])
def test_management_is_off_without_a_key(make_desk: Callable[..., Any], path: str) -> None:
    for keys in (Keys(), Keys(api=(KEY,))):
        answer = make_desk(keys=keys).ask("POST", path, headers=[("X-API-Key", KEY)])
        assert (answer.status, answer.code) == (403, "management_off")


@pytest.mark.parametrize("path", [LOAD, "/v2/repository/models/golden/unload"])
def test_a_clients_key_manages_nothing(make_desk: Callable[..., Any], path: str) -> None:
    desk = make_desk(keys=Keys(api=(KEY,), management=(MANAGEMENT,)))
    answer = desk.ask("POST", path, headers=[("X-API-Key", KEY)])
    assert (answer.status, answer.code) == (401, "unauthorized")


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "news.example"])
def test_an_address_for_others_wants_a_key_or_a_word(host: str) -> None:
    models = {"golden": Path("bundle")}
    for keys in (Keys(), Keys(management=(MANAGEMENT,))):
        with pytest.raises(ConfigError, match="no key"):
            Settings(models, host=host, keys=keys)
    Settings(models, host=host, public=True)
    Settings(models, host=host, keys=Keys(api=(KEY,)))


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.9", "::1", "localhost"])
def test_this_machine_needs_no_key(host: str) -> None:
    Settings({"golden": Path("bundle")}, host=host)


# Row 44: clocks.


def test_a_clock_that_is_set_moves_no_limit(
    make_desk: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = make_desk(limits=Limits(rate=0.5))
    assert desk.predict("Bank").status == 200
    monkeypatch.setattr("time.time", lambda: 4e9)
    assert desk.predict("Bank").status == 429
    monkeypatch.setattr("time.time", lambda: 0.0)
    assert desk.predict("Bank").status == 429
