"""The journal of a store on the Hub: sent by CommitScheduler itself to a Hub on loopback, rebuilt after a restart."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from demo.challenge.drawings import contributors, submitting
from demo.challenge.labels import annotating, gold, reviewing
from demo.challenge.store import schema
from demo.challenge.store.database import Store, StoreError
from demo.challenge.transfer.keeper import Keeper, repository
from demo.draw.examples import examples
from tests.challenge.test_annotating import give, judge, row_of
from tests.support.hub_server import LoopbackHub, serve

REPO = "ada/drawings"
NEVER = 10_000.0  # minutes: in a test nothing is sent unless it says so


@pytest.fixture(autouse=True)
def stopped(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Stop every keeper at the end: one that lives on would look for a Hub that has gone."""
    made: list[Keeper] = []
    usual = Keeper.__init__

    def noted(self: Keeper, *arguments: Any, **settings: Any) -> None:
        made.append(self)
        usual(self, *arguments, **settings)

    monkeypatch.setattr(Keeper, "__init__", noted)
    monkeypatch.setattr(annotating, "KNOWN_EVERY", 10**9)  # no lot decides what these judges see
    yield
    for each in made:
        each.stop()


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
    made = Keeper(store, REPO, folder / name, every=NEVER)
    send(made)  # one after another: the first commit, which the scheduler makes at once, is through as well
    return made


def send(made: Keeper) -> None:
    made.trigger().result(120)


def on_the_hub(hub: LoopbackHub) -> str:
    """Everything that can still be read from the repository, in any commit of it."""
    repository = hub.repository(REPO, "dataset")
    return "\n".join(
        blob.data.decode() for commit in repository.commits for path, blob in commit.files.items() if "jsonl" in path
    )


def trusted_judge(store: Store) -> str:
    key = contributors.new_key()
    while (turn := annotating.next_turn(store, key)) is not None:
        with store.reading() as connection:
            at = select(schema.drawings).where(schema.drawings.c.uid == turn.uid)
            row = connection.execute(at).one()
        if row.state != "known":
            return key
        annotating.say(store, key, turn.uid, row.label)
    return key


def test_a_new_machine_has_everything_that_was_sent(hub: LoopbackHub, tmp_path: Path) -> None:
    store = new_store(tmp_path, "first")
    kept = keeper(store, tmp_path, "first")
    assert hub.repository(REPO, "dataset").private
    maker = contributors.new_key()
    uid, other = give(store, maker), give(store, maker)
    judges = [trusted_judge(store) for _ in range(2)]
    for key in judges:
        judge(store, key, 7)
        judge(store, key, 7)
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
        assert [row.uid for row in submitting.given_by(connection, maker)] == [third, other, uid]
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
    assert submitting.remove(again, maker, [uid]) == 1
    send(kept)
    left = [line for line in on_the_hub(hub).splitlines() if uid in line]
    assert left == [f'{{"kind":"deleted","uid":"{uid}"}}']
    assert stays in on_the_hub(hub)
    kept.stop()
    again.close()

    third = new_store(tmp_path, "third")
    kept = keeper(third, tmp_path, "third")
    with pytest.raises(reviewing.NoSuchDrawing):
        reviewing.delete(third, uid)
    assert row_of(third, stays)[0] == "open"
    kept.stop()
    third.close()


def test_a_flag_and_the_owners_decision_survive_a_restart(hub: LoopbackHub, tmp_path: Path) -> None:
    store = new_store(tmp_path, "first")
    kept = keeper(store, tmp_path, "first")
    uids = [give(store, contributors.new_key()) for _ in range(2)]
    for _ in uids:
        key = trusted_judge(store)
        turn = annotating.next_turn(store, key)
        assert turn is not None
        annotating.flag(store, key, turn.uid)
    assert [row_of(store, uid)[0] for uid in uids] == ["hidden", "hidden"]
    send(kept)
    reviewing.allow(store, uids[0])
    send(kept)
    kept.stop()
    store.close()
    again = new_store(tmp_path, "second")
    kept = keeper(again, tmp_path, "second")
    assert [row_of(again, uid)[0] for uid in uids] == ["open", "hidden"]
    kept.stop()
    again.close()


def test_a_public_repository_is_refused(hub: LoopbackHub, tmp_path: Path) -> None:
    hub.create(REPO, "dataset", private=False)
    store = new_store(tmp_path, "first")
    with pytest.raises(StoreError, match="is public"):
        Keeper(store, REPO, tmp_path / "first", every=NEVER)
    store.close()


def test_a_hub_that_refuses_is_a_clear_error(hub: LoopbackHub, tmp_path: Path) -> None:
    store = new_store(tmp_path, "first")
    hub.faults.status = 403
    with pytest.raises(StoreError, match="cannot be kept in ada/drawings"):
        Keeper(store, REPO, tmp_path / "first", every=NEVER)
    store.close()


def test_a_space_keeps_its_drawings_beside_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SPACE_ID", raising=False)
    monkeypatch.delenv("DIGIT_CHALLENGE_HUB", raising=False)
    assert repository() is None
    monkeypatch.setenv("SPACE_ID", "ada/challenge")
    assert repository() == "ada/challenge-drawings"
    monkeypatch.setenv("DIGIT_CHALLENGE_HUB", "ada/elsewhere")
    assert repository() == "ada/elsewhere"
