"""python -m demo.challenge review | export | import | gold | score: what the owner does at a terminal."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

from tqdm import tqdm

from architectures.input.strokes import BadStrokes
from demo.challenge.drawings.submissions import BadSubmission
from demo.challenge.labels import gold
from demo.challenge.labels import review as owner
from demo.challenge.scoreboard.board import FEW_PEOPLE, Board
from demo.challenge.store.database import Store, StoreError
from demo.challenge.transfer import exchange

Options = argparse.Namespace


def review(store: Store, options: Options) -> None:
    """List flagged drawings, with their images in a folder, and who has done most; decide on one, or undo somebody."""
    for act, uid in ((owner.allow, options.allow), (owner.hide, options.hide), (owner.delete, options.delete)):
        if uid:
            act(store, uid)
            print(f"{act.__name__}: {uid}")
            return
    if options.undo:
        undone = owner.undo(store, options.undo)
        print(
            f"undone: {undone.drawings} drawings deleted, {undone.labels} labels and {undone.flags} flags taken back, "
            f"{undone.contributors} keys trusted no more"
        )
        return
    waiting = owner.waiting(store)
    if options.images:
        options.images.mkdir(parents=True, exist_ok=True)
    for flagged in waiting:
        hidden = "hidden" if flagged.hidden else "still shown"
        print(f"{flagged.uid}  asked for {flagged.prompt}  {flagged.day}  flagged {flagged.flags}x, {hidden}")
        if options.images:
            (options.images / f"{flagged.uid}.png").write_bytes(flagged.image)
    print(f"{len(waiting)} flagged drawings wait" + (f"; images in {options.images}" if options.images else ""))
    print("\nAddress groups, most keys first; --undo NAME takes back all that one of them did:")
    print(clusters(owner.clusters(store)))
    print("\nContributors, busiest first; --undo NAME works for them too:")
    print(clusters(owner.busiest(store)))


def clusters(found: Sequence[owner.Cluster]) -> str:
    """A table of who has done how much."""
    lines = [
        f"{'name':14}{'keys':>6}{'drawings':>10}{'labels':>8}{'against':>9}{'uncounted':>11}{'gold':>9}{'flags':>7}"
        "  days"
    ]
    for each in found:
        days = each.first_day if each.first_day == each.last_day else f"{each.first_day} to {each.last_day}"
        gold = f"{each.gold_correct}/{each.gold_seen}"
        lines.append(
            f"{each.name[:12]:14}{each.keys:>6}{each.drawings:>10}{each.labels:>8}{each.against:>9}"
            f"{each.uncounted:>11}{gold:>9}{each.flags:>7}  {days}"
        )
    return "\n".join(lines)


def export(store: Store, options: Options) -> None:
    """Write all drawings and their labels to a file of JSON lines."""
    number = 0
    with options.file.open("w", encoding="utf-8") as file:
        for number, line in enumerate(exchange.lines(store), start=1):  # noqa: B007  the last number is reported
            file.write(line + "\n")
    print(f"{number} drawings in {options.file}")


def import_(store: Store, options: Options) -> None:
    """Read drawings and labels from a file that `export` wrote; all of it is checked first."""
    done = exchange.read_file(store, options.file)
    print(f"{done.new} new drawings, {done.again} that were here already, {done.deleted} that were deleted here")


def gold_(store: Store, options: Options) -> None:
    """Add a stroke file's labelled drawings to the gold items, which measure the annotators."""
    from demo.sketchpad.stroke_file import read_file

    print(f"{gold.add(store, read_file(options.file))} new gold items")


def score(store: Store, options: Options) -> None:
    """Have every net predict every drawing, weigh the labels, and print the scoreboard."""
    from demo.challenge.scoreboard import scoreboard  # statistics and torch take seconds to load

    with tqdm(desc="predictions", unit="", disable=None) as bar:

        def progress(done: int, of: int) -> None:
            bar.total = of
            bar.update(done - bar.n)

        board = scoreboard.renew(store, progress)
    print(table(board))


def table(board: Board) -> str:
    """The scoreboard as text."""
    lines = [f"{'':4}{'net':30}{'correct':>14}{'accuracy':>10}   95 % over people     Wilson"]
    for row in board.rows:
        tied = "=" if sum(other.rank == row.rank for other in board.rows) > 1 else ""
        lines.append(
            f"{row.rank}{tied:3}{row.net:30}{row.correct:>6} of {row.total:<5}{row.correct / row.total:>9.1%}   "
            f"{row.people[0]:.1%} to {row.people[1]:.1%}   {row.wilson[0]:.1%} to {row.wilson[1]:.1%}"
        )
    for name, behind in board.behind.items():
        lines.append(f"{name} has yet to see {behind} drawings. {board.failures.get(name, '')}")
    human = board.human
    if human.total:
        lines.append(
            f"one person: {human.correct} of {human.total} first labels are what the others say, "
            f"{human.people[0]:.1%} to {human.people[1]:.1%} over people"
        )
    if board.too_few:
        lines.append(
            f"too few to tell much: {board.scored} scored drawings of {board.contributors} people; "
            f"nobody is called ahead below {FEW_PEOPLE}"
        )
    return "\n".join(lines)


REFUSALS = (owner.NotFound, owner.Decided, BadSubmission, BadStrokes, exchange.BadLine, OSError)
PATIENCE_S = 30.0  # for the page's own writing: nobody waits at a terminal as at a pad
VERBS: dict[str, Callable[[Store, Options], None]] = {
    "review": review,
    "export": export,
    "import": import_,
    "gold": gold_,
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
    choice.add_argument("--undo", metavar="NAME", help="take back all that an address group or a contributor did")
    made["review"].add_argument("--images", type=Path, metavar="FOLDER", help="write the flagged images there")
    for name in ("export", "import", "gold"):
        made[name].add_argument("file", type=Path)
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    options = parser().parse_args(arguments)
    try:
        with closing(Store(options.db, wait_s=PATIENCE_S)) as store:
            VERBS[options.verb](store, options)
    except StoreError as error:
        detail = f" ({error.detail})" if error.detail else ""
        print(f"python -m demo.challenge {options.verb}: {error}{detail}", file=sys.stderr)
        return 2
    except REFUSALS as error:
        print(f"python -m demo.challenge {options.verb}: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
