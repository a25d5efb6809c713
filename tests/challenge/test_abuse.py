"""What one address group can do is bounded, whatever its keys; and what it did is undone in one act."""

from __future__ import annotations

import secrets
from pathlib import Path

import pytest
from sqlalchemy import select

from architectures.input.pen import PRESETS
from demo.challenge.__main__ import main
from demo.challenge.drawings import address_groups, limits
from demo.challenge.drawings.contributors import hash_of, new_key
from demo.challenge.drawings.submissions import submission, submit
from demo.challenge.labels import annotating, review
from demo.challenge.store import schema
from demo.challenge.store.database import Store
from tests.support.challenge_people import give, give_gold, label_assigned, label_next, prove, row_of
from tests.support.challenge_stores import SEVEN

BAD = "203.0.113.{}"  # one network, whatever the last number


@pytest.fixture(autouse=True)
def one_hour(monkeypatch: pytest.MonkeyPatch) -> None:
    now = limits.time.time()
    monkeypatch.setattr(limits.time, "time", lambda: now)
    monkeypatch.setattr(annotating, "GOLD_EVERY", 10**9)


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.7", "203.0.113.0/24"),
        ("::ffff:203.0.113.9", "203.0.113.0/24"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("testclient", "testclient"),
    ],
)
def test_a_group_is_the_network_that_one_connection_commands(address: str, network: str) -> None:
    assert address_groups.network_of(address) == network


def test_no_address_is_stored_and_its_group_is_forgotten(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    uid = give(store, new_key(), address="203.0.113.7")
    group = address_groups.group_of(store, "203.0.113.250")
    with store.reading() as connection:
        everything = str([connection.execute(select(table)).all() for table in schema.metadata.sorted_tables])
        at = select(schema.drawings.c.address_group).where(schema.drawings.c.uid == uid)
        assert connection.execute(at).scalar_one() == group
    assert "203.0.113" not in everything
    address_groups.forget_old(store)
    with store.reading() as connection:
        assert connection.execute(at).scalar_one() == group, "today's is still needed"
    monkeypatch.setattr(address_groups, "KEPT_DAYS", -1)
    address_groups.forget_old(store)
    with store.reading() as connection:
        assert connection.execute(at).scalar_one() is None
        assert connection.execute(select(schema.contributors.c.address_group)).scalars().all() == [None]


def test_the_counts_of_an_hour_go_with_it(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    key = new_key()
    give(store, key, address="203.0.113.7")
    with store.reading() as connection:
        assert hash_of(key) in connection.execute(select(schema.rates.c.who)).scalars().all()
    now = limits.time.time()
    monkeypatch.setattr(limits.time, "time", lambda: now + 3600)
    limits.sweep(store)
    with store.reading() as connection:
        assert connection.execute(select(schema.rates)).all() == []


def test_a_person_has_a_limit_in_the_hour_and_so_has_a_network(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(limits.PER_HOUR, "draw", 2)
    monkeypatch.setitem(limits.GROUP_PER_HOUR, "draw", 4)
    one = submission(SEVEN, PRESETS["classic"], uid=secrets.token_hex(16), key=new_key(), prompt=7)
    for _ in range(3):
        submit(store, one, BAD.format(1))  # the same request again is not counted
    key = new_key()
    give(store, key, address=BAD.format(2))
    give(store, key, address=BAD.format(3))
    with pytest.raises(limits.TooMany, match="from you"):
        give(store, key, address=BAD.format(4))
    give(store, new_key(), address=BAD.format(5))
    with pytest.raises(limits.TooMany, match="your network"):
        give(store, new_key(), address=BAD.format(6))
    give(store, new_key(), address="198.51.100.1")


def test_a_network_brings_so_many_new_keys_a_day_and_known_ones_go_on(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "NEW_KEYS_PER_DAY", 3)
    keys = [new_key() for _ in range(3)]
    for number, key in enumerate(keys):
        give(store, key, address=BAD.format(number))
    with pytest.raises(limits.TooMany, match="new people"):
        give(store, new_key(), address=BAD.format(9))
    with pytest.raises(limits.TooMany, match="new people"):
        label_next(store, new_key(), 7, BAD.format(9))
    give(store, keys[0], address=BAD.format(9))
    give(store, new_key(), address="198.51.100.1")


def test_a_drawer_and_fresh_keys_of_the_same_network_settle_nothing(store: Store) -> None:
    """A drawn 7 that was asked for as a 4, and five more keys that say 4."""
    uid = give(store, new_key(), prompt=4, address=BAD.format(1))
    for number in range(5):
        assert not label_assigned(store, new_key(), uid, 4, BAD.format(number)).counted
    assert row_of(store, uid) == ("open", None, 0)


def test_one_label_a_network_counts_on_a_drawing(store: Store) -> None:
    uid = give(store, new_key(), address="198.51.100.1")
    counted = [label_assigned(store, new_key(), uid, 7, BAD.format(number)).counted for number in range(4)]
    assert counted == [True, False, False, False]
    assert row_of(store, uid) == ("open", None, 1)
    label_assigned(store, new_key(), uid, 7, "192.0.2.1")
    assert row_of(store, uid) == ("done", 7, 2)


def test_a_hundred_keys_of_one_ballot_stuffer_change_no_label(store: Store) -> None:
    give_gold(store, label=7, number=6)
    uid = give(store, new_key())
    for _ in range(20):
        stuffer = new_key()
        for _ in range(6):
            label_next(store, stuffer, 1)
        assert annotating.next_assignment(store, stuffer) is None
    assert row_of(store, uid) == ("open", None, 0)


def test_flags_of_one_network_hide_nothing_from_others(store: Store) -> None:
    give_gold(store, number=3)
    uids = {give(store, new_key(), address=f"198.51.{number}.1") for number in range(5)}

    def flag_all(address: str) -> None:
        key = new_key()
        prove(store, key, address)
        for _ in uids:
            assigned = annotating.next_assignment(store, key, address)
            assert assigned is not None
            annotating.flag(store, key, assigned.uid, address=address)
        assert annotating.next_assignment(store, key, address) is None, "who flags a drawing sees it no more"

    flag_all(BAD.format(1))
    flag_all(BAD.format(2))
    assert {row_of(store, uid)[0] for uid in uids} == {"open"}
    assert {flagged.uid for flagged in review.waiting(store)} == uids, "the owner sees them all the same"
    allowed = uids.pop()
    review.allow(store, allowed)
    uids.add(allowed)
    flag_all("192.0.2.1")
    assert {row_of(store, uid)[0] for uid in uids - {allowed}} == {"hidden"}
    assert row_of(store, allowed)[0] == "open", "the owner has looked"


def test_flags_of_annotators_that_no_gold_item_vouches_for_do_not_hide(store: Store) -> None:
    give_gold(store, number=3)
    uid = give(store, new_key(), address="198.51.100.1")
    with store.reading() as connection:
        drawing = connection.execute(select(schema.drawings.c.id).where(schema.drawings.c.uid == uid)).scalar_one()
    for number in range(4):
        key, address = new_key(), f"192.0.{number}.1"
        label_next(store, key, 1, address)  # a gold item, mislabelled
        with store.writing() as connection:
            annotating.enter_flag(connection, drawing, annotating._annotator(connection, hash_of(key)).id, address)  # type: ignore[union-attr]
    assert row_of(store, uid)[0] == "open"


def test_review_shows_a_cluster_and_undoes_all_that_it_did_in_one_act(
    store: Store, address: str, capsys: pytest.CaptureFixture[str]
) -> None:
    honest = [give(store, new_key(), address=f"198.51.{number}.1") for number in range(3)]
    for uid in honest:
        label_assigned(store, new_key(), uid, 7, "192.0.2.1")
    bad = [new_key() for _ in range(3)]
    for number, key in enumerate(bad):
        give(store, key, address=BAD.format(number))
        label_assigned_to(store, key, honest[number], 1, BAD.format(number))
    cluster, *_ = review.clusters(store)
    assert (cluster.keys, cluster.drawings, cluster.labels) == (3, 3, 3)
    assert cluster.name == address_groups.group_of(store, BAD.format(99))
    assert main(["--db", address, "review"]) == 0
    assert cluster.name[:12] in capsys.readouterr().out
    assert main(["--db", address, "review", "--undo", cluster.name[:12]]) == 0
    assert "3 drawings deleted, 3 labels" in capsys.readouterr().out
    assert [row_of(store, uid) for uid in honest] == [("open", None, 1)] * 3
    with store.reading() as connection:
        assert set(connection.execute(select(schema.drawings.c.uid)).scalars()) == set(honest)
    assert main(["--db", address, "review", "--undo", "0123456789ab"]) == 2


def label_assigned_to(store: Store, key: str, uid: str, label: int, address: str) -> None:
    """Like `label_assigned`, for a key that has done something before."""
    with store.writing() as connection:
        annotator, drawing = annotating._annotator(connection, hash_of(key)), annotating._locked(connection, uid)
        assert annotator is not None
        annotating._assign(connection, annotator.id, drawing.id)
    annotating.annotate(store, key, uid, label, address=address)


def test_undoing_a_single_contributor_brings_back_what_their_flag_hid(store: Store, tmp_path: Path) -> None:
    uid = give(store, new_key())
    flaggers = [new_key(), new_key()]
    for number, key in enumerate(flaggers):
        assigned = annotating.next_assignment(store, key, f"192.0.{number}.1")
        assert assigned is not None
        annotating.flag(store, key, uid, ticket=assigned.ticket, address=f"192.0.{number}.1")
    assert row_of(store, uid)[0] == "hidden"
    undone = review.undo(store, hash_of(flaggers[0])[:12])
    assert (undone.contributors, undone.flags, undone.drawings) == (1, 1, 0)
    assert row_of(store, uid)[0] == "open"
