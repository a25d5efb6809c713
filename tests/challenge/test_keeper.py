"""The journal of a store on the Hub: sent by huggingface_hub itself to a Hub on loopback, rebuilt after a restart."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from demo.challenge.drawings import contributors, submissions
from demo.challenge.drawings.address_groups import group_of
from demo.challenge.labels import annotating, gold, quorum, review
from demo.challenge.service import Challenge
from demo.challenge.store import schema
from demo.challenge.store.database import Store
from demo.challenge.transfer import journal
from demo.challenge.transfer import keeper as keeper_module
from demo.challenge.transfer.keeper import Keeper, repository
from demo.draw.examples import examples
from tests.support.challenge_people import give, label_next, prove, row_of
from tests.support.hub_server import LoopbackHub, serve

pytestmark = pytest.mark.slow

REPO = "ada/drawings"


@pytest.fixture(autouse=True)
def no_lot(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(annotating, "GOLD_EVERY", 10**9)  # no lot decides what these annotators see
    monkeypatch.setattr(quorum, "ESTABLISHED_FROM", annotating.FIRST_GOLD)  # two of them are enough


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[LoopbackHub]:
    with serve() as running:
        running.take_over(monkeypatch, tmp_path)
        yield running


def new_store(folder: Path, name: str) -> Store:
    store = Store(str(folder / f"{name}.db"))
    gold.add(store, examples())
    return store


def keeper(store: Store, folder: Path, name: str) -> Keeper:
    """A keeper that has restored the store and sent what was new in it."""
    made = Keeper(store, REPO, folder / name)
    assert made.send(), made.trouble
    return made


def send(made: Keeper) -> None:
    assert made.send(), made.trouble


def on_the_hub(hub: LoopbackHub) -> str:
    """Everything that can still be read from the repository, in any commit of it."""
    repository = hub.repository(REPO, "dataset")
    return "\n".join(
        blob.data.decode() for commit in repository.commits for path, blob in commit.files.items() if "jsonl" in path
    )


def trusted_annotator(store: Store) -> str:
    key = contributors.new_key()
    prove(store, key)
    return key


def test_a_new_machine_has_everything_that_was_sent(hub: LoopbackHub, tmp_path: Path) -> None:
    store = new_store(tmp_path, "first")
    kept = keeper(store, tmp_path, "first")
    assert hub.repository(REPO, "dataset").private
    maker = contributors.new_key()
    uid, other = give(store, maker), give(store, maker)
    annotators = [trusted_annotator(store) for _ in range(2)]
    for key in annotators:
        for _ in range(2):
            label_next(store, key, 7)
    assert row_of(store, uid) == ("done", 7, 2)
    send(kept)
    third = give(store, maker)
    send(kept)
    kept.stop()
    store.close()  # and the machine is gone, with its disk

    again = new_store(tmp_path, "second")
    kept = keeper(again, tmp_path, "second")
    assert row_of(again, uid) == row_of(again, other) == ("done", 7, 2)
    assert row_of(again, third)[0] == "open"
    with again.reading() as connection:
        assert [row.uid for row in submissions.drawings_of(connection, maker)] == [third, other, uid]
        assert connection.execute(select(schema.contributors.c.trusted)).scalars().all().count(True) == 2
    before = on_the_hub(hub)
    send(kept)
    assert on_the_hub(hub) == before, "what came from the Hub is not sent again"
    kept.stop()
    again.close()


def test_what_a_person_deletes_leaves_the_hub_and_its_history(hub: LoopbackHub, tmp_path: Path) -> None:
    store = new_store(tmp_path, "first")
    kept = keeper(store, tmp_path, "first")
    maker, stays = contributors.new_key(), give(store, contributors.new_key())
    uid = give(store, maker)
    send(kept)
    kept.stop()
    store.close()

    again = new_store(tmp_path, "second")
    kept = keeper(again, tmp_path, "second")
    assert submissions.remove(again, maker, [uid]) == 1
    send(kept)
    left = [line for line in on_the_hub(hub).splitlines() if uid in line]
    assert left == [f'{{"kind":"deleted","uid":"{uid}"}}']
    assert stays in on_the_hub(hub)
    kept.stop()
    again.close()

    third = new_store(tmp_path, "third")
    kept = keeper(third, tmp_path, "third")
    with pytest.raises(review.NotFound):
        review.delete(third, uid)
    assert row_of(third, stays)[0] == "open"
    kept.stop()
    third.close()


def test_a_flag_and_the_owners_decision_survive_a_restart(hub: LoopbackHub, tmp_path: Path) -> None:
    store = new_store(tmp_path, "first")
    kept = keeper(store, tmp_path, "first")
    uids = [give(store, contributors.new_key()) for _ in range(2)]
    for _ in range(2):  # from two people, each of whom flags both
        key = trusted_annotator(store)
        for _ in uids:
            assigned = annotating.next_assignment(store, key)
            assert assigned is not None
            annotating.flag(store, key, assigned.uid)
    assert [row_of(store, uid)[0] for uid in uids] == ["hidden", "hidden"]
    send(kept)
    review.allow(store, uids[0])
    send(kept)
    kept.stop()
    store.close()
    again = new_store(tmp_path, "second")
    kept = keeper(again, tmp_path, "second")
    assert [row_of(again, uid)[0] for uid in uids] == ["open", "hidden"]
    kept.stop()
    again.close()


def test_a_label_taken_back_and_the_groups_survive_a_restart(hub: LoopbackHub, tmp_path: Path) -> None:
    store = new_store(tmp_path, "first")
    kept = keeper(store, tmp_path, "first")
    uid, key = give(store, contributors.new_key(), address="203.0.113.7"), trusted_annotator(store)
    assert label_next(store, key, 1, "198.51.100.7") == uid
    send(kept)
    annotating.take_back(store, key, uid, "198.51.100.7")
    send(kept)
    label_next(store, key, 7, "198.51.100.7")
    send(kept)
    group = group_of(store, "198.51.100.7")
    kept.stop()
    store.close()
    again = new_store(tmp_path, "second")
    kept = keeper(again, tmp_path, "second")
    assert group_of(again, "198.51.100.9") == group, "one network stays one group"
    with again.reading() as connection:
        at = select(schema.annotations).join(schema.drawings).where(schema.drawings.c.uid == uid)
        (row,) = connection.execute(at).all()
    assert (row.label, row.revision, row.address_group) == (7, 2, group)
    kept.stop()
    again.close()


class Killed(BaseException):
    """The machine is gone: nothing after this line runs."""


STEPS = ("new_lines", "write_whole", "create_commit before", "create_commit after", "super_squash_history")


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("disk", ["kept", "lost"])
def test_killed_at_any_step_nothing_sent_is_missing_and_nothing_is_doubled(
    hub: LoopbackHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, disk: str
) -> None:
    store = new_store(tmp_path, "first")
    kept = keeper(store, tmp_path, "first")
    maker = contributors.new_key()
    gone, stays = give(store, maker), give(store, maker)
    send(kept)
    submissions.remove(store, maker, [gone])
    new = give(store, maker)
    name, _, after = step.partition(" ")
    owner: Any = {"new_lines": journal, "write_whole": keeper_module}.get(name, kept._api)
    usual = getattr(owner, name)

    def die(*arguments: Any, **settings: Any) -> None:
        if after == "after":
            usual(*arguments, **settings)
        raise Killed

    monkeypatch.setattr(owner, name, die)
    with pytest.raises(Killed):
        kept.send()
    monkeypatch.setattr(owner, name, usual)
    if disk == "lost":
        store.close()
        store = new_store(tmp_path, "second")
    kept = keeper(store, tmp_path, "first" if disk == "kept" else "second")
    send(kept)
    known = {stays, new} if disk == "kept" or "after" in step or step == STEPS[-1] else {stays, gone}
    with store.reading() as connection:
        assert {row.uid for row in submissions.drawings_of(connection, maker)} == known
    lines = hub.repository(REPO, "dataset").head.files
    uids = [
        json.loads(line)["uid"]
        for path, blob in lines.items()
        if path.endswith("jsonl")
        for line in blob.data.decode().splitlines()
        if json.loads(line)["kind"] == "drawing"
    ]
    assert len(uids) == len(set(uids))
    assert known <= set(uids)
    if gone not in known:
        assert not [line for line in on_the_hub(hub).splitlines() if gone in line and "deleted" not in line]
    kept.stop()
    store.close()


def test_a_failed_write_and_a_lost_answer_are_sent_again_and_once(
    hub: LoopbackHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = new_store(tmp_path, "first")
    kept = keeper(store, tmp_path, "first")
    uid = give(store, contributors.new_key())

    def full(path: Path, data: bytes) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(keeper_module, "write_whole", full)
        assert not kept.send()
    assert kept.trouble == keeper_module.UNREACHABLE
    usual = kept._api.create_commit

    def lost(*arguments: Any, **settings: Any) -> None:
        usual(*arguments, **settings)
        raise ConnectionError("the answer was lost")

    with monkeypatch.context() as patched:
        patched.setattr(kept._api, "create_commit", lost)
        assert not kept.send()
    other = give(store, contributors.new_key())
    send(kept)
    send(kept)
    assert kept.trouble is None
    head = "".join(blob.data.decode() for blob in hub.repository(REPO, "dataset").head.files.values())
    assert head.count(f'"uid":"{uid}"') == head.count(f'"uid":"{other}"') == 1
    kept.stop()
    store.close()


def test_a_public_repository_is_refused_and_said_without_its_name(hub: LoopbackHub, tmp_path: Path) -> None:
    hub.create(REPO, "dataset", private=False)
    store = new_store(tmp_path, "first")
    kept = Keeper(store, REPO, tmp_path / "first")
    assert not kept.send()
    assert "is public" in (kept.trouble or "")
    assert REPO not in (kept.trouble or "")
    store.close()


def test_a_hub_that_cannot_be_reached_at_the_start_is_said_and_drawing_goes_on(
    hub: LoopbackHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DIGIT_CHALLENGE_HUB", REPO)
    hub.faults.status = 503
    challenge = Challenge(str(tmp_path / "first.db"))
    uid = give(challenge.store, contributors.new_key())
    assert challenge.trouble == keeper_module.UNREACHABLE
    hub.faults.status = None
    assert challenge._keeper is not None
    send(challenge._keeper)
    assert challenge.trouble is None
    assert uid in on_the_hub(hub)
    challenge.close()


def test_a_space_keeps_its_drawings_beside_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SPACE_ID", raising=False)
    monkeypatch.delenv("DIGIT_CHALLENGE_HUB", raising=False)
    assert repository() is None
    monkeypatch.setenv("SPACE_ID", "ada/challenge")
    assert repository() == "ada/challenge-drawings"
    monkeypatch.setenv("DIGIT_CHALLENGE_HUB", "ada/elsewhere")
    assert repository() == "ada/elsewhere"
