from __future__ import annotations

import signal
import threading
from collections.abc import Callable

import pytest

from newsdesk.models.neural.interruption import Interruption, deferred


def handlers() -> list[object]:
    return [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_first_signal_is_noted_and_work_goes_on(number: signal.Signals) -> None:
    before = handlers()
    with deferred() as interruption:
        assert not interruption.asked
        signal.raise_signal(number)
        assert interruption.asked
        assert interruption.signal == number
    assert handlers() == before


def test_a_second_ctrl_c_stops_at_once() -> None:
    before = handlers()

    def work() -> None:
        with deferred():
            signal.raise_signal(signal.SIGINT)
            signal.raise_signal(signal.SIGINT)
            pytest.fail("work went on")

    with pytest.raises(KeyboardInterrupt):
        work()
    assert handlers() == before


def test_handlers_come_back_when_work_fails() -> None:
    before = handlers()
    with pytest.raises(ZeroDivisionError), deferred():
        raise ZeroDivisionError
    assert handlers() == before


def test_other_threads_work_undisturbed() -> None:
    before = handlers()
    found: list[bool] = []

    def work() -> None:
        with deferred() as interruption:
            found.append(handlers() == before and not interruption.asked)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert found == [True]


def test_ctrl_c_stops_with_words() -> None:
    interruption = Interruption()
    interruption.signal = signal.SIGINT
    with pytest.raises(KeyboardInterrupt, match="all is kept"):
        interruption.stop("all is kept")


def test_sigterm_stops_with_its_exit_code() -> None:
    interruption = Interruption()
    interruption.signal = signal.SIGTERM
    with pytest.raises(SystemExit) as caught:
        interruption.stop("all is kept")
    assert caught.value.code == 143


@pytest.mark.parametrize("handler", [signal.SIG_IGN, lambda *_: None])
def test_a_handler_of_the_caller_comes_back(handler: Callable[..., None]) -> None:
    before = signal.signal(signal.SIGTERM, handler)
    try:
        with deferred() as interruption:
            signal.raise_signal(signal.SIGTERM)
            assert interruption.asked
        assert signal.getsignal(signal.SIGTERM) is handler
    finally:
        signal.signal(signal.SIGTERM, before)
