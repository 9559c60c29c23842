"""Rounds: a version comes to all workers, or to none."""

from __future__ import annotations

from typing import Any

import pytest

from newsdesk.serving.peers import (
    Abort,
    Ask,
    Commit,
    Did,
    Granted,
    Prepare,
    Propose,
    Refused,
    Withdraw,
)
from newsdesk.serving.rounds import Rounds


class Worker:
    """Remembers what it is told."""

    def __init__(self) -> None:
        self.heard: list[Any] = []
        self.is_killed = self.is_gone = False

    def send(self, message: Any) -> None:
        if self.is_gone:
            raise OSError("Bad file descriptor")
        self.heard.append(message)

    def kill(self) -> None:
        self.is_killed = True


@pytest.fixture
def workers() -> list[Worker]:
    return [Worker() for _ in range(3)]


@pytest.fixture
def rounds(workers: list[Worker]) -> Rounds:
    found = Rounds(lambda: workers)
    found.digests = {"news": "old", "more": "other"}
    return found


def propose(rounds: Rounds, worker: Worker) -> None:
    rounds.hear(worker, Ask())
    rounds.hear(worker, Propose("news", "new"))


def test_all_hold_a_version_before_any_serves_it(rounds: Rounds, workers: list[Worker]) -> None:
    asker, second, third = workers
    propose(rounds, asker)
    assert asker.heard == [Granted()]
    assert second.heard == third.heard == [Prepare("news", "new")]
    rounds.hear(second, Did("new"))
    assert rounds.digests["news"] == "old"
    assert second.heard[1:] == []
    rounds.hear(third, Did("new"))
    assert rounds.digests == {"news": "new", "more": "other"}
    for worker in workers:
        assert worker.heard[-1] == Commit("news", "new")
        rounds.hear(worker, Did("new"))
    assert asker.heard == [Granted(), Commit("news", "new"), Granted()]
    assert not rounds.is_running


def test_who_cannot_leaves_the_old_version_everywhere(
    rounds: Rounds, workers: list[Worker]
) -> None:
    asker, second, third = workers
    propose(rounds, asker)
    rounds.hear(second, Did("new"))
    rounds.hear(third, Did("new", is_able=False))
    assert rounds.digests["news"] == "old"
    assert all(Abort() in worker.heard for worker in workers)
    refused = asker.heard[-1]
    assert isinstance(refused, Refused)
    assert (refused.status, refused.code) == (422, "load_failed")
    assert not rounds.is_running


def test_one_round_runs_at_a_time(rounds: Rounds, workers: list[Worker]) -> None:
    rounds.hear(workers[0], Ask())
    rounds.hear(workers[1], Ask())
    refused = workers[1].heard[-1]
    assert isinstance(refused, Refused)
    assert (refused.status, refused.code) == (409, "reload_running")
    rounds.hear(workers[1], Withdraw())  # not its to withdraw
    assert rounds.is_running
    rounds.hear(workers[0], Withdraw())
    rounds.hear(workers[1], Ask())
    assert workers[1].heard[-1] == Granted()


def test_a_proposal_that_nobody_granted_is_refused(rounds: Rounds, workers: list[Worker]) -> None:
    rounds.hear(workers[0], Propose("news", "new"))
    assert isinstance(workers[0].heard[-1], Refused)
    assert rounds.digests["news"] == "old"


def test_the_dead_are_not_waited_for(rounds: Rounds, workers: list[Worker]) -> None:
    asker, second, third = workers
    propose(rounds, asker)
    rounds.hear(second, Did("new"))
    workers.remove(third)
    rounds.lose(third)
    assert rounds.digests["news"] == "new"
    rounds.hear(asker, Did("new"))
    workers.remove(second)
    rounds.lose(second)
    assert not rounds.is_running
    assert asker.heard[-1] == Granted()


def test_an_asker_that_dies_before_all_hold_the_version_ends_the_round(
    rounds: Rounds, workers: list[Worker]
) -> None:
    asker, second, _ = workers
    propose(rounds, asker)
    workers.remove(asker)
    rounds.lose(asker)
    assert second.heard[-1] == Abort()
    assert rounds.digests["news"] == "old"
    assert not rounds.is_running


def test_an_asker_that_dies_later_does_not(rounds: Rounds, workers: list[Worker]) -> None:
    asker, second, third = workers
    propose(rounds, asker)
    rounds.hear(second, Did("new"))
    rounds.hear(third, Did("new"))
    workers.remove(asker)
    asker.is_gone = True
    rounds.lose(asker)
    for worker in (second, third):
        rounds.hear(worker, Did("new"))
    assert rounds.digests["news"] == "new"
    assert not rounds.is_running


def test_a_new_worker_that_dies_while_its_version_is_brought_is_told_nothing(
    rounds: Rounds, workers: list[Worker]
) -> None:
    fresh = Worker()
    rounds.propose(fresh, "news", "new")
    for worker in workers:
        rounds.hear(worker, Did("new"))
    fresh.is_gone = True
    rounds.lose(fresh)
    for worker in workers:
        rounds.hear(worker, Did("new"))
    assert rounds.digests["news"] == "new"
    assert not rounds.is_running


def test_who_does_not_keep_its_word_is_killed(rounds: Rounds, workers: list[Worker]) -> None:
    asker, second, third = workers
    propose(rounds, asker)
    rounds.hear(second, Did("new"))
    rounds.hear(third, Did("new"))
    rounds.hear(third, Did("new", is_able=False))
    assert [worker.is_killed for worker in workers] == [False, False, True]


def test_who_is_late_to_prepare_ends_the_round(rounds: Rounds, workers: list[Worker]) -> None:
    propose(rounds, workers[0])
    rounds.watch(0.0)
    assert rounds.is_running
    rounds.watch(float("inf"))
    assert not rounds.is_running
    assert isinstance(workers[0].heard[-1], Refused)
    assert rounds.digests["news"] == "old"


def test_who_is_late_to_serve_is_killed(rounds: Rounds, workers: list[Worker]) -> None:
    asker, second, third = workers
    propose(rounds, asker)
    rounds.hear(second, Did("new"))
    rounds.hear(third, Did("new"))
    rounds.hear(asker, Did("new"))
    rounds.watch(float("inf"))
    assert [worker.is_killed for worker in workers] == [False, True, True]
    assert not rounds.is_running


def test_words_of_another_round_change_nothing(rounds: Rounds, workers: list[Worker]) -> None:
    propose(rounds, workers[0])
    rounds.hear(workers[1], Did("older"))
    rounds.hear(workers[2], Did("new"))
    rounds.hear(workers[2], Did("new"))
    assert rounds.digests["news"] == "old"


def test_a_version_comes_at_once_where_nobody_else_serves(workers: list[Worker]) -> None:
    rounds = Rounds(lambda: workers[:1])
    propose(rounds, workers[0])
    rounds.hear(workers[0], Did("new"))
    assert rounds.digests == {"news": "new"}
