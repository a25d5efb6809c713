"""Who judges what, and how labels come of it."""

from __future__ import annotations

import random
import secrets
from collections import Counter

import pytest
from sqlalchemy import func, select, update

from architectures.input.pen import PRESETS
from demo.challenge.drawings import limits, submitting
from demo.challenge.drawings.contributors import hash_of, new_key
from demo.challenge.drawings.submitting import Submission, submission, submit
from demo.challenge.labels import annotating, consensus
from demo.challenge.labels.annotating import BadJudgement
from demo.challenge.labels.settling import finished, plurality
from demo.challenge.store import schema
from demo.challenge.store.database import Store
from demo.challenge.store.schema import NOT_A_DIGIT, UNREADABLE
from tests.support.challenge_stores import SEVEN


def give(store: Store, key: str, prompt: int = 7) -> str:
    """A drawing handed in; returns its uid."""
    given = submission(SEVEN, PRESETS["classic"], uid=secrets.token_hex(16), key=key, prompt=prompt)
    submit(store, given)
    return given.uid


def give_known(store: Store, label: int = 7, number: int = 1) -> None:
    with store.writing() as connection:
        for _ in range(number):
            drawn = submission(SEVEN, PRESETS["classic"], uid=secrets.token_hex(16), key=new_key(), prompt=label)
            fields = {name: getattr(drawn, name) for name in Submission.__dataclass_fields__}
            submitting.enter(connection, Submission(**{**fields, "known": True}))


def row_of(store: Store, uid: str) -> tuple[str, int | None, int]:
    with store.reading() as connection:
        row = connection.execute(select(schema.drawings).where(schema.drawings.c.uid == uid)).one()
        return row.state, row.label, row.judged


def judge(store: Store, key: str, said: int) -> str:
    """One turn of this judge; returns the uid of the drawing they had."""
    turn = annotating.next_turn(store, key)
    assert turn is not None
    annotating.say(store, key, turn.uid, said)
    return turn.uid


def test_two_who_agree_with_the_prompt_settle_a_drawing(store: Store) -> None:
    uid = give(store, new_key())
    judge(store, new_key(), 7)
    assert row_of(store, uid) == ("open", None, 1)
    judge(store, new_key(), 7)
    assert row_of(store, uid) == ("done", 7, 2)
    assert annotating.next_turn(store, new_key()) is None


def test_a_dissent_asks_up_to_five(store: Store) -> None:
    uid = give(store, new_key())
    for said in (1, 7, 7, 7):
        judge(store, new_key(), said)
        assert row_of(store, uid)[0] == "open"
    judge(store, new_key(), 7)
    assert row_of(store, uid) == ("done", 7, 5)


@pytest.mark.parametrize(
    ("said", "label"),
    [
        ([7, 7], 7),
        ([1, 1, 1, 1, 1], 1),
        ([1, 1, 1, 7, 7], None),  # three against two and the prompt: a tie
        ([UNREADABLE] * 4 + [7], UNREADABLE),
        ([1, 2, 3, 4, 5], None),
        ([1, 2, 3, 4, 7], None),  # one judge and the prompt are not two judges
    ],
)
def test_most_voices_give_the_label_and_one_judge_alone_never_does(said: list[int], label: int | None) -> None:
    assert finished(7, said)
    assert plurality(7, said) == label


def test_nobody_is_shown_their_own_drawing(store: Store) -> None:
    key = new_key()
    uid = give(store, key)
    assert annotating.next_turn(store, key) is None
    with pytest.raises(BadJudgement, match="their own"):
        annotating.say(store, key, uid, 7)


def test_nobody_is_shown_a_drawing_twice(store: Store) -> None:
    judge_key = new_key()
    uids = {give(store, new_key()) for _ in range(6)}
    assert {judge(store, judge_key, 7) for _ in range(6)} == uids
    assert annotating.next_turn(store, judge_key) is None


def test_a_turn_shows_the_image_and_nothing_that_gives_the_label_away(store: Store) -> None:
    give(store, new_key())
    turn = annotating.next_turn(store, new_key())
    assert turn is not None
    assert set(vars(turn)) == {"uid", "image"}


def test_a_judge_keeps_their_drawing_until_they_have_judged_it(store: Store) -> None:
    key = new_key()
    for _ in range(8):
        give(store, new_key())
    assert len({annotating.next_turn(store, key) for _ in range(10)}) == 1


def test_a_judgement_sent_again_counts_once(store: Store) -> None:
    uid, key = give(store, new_key()), new_key()
    judge(store, key, 7)
    assert annotating.say(store, key, uid, 1).again
    assert row_of(store, uid) == ("open", None, 1)


def test_nobody_chooses_what_they_judge(store: Store) -> None:
    key = new_key()
    uids = [give(store, new_key()) for _ in range(8)]
    turn = annotating.next_turn(store, key)
    assert turn is not None
    other = next(uid for uid in uids if uid != turn.uid)
    with pytest.raises(BadJudgement, match="not handed to you"):
        annotating.say(store, key, other, 7)


@pytest.mark.parametrize("said", [-1, 12, 3.5, "7", None])
def test_only_a_digit_or_one_of_two_words_is_a_judgement(store: Store, said: object) -> None:
    with pytest.raises(BadJudgement):
        annotating.say(store, new_key(), "0" * 32, said)  # type: ignore[arg-type]


def test_a_drawing_taken_back_while_it_is_judged_is_gone(store: Store) -> None:
    maker, key = new_key(), new_key()
    uid = give(store, maker)
    annotating.next_turn(store, key)
    submitting.remove(store, maker)
    with pytest.raises(BadJudgement, match="taken it back"):
        annotating.say(store, key, uid, 7)
    assert annotating.next_turn(store, key) is None


def test_a_drawing_gets_five_judgements_at_most_however_many_hold_it(store: Store) -> None:
    uid, keys = give(store, new_key()), [new_key() for _ in range(8)]
    for key in keys:
        assert annotating.next_turn(store, key) is not None
    taken = [annotating.say(store, key, uid, 1) for key in keys]
    assert [one.counted for one in taken] == [True] * 5 + [False] * 3
    assert row_of(store, uid) == ("done", 1, 5)


def test_a_new_judge_first_proves_themselves_on_known_drawings(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(annotating, "KNOWN_EVERY", 10**9)  # none of them later, by lot
    give_known(store, number=5)
    uid, good, bad = give(store, new_key()), new_key(), new_key()
    assert uid not in [judge(store, good, 7) for _ in range(3)]
    assert judge(store, good, 7) == uid
    for _ in range(5):
        assert judge(store, bad, 1) != uid
    assert annotating.next_turn(store, bad) is None
    assert row_of(store, uid) == ("open", None, 1)


def test_a_hundred_keys_of_one_ballot_stuffer_change_no_label(store: Store) -> None:
    give_known(store, label=7, number=6)
    uid = give(store, new_key())
    for _ in range(20):
        stuffer = new_key()
        while (turn := annotating.next_turn(store, stuffer)) is not None:
            annotating.say(store, stuffer, turn.uid, 1)
    assert row_of(store, uid) == ("open", None, 0)


def test_losing_trust_takes_back_everything_a_judge_said(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    give_known(store, number=3)
    turncoat, honest = new_key(), new_key()
    for key in (turncoat, honest):
        for _ in range(3):
            judge(store, key, 7)
    uid = give(store, new_key())
    judge(store, turncoat, 7)
    judge(store, honest, 7)
    assert row_of(store, uid) == ("done", 7, 2)
    give_known(store, number=3)
    monkeypatch.setattr(annotating, "KNOWN_EVERY", 1)
    for _ in range(2):
        judge(store, turncoat, 1)
    assert row_of(store, uid) == ("open", None, 1)


def test_a_flagged_drawing_leaves_the_page_at_once(store: Store) -> None:
    uid, key = give(store, new_key()), new_key()
    annotating.next_turn(store, key)
    annotating.flag(store, key, uid)
    annotating.flag(store, key, uid)  # sent again
    assert row_of(store, uid)[0] == "hidden"
    assert annotating.next_turn(store, new_key()) is None


def test_rounds_are_judged_in_order_and_disagreement_decides_only_inside_one(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(annotating, "AMONG", 1)  # no lot
    maker = new_key()
    uids = [give(store, maker) for _ in range(25)]
    with store.writing() as connection:
        for number, uid in enumerate(uids):
            loud = update(schema.drawings).where(schema.drawings.c.uid == uid).values(disagreement=number % 2)
            connection.execute(loud)
    key = new_key()
    seen = [uids.index(judge(store, key, 7)) for _ in range(25)]
    order = [((number + 1) // schema.ROUND, -(number % 2)) for number in seen]
    assert order == sorted(order)
    assert Counter(of_round for of_round, _ in order) == {0: 9, 1: 10, 2: 6}


def test_a_judge_gets_one_of_several_by_lot(store: Store) -> None:
    for _ in range(annotating.AMONG):
        give(store, new_key())
    firsts = {turn.uid for _ in range(60) if (turn := annotating.next_turn(store, new_key()))}
    assert len(firsts) == annotating.AMONG, "two who work together cannot aim at a drawing"


def test_what_the_nets_say_does_not_change_how_often_a_drawing_is_judged(store: Store) -> None:
    maker = new_key()
    uids = [give(store, maker) for _ in range(20)]
    with store.writing() as connection:
        for number, uid in enumerate(uids):
            at = schema.drawings.c.uid == uid
            connection.execute(update(schema.drawings).where(at).values(disagreement=number / 20))
    for _ in range(2):
        key = new_key()
        while annotating.next_turn(store, key) is not None:
            judge(store, key, 7)
    with store.reading() as connection:
        judged = connection.execute(select(schema.drawings.c.judged, func.count()).group_by(schema.drawings.c.judged))
        assert [tuple(row) for row in judged] == [(2, 20)]


def test_a_person_has_a_limit_in_the_hour_and_so_has_a_network(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(limits.PER_HOUR, "draw", 2)
    monkeypatch.setattr(limits, "CROWD", 2)
    now = limits.time.time()
    monkeypatch.setattr(limits.time, "time", lambda: now)  # the hour stays the same
    one = submission(SEVEN, PRESETS["classic"], uid="0" * 32, key=new_key(), prompt=7)
    for _ in range(3):
        submit(store, one, "203.0.113.7")  # the same request again is not counted

    def other(key: str) -> None:
        submit(
            store, submission(SEVEN, PRESETS["classic"], uid=secrets.token_hex(16), key=key, prompt=7), "203.0.113.7"
        )

    key = new_key()
    other(key)
    other(key)
    with pytest.raises(limits.TooMany, match="from you"):
        other(key)
    other(new_key())
    with pytest.raises(limits.TooMany, match="your network"):
        other(new_key())


def test_no_address_is_stored_and_its_traces_go_when_the_hour_is_over(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def rows() -> str:
        with store.reading() as connection:
            return str(list(connection.execute(select(schema.rates)))) + str(
                list(connection.execute(select(schema.secrets)))
            )

    key = new_key()
    submit(store, submission(SEVEN, PRESETS["classic"], uid="0" * 32, key=key, prompt=7), "203.0.113.7")
    before = rows()
    assert "203.0.113.7" not in before
    assert hash_of(key) in before
    now = limits.time.time()
    monkeypatch.setattr(limits.time, "time", lambda: now + 3600)
    limits.sweep(store)
    assert rows() == "[][]"


def test_dawid_and_skene_believe_those_who_read_well() -> None:
    """Three careless judges outvote two careful ones on one drawing; the known drawings tell them apart."""
    dice = random.Random(0)
    said = []
    for task in range(200):
        said += [(task, worker, task % 10) for worker in ("a", "b")]
        said += [(task, worker, dice.choice([task % 10, dice.randrange(10)])) for worker in ("x", "y", "z")]
    said += [(999, "a", 7), (999, "b", 7), (999, "x", 1), (999, "y", 1), (999, "z", 1)]
    table = consensus.pd.DataFrame(said, columns=["task", "worker", "label"])
    posterior = consensus.posterior(table, {task: task % 10 for task in range(200)}, {999: 7})
    assert posterior.loc[999].idxmax() == 7


def test_aggregation_labels_what_is_finished_and_takes_back_what_is_doubtful(store: Store) -> None:
    clear, torn = give(store, new_key()), give(store, new_key())
    keys = [new_key() for _ in range(5)]
    for number, key in enumerate(keys):
        for _ in range(2):
            turn = annotating.next_turn(store, key)
            if turn is None:
                break
            annotating.say(store, key, turn.uid, 7 if turn.uid == clear else (1, 7, 3, NOT_A_DIGIT, UNREADABLE)[number])
    assert row_of(store, torn)[0] == "done"
    assert consensus.aggregate(store) == 1
    assert row_of(store, clear)[1] == 7
    assert row_of(store, torn)[1] is None
