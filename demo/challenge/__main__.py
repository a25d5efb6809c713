"""python -m demo.challenge review | export | import | known | score: what the owner does at a terminal."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

from tqdm import tqdm

from architectures.input.strokes import BadStrokes
from demo.challenge.drawings.submitting import BadSubmission
from demo.challenge.labels import gold, reviewing
from demo.challenge.scoreboard.board import Board
from demo.challenge.store.database import Store, StoreError
from demo.challenge.transfer import exchange

Options = argparse.Namespace


def review(store: Store, options: Options) -> None:
    """List flagged drawings, with their images in a folder; allow, hide or delete one."""
    for act, uid in (
        (reviewing.allow, options.allow),
        (reviewing.hide, options.hide),
        (reviewing.delete, options.delete),
    ):
        if uid:
            act(store, uid)
            print(f"{act.__name__}: {uid}")
    if options.allow or options.hide or options.delete:
        return
    waiting = reviewing.waiting(store)
    if options.images:
        options.images.mkdir(parents=True, exist_ok=True)
    for flagged in waiting:
        print(f"{flagged.uid}  asked for a {flagged.asked}  {flagged.day}  flagged {flagged.flags}x")
        if options.images:
            (options.images / f"{flagged.uid}.png").write_bytes(flagged.image)
    print(f"{len(waiting)} flagged drawings wait" + (f"; images in {options.images}" if options.images else ""))


def export(store: Store, options: Options) -> None:
    """Write all drawings and judgements to a file of JSON lines."""
    number = 0
    with options.file.open("w", encoding="utf-8") as file:
        for number, line in enumerate(exchange.lines(store), start=1):  # noqa: B007  the last number is reported
            file.write(line + "\n")
    print(f"{number} drawings in {options.file}")


def import_(store: Store, options: Options) -> None:
    """Read drawings and judgements from a file that `export` wrote; all of it is checked first."""
    with options.file.open(encoding="utf-8") as file:
        done = exchange.read(store, file)
    print(f"{done.new} new drawings, {done.again} that were here already, {done.deleted} that were deleted here")


def known_(store: Store, options: Options) -> None:
    """Add a stroke file's labelled drawings to the known ones, which measure the judges."""
    from demo.sketchpad.stroke_file import read_file

    print(f"{gold.add(store, read_file(options.file))} new known drawings")


def score(store: Store, options: Options) -> None:
    """Ask every net about every drawing, weigh the judgements, and print the scoreboard."""
    from demo.challenge.scoreboard import scoreboard  # statistics and torch take seconds to load

    with tqdm(desc="answers", unit="", disable=None) as bar:

        def progress(done: int, of: int) -> None:
            bar.total = of
            bar.update(done - bar.n)

        board = scoreboard.renew(store, progress)
    print(table(board))


def table(board: Board) -> str:
    """The scoreboard as text."""
    lines = [f"{'':4}{'net':22}{'right':>14}{'accuracy':>10}   95 % over people     Wilson"]
    for row in board.rows:
        tied = "=" if sum(other.rank == row.rank for other in board.rows) > 1 else ""
        lines.append(
            f"{row.rank}{tied:3}{row.net:22}{row.right:>6} of {row.of:<5}{row.right / row.of:>9.1%}   "
            f"{row.people.low:.1%} to {row.people.high:.1%}   {row.wilson.low:.1%} to {row.wilson.high:.1%}"
        )
    for name, behind in board.catching_up.items():
        lines.append(f"{name} has yet to read {behind} drawings. {board.failures.get(name, '')}")
    if board.people_judged:
        lines.append(
            f"one person names the digit asked for in {board.people_agree} of {board.people_judged} judgements"
        )
    if board.too_few:
        lines.append(f"too few to tell much: {board.scored} scored drawings of {board.contributors} people")
    return "\n".join(lines)


REVIEWING = (reviewing.NoSuchDrawing, reviewing.Decided)
VERBS: dict[str, Callable[[Store, Options], None]] = {
    "review": review,
    "export": export,
    "import": import_,
    "known": known_,
    "score": score,
}


def parser() -> argparse.ArgumentParser:
    found = argparse.ArgumentParser(prog="python -m demo.challenge", description=__doc__)
    found.add_argument("--db", help="path of a SQLite file or URL of a database (default: the page's own)")
    verbs = found.add_subparsers(dest="verb", required=True, metavar="VERB")
    made = {name: verbs.add_parser(name, help=do.__doc__, description=do.__doc__) for name, do in VERBS.items()}
    choice = made["review"].add_mutually_exclusive_group()
    for act in ("allow", "hide", "delete"):
        choice.add_argument(f"--{act}", metavar="UID")
    made["review"].add_argument("--images", type=Path, metavar="FOLDER", help="write the flagged images there")
    for name in ("export", "import", "known"):
        made[name].add_argument("file", type=Path)
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    options = parser().parse_args(arguments)
    try:
        with closing(Store(options.db)) as store:
            VERBS[options.verb](store, options)
    except (StoreError, BadSubmission, BadStrokes, exchange.BadLine, *REVIEWING, OSError) as error:
        print(f"python -m demo.challenge {options.verb}: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
