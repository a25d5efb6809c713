"""How the challenge bears load: people drawing and judging at once, and a store with very many drawings.

Everything goes through what the tab calls, on a database of its own; the nets are the real ones.
"""

from __future__ import annotations

import json
import random
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from sqlalchemy import func, insert, select

from demo.challenge import board, judging, prompts, scoreboard, verdicts
from demo.challenge.contributors import hash_of, new_key, today
from demo.challenge.desk import Desk
from demo.challenge.pictures import pens_as_json, png_of
from demo.challenge.schema import (
    DONE,
    OPEN,
    ROUND,
    answers,
    contents,
    contributors,
    drawings,
    judgements,
)
from demo.challenge.store import Store
from demo.drawing import Drawing
from demo.examples import examples
from demo.pen import PRESETS

DRAWS_S = 4.0  # what a person takes for a drawing, and
JUDGES_S = 1.5  # for a judgement
BATCH = 2000


@dataclass
class Crowd:
    """What happened to a crowd: seconds by what was asked, confirmed drawings, refusals and errors in words."""

    seconds: dict[str, list[float]] = field(default_factory=lambda: {"hand in": [], "judge": []})
    confirmed: int = 0
    errors: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)


def run(people: int, seconds: float, drawings_: int) -> Iterator[str]:
    """Both benchmarks, as lines to print."""
    with tempfile.TemporaryDirectory(prefix="challenge-bench-") as folder:
        yield from crowd(str(Path(folder) / "crowd.db"), people, seconds)
        yield from large(str(Path(folder) / "large.db"), drawings_)


def crowd(address: str, people: int, seconds: float) -> Iterator[str]:
    """So many people draw and judge at a human pace for so long."""
    desk = Desk(address)
    seen = Crowd()
    until = time.monotonic() + seconds
    threads = [threading.Thread(target=_person, args=(desk, seen, until, number)) for number in range(people)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with desk.store.reading() as connection:
        stored = connection.execute(select(func.count()).where(drawings.c.state.in_((OPEN, DONE)))).scalar_one()
    yield f"{people} people for {seconds:g} s: {seen.confirmed} drawings confirmed, {stored} stored"
    for what, took in seen.seconds.items():
        yield f"  {what}: {len(took)} times, {_spread(took)}"
    yield f"  errors: {len(seen.errors)}" + (f", such as: {seen.errors[0]}" if seen.errors else "")
    desk.store.close()


def large(address: str, number: int) -> Iterator[str]:
    """A store with so many drawings, half of them judged."""
    store = Store(address)
    fill(store, number)
    judge = new_key()
    yield f"{number:,} drawings"
    yield f"  a scoreboard made anew: {_timed(lambda: board.keep(store, scoreboard.make(store), 'bench'))[0]:.2f} s"
    opened = [_timed(lambda: board.latest(store))[0] for _ in range(10)]
    yield f"  the scoreboard opens: {_spread(opened)}"
    found = []
    for _ in range(100):
        took, turn = _timed(lambda: judging.next_turn(store, judge))
        found.append(took)
        assert turn is not None
        judging.say(store, judge, turn.uid, 7)
    yield f"  the next drawing to judge: {_spread(found)}"
    given = [_timed(lambda: prompts.hand_out(store, judge))[0] for _ in range(10)]
    yield f"  the next prompt: {_spread(given)}"
    store.close()


def fill(store: Store, number: int) -> None:
    """Enter drawings of 500 people, the first half of them judged by two, with answers of every net."""
    dice = random.Random(0)
    example = next(drawing for drawing in examples() if drawing.label == 7)
    pen = PRESETS["steady white"]
    plain = Drawing.of(example.strokes, pen)
    strokes, picture = json.dumps(example.strokes), png_of(plain.picture)
    day, nets = today(), list(verdicts.nets().values())
    with store.writing() as connection:
        connection.execute(
            insert(contributors),
            [
                {"id": person, "key_hash": hash_of(f"{person:032x}"), "day": day, "trusted": True}
                for person in range(1, 501)
            ],
        )
    for start in range(1, number + 1, BATCH):
        ids = range(start, min(start + BATCH, number + 1))
        judged = [i for i in ids if i <= number // 2]
        with store.writing() as connection:
            connection.execute(insert(drawings), [_row(i, i <= number // 2, pens_as_json(pen), dice) for i in ids])
            connection.execute(
                insert(contents), [{"drawing_id": i, "strokes": strokes, "picture": picture} for i in ids]
            )
            said = [
                {"drawing_id": i, "contributor_id": 1 + (i + step) % 500, "said": i % 10, "day": day}
                for i in judged
                for step in (1, 2)
            ]
            if said:
                connection.execute(insert(judgements), said)
            connection.execute(insert(answers), [_answer(i, net, dice) for i in ids for net in nets])


def _row(number: int, judged: bool, pen: Any, dice: random.Random) -> dict[str, Any]:
    return {
        "id": number,
        "uid": f"{number:032x}",
        "contributor_id": 1 + number % 500,
        "prompt": number % 10,
        "day": today(),
        "device": dice.choice(["mouse", "touch"]),
        "app_version": "bench",
        "pen": json.dumps(pen),
        "pen_name": "steady white",
        "length": dice.uniform(0.5, 5),
        "state": DONE if judged else OPEN,
        "round": number // ROUND,
        "disagreement": dice.random(),
        "judged": 2 if judged else 0,
        "label": number % 10 if judged else None,
        "confidence": 1.0 if judged else None,
    }


def _answer(number: int, net: str, dice: random.Random) -> dict[str, Any]:
    return {
        "drawing_id": number,
        "checkpoint": net,
        "input_version": verdicts.input_version(),
        "digit": number % 10 if dice.random() < 0.95 else dice.randrange(10),
        "probabilities": "[0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1]",
    }


def _person(desk: Desk, seen: Crowd, until: float, number: int) -> None:
    dice = random.Random(number)
    request: Any = SimpleNamespace(client=SimpleNamespace(host=f"198.51.100.{number}"), headers={})
    time.sleep(dice.uniform(0, DRAWS_S))
    _, browser, _, _ = desk.welcome(None)
    while time.monotonic() < until:
        digit = int(browser["ticket"][0])
        drawn = next(drawing for drawing in examples() if drawing.label == digit)
        took, (shown, _, _, browser) = _timed(
            lambda: desk.hand_in(drawn, True, "", "mouse", browser, request)  # noqa: B023  called at once
        )
        _note(seen, "hand in", took, shown)
        took, (shown, browser) = _timed(lambda: desk.turn(browser, True))  # noqa: B023
        _note(seen, "judge", took, shown)
        if "uid" in shown:
            said = {"uid": shown["uid"], "said": digit}
            took, (shown, browser) = _timed(lambda: desk.judge(said, True, browser, request))  # noqa: B023
            _note(seen, "judge", took, shown)
        time.sleep(dice.uniform(0.5, 1.5) * (DRAWS_S + JUDGES_S))


def _note(seen: Crowd, what: str, took: float, shown: dict[str, Any]) -> None:
    with seen.lock:
        seen.seconds[what].append(took)
        seen.confirmed += what == "hand in" and "headline" in shown
        if "problem" in shown:
            seen.errors.append(shown["problem"])


def _timed(act: Callable[[], Any]) -> tuple[float, Any]:
    started = time.perf_counter()
    result = act()
    return time.perf_counter() - started, result


def _spread(took: list[float]) -> str:
    if not took:
        return "never"
    ordered = sorted(took)
    at_95 = ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]
    return (
        f"median {statistics.median(took) * 1000:.0f} ms, p95 {at_95 * 1000:.0f} ms, worst {ordered[-1] * 1000:.0f} ms"
    )
