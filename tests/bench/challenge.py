"""How the challenge bears load: people drawing and labelling at once, and a store with very many drawings.

Both are asked of the real app in a process of its own, over HTTP, on databases that are deleted afterwards. The
people of the crowd come from networks of their own, and the hour's limits hold for them as for anybody.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import insert, select

from demo.challenge.drawings import prompts
from demo.challenge.drawings.contributors import contributor_id, today
from demo.challenge.labels import annotating
from demo.challenge.scoreboard import board, scoreboard
from demo.challenge.store import schema
from demo.challenge.store.database import Store
from demo.challenge.store.schema import OPEN, contents, drawings
from demo.challenge.transfer import keeper
from tests.bench.crowd import PAUSE_S, crowd, handlers
from tests.bench.filling import fill, key_of
from tests.bench.page import Figure, app, figure, table

TIMES = 50  # repetitions of what is asked of the large store
DILIGENT = 2000  # labels of one person


def measure(people: int, seconds: float, number: int) -> Iterator[Figure]:
    """The figures, each as soon as it is measured; number: drawings in the large store."""
    os.environ.pop(keeper.VARIABLE, None)  # nothing of this goes to the Hub
    with tempfile.TemporaryDirectory(prefix="challenge-bench-") as folder:
        yield from together(Path(folder), people, seconds)
    with tempfile.TemporaryDirectory(prefix="challenge-bench-") as folder:
        yield from large(Path(folder), number)


def together(folder: Path, people: int, seconds: float) -> Iterator[Figure]:
    """So many people draw and label at a human pace for so long."""
    with app(folder) as (address, *_):
        seen = crowd(address, people, seconds)
    store = Store(address_in(folder))
    with store.reading() as connection:
        stored = set(connection.execute(select(drawings.c.uid).join(contents)).scalars())
    store.close()
    pause = f"{people} people for {seconds:g} s, {PAUSE_S[0]:g} to {PAUSE_S[1]:g} s between two things they do"
    for what, took in seen.seconds.items():
        yield figure(f"{what} ({pause})", "ms", [1000 * one for one in took], None, 1000)
    yield figure(
        "refusals and failures" + (f", such as {seen.errors[0]}" if seen.errors else ""), "", [len(seen.errors)], 0
    )
    yield figure("drawings confirmed", "", [len(seen.confirmed)])
    yield figure("of these lost", "", [len(seen.confirmed - stored)], 0)
    yield figure("of these read by the nets later only, for they were busy", "", [seen.unread])


def large(folder: Path, number: int) -> Iterator[Figure]:
    """A store with so many drawings, half of them labelled."""
    store = Store(address_in(folder))
    fill(store, number)
    of = f"of {number:,} drawings"
    with store.reading() as connection:
        made_of = board.state(connection)
    took, made = _timed(lambda: scoreboard.make(store))
    board.keep(store, made, made_of)
    yield figure(f"a scoreboard is made anew {of}", "ms", [took])
    with app(folder) as (address, *_):
        yield figure(f"the scoreboard opens {of}", "ms", _opened(address), None, 300)
    yield figure(f"the next drawing to label is found {of}", "ms", _found(store, key_of(1)), None, 20)
    diligent = _diligent(store)
    yield figure(f"the same for one who has labelled {DILIGENT:,} that wait", "ms", _found(store, diligent), None, 20)
    given = [_timed(lambda: prompts.issue(store, key_of(1)))[0] for _ in range(TIMES)]
    yield figure(f"the next prompt is chosen {of}", "ms", given, None, 20)
    store.close()


def address_in(folder: Path) -> str:
    """Where `tests.bench.page.app` has its database."""
    return f"sqlite:///{folder}/bench.sqlite"


def _opened(address: str) -> list[float]:
    """Milliseconds until the scoreboard's tab has what it shows first."""
    with httpx.Client(base_url=address, timeout=60) as client:
        number = handlers(client.get("/config").raise_for_status().json())["Scoreboard", "select"]

        def opened() -> None:
            body = {"data": [], "fn_index": number, "session_hash": "bench"}
            shown = client.post("/gradio_api/run/predict", json=body).raise_for_status().json()["data"][0]
            assert shown["nets"], shown

        opened()  # the first to come opens the store
        return [_timed(opened)[0] for _ in range(TIMES)]


def _found(store: Store, annotator: str) -> list[float]:
    """Milliseconds to find the next drawing, for one who labels one after another."""
    times = []
    for _ in range(TIMES):
        took, assigned = _timed(lambda: annotating.next_assignment(store, annotator))
        assert assigned is not None
        times.append(took)
        with store.reading() as connection:
            asked = connection.execute(select(drawings.c.prompt).where(drawings.c.uid == assigned.uid)).scalar_one()
        annotating.annotate(store, annotator, assigned.uid, asked, ticket=assigned.ticket)
    return times


def _diligent(store: Store) -> str:
    """The key of somebody who has labelled the first DILIGENT of the drawings that wait, and must be shown others."""
    key = key_of(2)
    with store.writing() as connection:
        person = contributor_id(connection, key)
        waiting = select(drawings.c.id).where(drawings.c.state == OPEN, drawings.c.contributor_id != person)
        ids = connection.execute(waiting.order_by(drawings.c.round).limit(DILIGENT)).scalars().all()
        said = [{"drawing_id": i, "contributor_id": person, "label": 0, "day": today()} for i in ids]
        before = set(
            connection.execute(
                select(schema.annotations.c.drawing_id).where(schema.annotations.c.contributor_id == person)
            ).scalars()
        )
        connection.execute(insert(schema.annotations), [one for one in said if one["drawing_id"] not in before])
    return key


def _timed(act: Callable[[], Any]) -> tuple[float, Any]:
    """Milliseconds, and what came of it."""
    started = time.perf_counter()
    result = act()
    return (time.perf_counter() - started) * 1000, result


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.challenge", description=__doc__)
    parser.add_argument("--people", type=int, default=50, help="drawing and annotating at once (default: 50)")
    parser.add_argument("--seconds", type=float, default=60, help="how long (default: 60)")
    parser.add_argument("--drawings", type=int, default=100_000, help="in the large store (default: 100,000)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    options = parser.parse_args(arguments)
    load, figures = os.getloadavg()[0], []
    for each in measure(options.people, options.seconds, options.drawings):
        figures.append(each)
        print(f"{each.what}: {each.median:.4g} {each.unit}, p95 {each.p95:.4g}", file=sys.stderr, flush=True)
    if options.json:
        report = {"load_at_start": load, "figures": [asdict(each) for each in figures]}
        options.json.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    print(table(figures))
    if load > 0.5:
        print(f"\nThe machine was not quiet (load average {load:.1f} at the start): these figures are too high.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
