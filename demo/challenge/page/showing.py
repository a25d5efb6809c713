"""What the challenge's panels are given to show. All of it is data: the scripts write text as text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import architectures
from demo.challenge.drawings.submitting import Submission
from demo.challenge.labels.annotating import Turn
from demo.challenge.scoreboard.board import FEW_DRAWINGS, FEW_PEOPLE, Board, Interval, wilson
from demo.challenge.scoreboard.predictions import Verdict
from demo.challenge.store.images import data_url
from demo.challenge.store.schema import DONE, HIDDEN, NOT_A_DIGIT, UNREADABLE
from demo.components.colours import COLOURS, colour_of

Value = dict[str, Any]
WORDS = {UNREADABLE: "unreadable", NOT_A_DIGIT: "not a digit"}


def problem(message: str) -> Value:
    return {"problem": message}


def prompt(digit: int) -> Value:
    return {"digit": digit}


def verdicts(given: Submission, found: Sequence[Verdict], note: str) -> Value:
    """All nets' answers to a drawing that has been handed in."""
    right = sum(verdict.digit == given.prompt for verdict in found)
    headline = f"{right} of {len(found)} nets read it" if found else "It is in. Thank you!"
    if found and right == 0:
        headline = "No net read it. Can people?"
    return {
        "image": data_url(given.image),
        "asked": given.prompt,
        "headline": headline,
        "note": note,
        "nets": [
            {
                "name": verdict.net,
                "colour": _colour(verdict.net),
                "digit": verdict.digit,
                "right": verdict.digit == given.prompt,
            }
            for verdict in found
        ],
    }


def turn(handed: Turn | None) -> Value:
    if handed is None:
        return nothing_to_judge("Nothing waits for you at the moment. Draw one, and come back when others have.")
    return {"uid": handed.uid, "image": data_url(handed.image)}


def nothing_to_judge(why: str) -> Value:
    return {"hint": why}


def mine(rows: Sequence[Any], number: int) -> Value:
    """What a person gave, newest first; `number` counts those beyond the page too."""
    return {
        "number": number,
        "drawings": [
            {
                "uid": row.uid,
                "image": data_url(bytes(row.image)),
                "asked": row.prompt,
                "day": row.day,
                "became": _became(row.state, row.label),
            }
            for row in rows
        ],
    }


def _colour(net: str) -> int:
    """The net's colour; a scoreboard of the past may name a net that is gone."""
    return colour_of(net) if net in architectures.names() else COLOURS - 1


def _became(state: str, label: int | None) -> str:
    if state == HIDDEN:
        return "flagged: the owner will look at it"
    if state != DONE:
        return "waits for judges"
    return "people disagree" if label is None else f"people read {WORDS.get(label, label)}"


def scoreboard(board: Board, fresh: bool, images: dict[str, bytes]) -> Value:
    """The scoreboard; images (PNG by uid) are those of the hardest drawings that may be shown."""
    names = [row.net for row in board.rows]
    people = wilson(board.people_agree, board.people_judged)
    return {
        "fresh": fresh,
        "headline": _headline(board),
        "caution": _caution(board),
        "counts": {name: number for name, number in board.counts.items() if name != "closed below round"},
        "contributors": board.contributors,
        "nets": [
            {
                "name": row.net,
                "colour": _colour(row.net),
                "rank": row.rank,
                "tied": sum(other.rank == row.rank for other in board.rows) > 1,
                "right": row.right,
                "of": row.of,
                "share": row.right / row.of,
                "people": _pair(row.people),
                "wilson": _pair(row.wilson),
                "confusion": row.confusion,
            }
            for row in board.rows
        ],
        "human": {
            "agree": board.people_agree,
            "of": board.people_judged,
            "share": board.people_agree / board.people_judged if board.people_judged else None,
            "wilson": _pair(people),
        },
        "pairs": [
            {
                "a": pair.a,
                "b": pair.b,
                "only_a": pair.only_a,
                "only_b": pair.only_b,
                "p": pair.p,
                "difference": _pair(pair.difference),
                "ahead": {"a": pair.a, "b": pair.b}.get(pair.ahead or ""),
            }
            for pair in board.pairs
        ],
        "slices": [
            {
                "by": part.by,
                "value": part.value,
                "of": part.of,
                "nets": [
                    {
                        "name": name,
                        "colour": _colour(name),
                        "right": part.right[name],
                        "wilson": _pair(wilson(part.right[name], part.of)),
                    }
                    for name in names
                ],
            }
            for part in board.slices
        ],
        "hardest": [
            {
                "image": data_url(images[hard.uid]),
                "label": hard.label,
                "read": [{"name": net, "colour": _colour(net), "digit": digit} for net, digit in hard.read.items()],
            }
            for hard in board.hardest
            if hard.uid in images
        ],
        "catching_up": [
            {"name": name, "behind": behind, "why": board.failures.get(name, "")}
            for name, behind in board.catching_up.items()
        ],
    }


def _headline(board: Board) -> str:
    if not board.rows:
        return "No drawing has been judged to the end yet"
    best = [row.net for row in board.rows if row.rank == 1]
    if len(best) == 1:
        return f"{best[0]} reads best"
    return f"{', '.join(best[:-1])} and {best[-1]} are tied"


def _caution(board: Board) -> str:
    if not board.too_few:
        return ""
    return (
        f"Too few to tell much: {board.scored} drawings of {board.contributors} people are scored. From about "
        f"{FEW_DRAWINGS} drawings of {FEW_PEOPLE} people on, differences begin to mean something."
    )


def _pair(interval: Interval) -> list[float]:
    return [interval.low, interval.high]
