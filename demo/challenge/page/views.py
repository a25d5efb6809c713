"""What the challenge's panels are given to show. All of it is data: the scripts write text as text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from checkpoints.store.naming import split
from demo.challenge.drawings.submissions import Submission
from demo.challenge.labels.annotating import Assignment, Past
from demo.challenge.scoreboard.board import FEW_DRAWINGS, FEW_PEOPLE, Board
from demo.challenge.scoreboard.predictions import StoredPrediction
from demo.challenge.store.images import data_url
from demo.challenge.store.schema import DONE, HIDDEN, NOT_A_DIGIT, UNREADABLE
from demo.components.articles import a_digit
from demo.components.colours import colour_of
from demo.components.trainings import PEN

Value = dict[str, Any]
SCORE_HEADER = (
    *("net", "training", "rank", "correct", "drawings", "accuracy"),
    *("people_low", "people_high", "wilson_low", "wilson_high"),
)
WORDS = {UNREADABLE: "unreadable", NOT_A_DIGIT: "not a digit"}


def problem(message: str) -> Value:
    return {"problem": message}


def prompt(digit: int, ticket: str, notice: str | None = None) -> Value:
    return {"digit": digit, "ticket": ticket, "notice": notice or ""}


def predictions(submission: Submission, stored: Sequence[StoredPrediction], note: str, following: int | None) -> Value:
    """All nets' predictions for a drawing that has been submitted; following: the digit that comes next."""
    fooled = sum(each.digit != submission.prompt for each in stored)
    if not stored:
        headline = "It is in. Thank you!"
    elif fooled == len(stored):
        headline = "You fooled every net. Can people read it?"
    elif fooled:
        headline = f"You fooled {fooled} of {len(stored)} nets"
    else:
        headline = f"All {len(stored)} nets read it"
    return {
        "image": data_url(submission.image),
        "prompt": submission.prompt,
        "headline": headline,
        "note": note,
        "next": following,
        "nets": _by_name({each.net: each.digit for each in stored}, submission.prompt),
    }


def assignment(following: Assignment | None, past: Sequence[Past], notice: str = "") -> Value:
    """The next drawing to label; below it the last one, to be taken back, and what others said of the one before."""
    value: Value = {"notice": notice, "past": [_past(each, last=at == 0) for at, each in enumerate(past)]}
    if following is None:
        return {
            **value,
            **nothing_to_annotate("Nothing waits for you at the moment. Come back when others have drawn."),
        }
    return {**value, "uid": following.uid, "ticket": following.ticket, "image": data_url(following.image)}


def nothing_to_annotate(why: str) -> Value:
    return {"hint": why}


def mine(rows: Sequence[Any], number: int) -> Value:
    """What a person submitted, newest first; `number` counts those beyond the page too."""
    return {
        "number": number,
        "drawings": [
            {
                "uid": row.uid,
                "image": data_url(bytes(row.image)),
                "prompt": row.prompt,
                "day": row.day,
                "became": _became(row.state, row.label),
            }
            for row in rows
        ],
    }


def _past(past: Past, *, last: bool) -> Value:
    shown = {"uid": past.uid, "image": data_url(past.image), "label": _word(past.label), "last": last}
    if last:
        return shown  # what others said is shown when it can be taken back no more
    if past.known is not None:
        return {**shown, "others": f"It is {a_digit(past.known)}."}
    asked = f"Its maker was asked for {a_digit(past.prompt)}."
    if not past.others:
        return {**shown, "others": f"{asked} Nobody else has labelled it yet."}
    return {**shown, "others": f"{asked} Others said {', '.join(map(_word, past.others))}."}


def _word(label: int) -> str:
    return WORDS.get(label, str(label))


def _by_name(digits: dict[str, int], label: int) -> list[Value]:
    """Predictions by net: each name once, with its digit in both trainings; None where there is none."""
    names = dict.fromkeys(split(net)[0] for net in digits)
    return [
        {
            "name": name,
            "colour": colour_of(name),
            "digits": [digits.get(f"{name}/mnist-only"), digits.get(name)],
            "label": label,
        }
        for name in names
    ]


def _became(state: str, label: int | None) -> str:
    if state == HIDDEN:
        return "flagged: the owner will look at it"
    if state != DONE:
        return "waits for labels"
    return "people disagree" if label is None else f"people say {_word(label)}"


def scoreboard(board: Board, images: dict[str, bytes], progress: tuple[int, int] | None, *, renewing: bool) -> Value:
    """The scoreboard; images (PNG by uid) are those of the hardest drawings that may be shown.

    progress  (predictions computed, of how many) while nets catch up
    """
    names = [row.net for row in board.rows]
    return {
        "renewing": renewing,
        "progress": progress,
        "headline": _headline(board),
        "caution": _caution(board),
        "counts": board.counts,
        "contributors": board.contributors,
        "nets": [
            {
                **_net(row.net),
                "rank": row.rank,
                "tied": sum(other.rank == row.rank for other in board.rows) > 1,
                "correct": row.correct,
                "total": row.total,
                "share": row.correct / row.total,
                "people": row.people,
                "wilson": row.wilson,
                "confusion": row.confusion,
            }
            for row in board.rows
        ],
        "human": {
            "correct": board.human.correct,
            "total": board.human.total,
            "share": board.human.correct / board.human.total if board.human.total else None,
            "people": board.human.people,
        },
        "pairs": [
            {
                "a": pair.a,
                "b": pair.b,
                "only_a": pair.only_a,
                "only_b": pair.only_b,
                "p": pair.p,
                "difference": pair.difference,
                "ahead": {"a": pair.a, "b": pair.b}.get(pair.ahead or ""),
            }
            for pair in board.pairs
        ],
        "slices": [
            {
                "by": part.by,
                "value": part.value,
                "total": part.total,
                "nets": [{**_net(name), "correct": part.correct[name]} for name in names],
            }
            for part in board.slices
        ],
        "hardest": [
            {
                "image": data_url(images[hard.uid]),
                "label": hard.label,
                "nets": _by_name(hard.predicted, hard.label),
            }
            for hard in board.hardest
            if hard.uid in images
        ],
        "behind": [
            {"name": name, "behind": behind, "why": board.failures.get(name, "")}
            for name, behind in board.behind.items()
        ],
    }


def score_rows(board: Board) -> list[list[object]]:
    """The ranking as a table, in the columns of SCORE_HEADER; intervals are of 95 %."""
    return [
        [
            *(split(row.net)[0], split(row.net)[1] or PEN),
            *(row.rank, row.correct, row.total, round(row.correct / row.total, 6)),
            *(round(end, 6) for end in (*row.people, *row.wilson)),
        ]
        for row in board.rows
    ]


def _net(net: str) -> Value:
    name, training = split(net)
    return {"net": net, "name": name, "baseline": training is not None, "colour": colour_of(net)}


def _headline(board: Board) -> str:
    if not board.rows:
        return "No drawing has all its labels yet"
    best = [row.net for row in board.rows if row.rank == 1]
    if len(best) == 1:
        return f"{best[0]} reads best"
    if len(best) > 3:
        return f"{len(best)} nets are tied at the top"
    return f"{', '.join(best[:-1])} and {best[-1]} are tied"


def _caution(board: Board) -> str:
    if not board.too_few:
        return ""
    return (
        f"Too few to tell much: {board.scored} drawings of {board.contributors} people are scored. From about "
        f"{FEW_DRAWINGS} drawings of {FEW_PEOPLE} people on, differences begin to mean something; before that, no net "
        "is called ahead of another."
    )
