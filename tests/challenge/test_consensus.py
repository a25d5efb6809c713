"""How labels become a consensus: the rule while labels come in, and Dawid and Skene's model over all of them."""

from __future__ import annotations

import random

import numpy as np
import pytest

from demo.challenge.drawings.contributors import new_key
from demo.challenge.labels import annotating, consensus
from demo.challenge.labels.dawid_skene import dawid_skene
from demo.challenge.labels.quorum import Vote, is_complete, plurality
from demo.challenge.store.database import Store
from demo.challenge.store.schema import NOT_A_DIGIT, UNREADABLE
from tests.support.challenge_people import give, row_of

# Dawid and Skene (1979), table 1: five anaesthetists grade 45 patients from 1 to 4, the first of them three times.
PATIENTS = """
111 1 1 1 1|333 4 3 3 4|112 2 1 2 2|222 3 1 2 1|222 3 2 2 2|222 3 3 2 2|122 2 1 1 1|333 3 4 3 3|222 2 2 2 3
232 2 2 2 3|444 4 4 4 4|222 3 3 4 3|111 1 1 1 1|222 3 2 1 2|121 1 1 1 1|111 2 1 1 1|111 1 1 1 1|111 1 1 1 1
222 2 2 2 1|222 1 3 2 2|222 2 2 2 2|222 2 2 2 1|222 3 2 2 2|221 2 2 2 2|111 1 1 1 1|111 1 1 1 1|232 2 2 2 2
111 1 1 1 1|111 1 1 1 1|112 1 1 2 1|111 1 1 1 1|333 3 2 3 3|111 1 1 1 1|222 2 2 2 2|222 3 2 3 2|433 4 3 4 3
221 2 2 3 2|232 3 2 3 3|333 3 4 3 2|111 1 1 1 1|111 1 1 1 1|121 2 1 1 1|232 2 2 2 2|121 1 1 1 1|222 2 2 2 2
"""


def anaesthetists() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Patient, observer and grade of each assessment, counted from 0."""
    triples = [
        (patient, observer, int(grade) - 1)
        for patient, row in enumerate(PATIENTS.replace("\n", "|").strip("|").split("|"))
        for observer, grades in enumerate(row.split())
        for grade in grades
    ]
    item, annotator, label = np.array(triples, dtype=np.int64).T
    return item, annotator, label


@pytest.mark.parametrize(
    ("labels", "consensus_label"),
    [
        ([7, 7], 7),
        ([1, 1, 1, 1, 1], 1),
        ([1, 1, 1, 7, 7], None),  # three against two and the prompt: a tie
        ([UNREADABLE] * 4 + [7], UNREADABLE),
        ([1, 2, 3, 4, 5], None),
        ([1, 2, 3, 4, 7], None),  # one annotator and the prompt are not two annotators
    ],
)
def test_most_voices_give_the_label_and_one_annotator_alone_never_does(
    labels: list[int], consensus_label: int | None
) -> None:
    votes = [Vote(label) for label in labels]
    assert is_complete(7, votes)
    assert plurality(7, votes) == consensus_label


def test_the_anaesthetists_come_out_as_dawid_and_skene_published_them() -> None:
    item, annotator, label = anaesthetists()
    assert len(label) == 45 * 7
    estimate = dawid_skene(item, annotator, label, 4, iterations=500)
    assert estimate.prior == pytest.approx([0.40, 0.42, 0.11, 0.07], abs=0.005)  # their table 2
    assert estimate.error_rates[0, 0] == pytest.approx([0.89, 0.11, 0, 0], abs=0.01)
    assert estimate.error_rates[0, 1] == pytest.approx([0.07, 0.88, 0.05, 0], abs=0.01)
    assert estimate.error_rates[0, 2] == pytest.approx([0, 0.34, 0.66, 0], abs=0.01)
    grades = estimate.posterior.argmax(axis=1) + 1
    assert np.bincount(grades, minlength=5)[1:].sum() == 45
    assert (grades[0], grades[1], grades[2], grades[10], grades[35]) == (1, 4, 2, 4, 4)
    assert np.allclose(estimate.posterior.sum(axis=1), 1)


@pytest.mark.parametrize("one_coin", [False, True])
def test_simulated_annotators_come_out_as_skilled_as_they_are(one_coin: bool) -> None:
    dice = np.random.default_rng(0)
    skill, classes, items = np.array([0.95, 0.9, 0.8, 0.6, 0.4]), 4, 3000
    truth = dice.integers(classes, size=items)
    correct = dice.random((items, len(skill))) < skill
    wrong = (truth[:, None] + dice.integers(1, classes, size=correct.shape)) % classes
    labels = np.where(correct, truth[:, None], wrong)
    item, annotator = np.indices(labels.shape)
    estimate = dawid_skene(item.ravel(), annotator.ravel(), labels.ravel(), classes, one_coin=one_coin)
    found = np.diagonal(estimate.error_rates, axis1=1, axis2=2).mean(axis=1)
    assert found == pytest.approx(skill, abs=0.03)
    majority = np.apply_along_axis(lambda row: np.bincount(row, minlength=classes).argmax(), 1, labels)
    accuracy = (estimate.posterior.argmax(axis=1) == truth).mean()
    assert accuracy > (majority == truth).mean() + 0.01, "who is better counts for more"


def test_those_who_read_well_are_believed() -> None:
    """Three careless annotators outvote two careful ones on one drawing; the gold items tell them apart."""
    dice = random.Random(0)
    triples = []
    for drawing in range(200):
        triples += [(drawing, annotator, drawing % 10) for annotator in (1, 2)]
        triples += [(drawing, one, dice.choice([drawing % 10, dice.randrange(10)])) for one in (7, 8, 9)]
    triples += [(999, 1, 7), (999, 2, 7), (999, 7, 1), (999, 8, 1), (999, 9, 1)]
    posterior = consensus.posterior(triples, {drawing: drawing % 10 for drawing in range(200)}, {999: 7})
    assert posterior[999].argmax() == 7


def test_aggregation_labels_what_is_finished_and_takes_back_what_is_doubtful(store: Store) -> None:
    clear, torn = give(store, new_key()), give(store, new_key())
    for label in (1, 7, 3, NOT_A_DIGIT, UNREADABLE):
        key = new_key()
        for _ in range(2):
            assigned = annotating.next_assignment(store, key)
            if assigned is None:
                break
            said = 7 if assigned.uid == clear else label
            annotating.annotate(store, key, assigned.uid, said, ticket=assigned.ticket)
    assert row_of(store, torn)[0] == "done"
    assert consensus.aggregate(store) == 1
    assert row_of(store, clear)[1] == 7
    assert row_of(store, torn)[1] is None


def test_a_label_is_kept_from_the_confidence_that_is_stated_and_not_below(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    uid = give(store, new_key())
    for _ in range(2):
        key = new_key()
        assigned = annotating.next_assignment(store, key)
        assert assigned is not None
        annotating.annotate(store, key, assigned.uid, 7, ticket=assigned.ticket)
    for sure, kept in ((0.5, None), (0.799, None), (0.8, 7)):
        shares = np.full(12, (1 - sure) / 11)
        shares[7] = sure
        monkeypatch.setattr(consensus, "posterior", lambda *_, shares=shares: dict.fromkeys(range(99), shares))
        assert consensus.aggregate(store) == (kept is not None)
        assert row_of(store, uid)[1] == kept
