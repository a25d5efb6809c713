"""What a lesson does, in a process of its own (see __main__.py): digits are drawn, nets learn, and all that happens is
told as events.

The digits are drawn on every core, by forked processes where the system has them, while a net learns already.
"""

from __future__ import annotations

import multiprocessing
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from architectures.input.pen import Pen
from checkpoints.shipped_digits import TEST
from checkpoints.training.teaching import Lesson
from demo.teach import pen_map
from demo.teach.pen_map import Counts

CORES = os.cpu_count() or 1
PIECE = 20  # digits that are drawn together, and shown together
ON_THE_WAY = 100  # test digits that a net is asked while it learns
LOOKS = 15  # how often it is asked
LIMIT_S = 300.0  # of a whole lesson
SOON_S = 20.0  # a net that was not asked for by name learns within so long, or not at all; a quiet machine needs half
TILE_PX = 48  # side of a drawing on the wall
ESTIMATED_WITH = 32  # images of the pass that tells how long a step takes
PASSES_OF_A_STEP = 3.5  # a step costs as much as so many forward passes: forward, backward, the optimiser
TIMED = 3  # passes of which the quickest counts

Images = NDArray[np.uint8]
Weights = dict[str, NDArray[Any]]


@dataclass(frozen=True)
class Pupil:
    """A net that is to learn: its id, and the weights of an earlier lesson where it goes on from there."""

    net_id: str
    weights: Weights | None = None


@dataclass(frozen=True)
class Order:
    """What is to be taught, to whom.

    tested   how many of the test digits the figures before and after are of, at least ON_THE_WAY
    own      what the nets are fed of the visitor's own drawing, float32 (1, 1, 28, 28) in [0, 1], or None
    earlier  the pens of earlier lessons: how much of them is forgotten is measured
    chosen   whether the nets were asked for by name, so that they may take their time
    hub_repo where missing weights are fetched from, as for `checkpoints.load`
    limit_s  how long it may take: a net that needs more than what is left is passed
    """

    pen: Pen
    pupils: tuple[Pupil, ...]
    digits: int = Lesson.digits
    steps: int = Lesson.steps
    seed: int = 0
    tested: int = TEST
    own: NDArray[np.float32] | None = None
    earlier: tuple[Pen, ...] = ()
    chosen: bool = False
    hub_repo: str | None = None
    limit_s: float = LIMIT_S


@dataclass(frozen=True)
class Drawn:
    """Digits that the pen has drawn for the lesson: uint8 (PIECE, side, side, 3), in colour."""

    tiles: Images


@dataclass(frozen=True)
class Step:
    """How far a net is: it has learned so many steps, reads `correct` of the ON_THE_WAY digits, and `own` on the
    visitor's drawing with that probability; it needs `seconds_left` more."""

    net_id: str
    step: int
    correct: int
    own: tuple[int, float] | None
    seconds_left: float


@dataclass(frozen=True)
class Learned:
    """What a net has become: figures before and after over the test digits, and the weights.

    before, after    `checkpoints.training.teaching.Figures` as dicts
    gained, lost     test digits drawn by the pen that it reads now, and did not before; and the other way round:
                     (label, digit before, digit after, its tile)
    earlier          of ON_THE_WAY digits drawn by each earlier pen, how many it read before and reads after
    """

    net_id: str
    weights: Weights
    before: dict[str, int]
    after: dict[str, int]
    seconds: float
    gained: list[tuple[int, int, int, Images]] = field(default_factory=list)
    lost: list[tuple[int, int, int, Images]] = field(default_factory=list)
    earlier: list[tuple[int, int]] = field(default_factory=list)


@dataclass(frozen=True)
class Passed:
    """A net that was not taught, and why; it is as it was."""

    net_id: str
    why: str


@dataclass(frozen=True)
class Mapped:
    """What a net that has learned reads of other pens, before and after: see pen_map.py. Told once all have learned."""

    net_id: str
    before: Counts
    after: Counts


Event = Drawn | Step | Learned | Passed | Mapped
Tell = Callable[[Event], None]
Piece = tuple[Images, Images]  # what nets are fed (n, 28, 28) or (n, 2, 28, 28), and tiles (n, side, side, 3)


def piece(pen: Pen, part: str, seed: int, start: int) -> Piece:
    """PIECE digits from `start` on, of the "training" or the "test" digits."""
    from checkpoints import shipped_digits
    from checkpoints.training.living_pen import fed
    from checkpoints.training.teaching import sketch_of

    digits = shipped_digits.training_digits() if part == "training" else shipped_digits.test_digits()
    sketches = [sketch_of(pen, digits, number, seed) for number in range(start, start + PIECE)]
    tiles = [Image.fromarray(each).resize((TILE_PX, TILE_PX), Image.Resampling.BOX) for each in sketches]
    return np.stack([fed(each) for each in sketches]), np.stack([np.asarray(tile) for tile in tiles])


@contextmanager
def drawing() -> Iterator[Callable[..., Iterator[Any]]]:
    """A `map` that draws ahead, on every core where the system can fork."""
    if not hasattr(os, "fork"):
        yield map
        return
    with multiprocessing.get_context("fork").Pool(CORES) as pool:
        yield pool.imap


def give(order: Order, tell: Tell) -> None:
    """Draw the digits, and teach every pupil; a net that fails is told of and the others go on."""
    if order.digits % PIECE:
        raise ValueError(f"invalid digits {order.digits}: must be a multiple of {PIECE}")
    until_s = time.monotonic() + order.limit_s
    with drawing() as spread:  # forks before torch has threads
        draw = partial(piece, order.pen, "training", order.seed)
        asked = partial(piece, order.pen, "test", 1)
        training = spread(draw, range(0, order.digits, PIECE))
        first = spread(asked, range(0, ON_THE_WAY, PIECE))
        rest = spread(asked, range(ON_THE_WAY, order.tested, PIECE))
        before = [spread(partial(piece, pen, "test", 1), range(0, ON_THE_WAY, PIECE)) for pen in order.earlier]
        drawings = []
        for fed, tiles in training:
            drawings.append(fed)
            tell(Drawn(tiles))
        lesson = _Lesson(order, np.concatenate(drawings), list(first), rest, before, tell, until_s)
        for number, pupil in enumerate(order.pupils):
            try:
                lesson.teach(pupil, patient=order.chosen or number == 0)
            except MemoryError:
                tell(Passed(pupil.net_id, "there is not enough memory for it to learn here"))
            except SystemExit:
                tell(Passed(pupil.net_id, "its code would have ended the lesson for all"))
            except Exception as error:  # a net is anybody's code: whatever it raises concerns this net alone
                tell(Passed(pupil.net_id, str(error) or type(error).__name__))
        if lesson.taught:
            rows = list(spread(pen_map.row, pen_map.WIDTHS_PX))
            for net_id, (old, new) in lesson.taught.items():
                tell(Mapped(net_id, pen_map.counts(old, rows), pen_map.counts(new, rows)))


class _Lesson:
    """What the pupils of an order share: the digits as the pen drew them."""

    def __init__(
        self,
        order: Order,
        drawings: Images,
        first: list[Piece],
        rest: Iterator[Piece],
        earlier: list[Iterator[Piece]],
        tell: Tell,
        until_s: float,
    ) -> None:
        import torch

        self.order, self.tell, self.until_s = order, tell, until_s
        self.drawings = torch.from_numpy(drawings)
        self._pieces, self._rest, self._earlier = first, rest, earlier
        self._earlier_fed: list[Any] = []
        self.taught: dict[str, tuple[Any, Any]] = {}  # each net as it was, and as it is now

    @property
    def asked(self) -> Any:
        """The test digits that are drawn by now, as nets are fed them: uint8 (n, 28, 28), all after `finish`."""
        import torch

        return torch.from_numpy(np.concatenate([fed[:, 0] for fed, _ in self._pieces]))

    def finish(self) -> None:
        """Wait until every test digit is drawn."""
        import torch

        self._pieces += list(self._rest)
        if len(self._earlier_fed) < len(self._earlier):
            fed = [np.concatenate([part[:, 0] for part, _ in pieces]) for pieces in self._earlier]
            self._earlier_fed = [torch.from_numpy(each) for each in fed]

    def teach(self, pupil: Pupil, *, patient: bool) -> None:
        import torch

        import checkpoints
        from checkpoints.shipped_digits import test_digits
        from checkpoints.training.teaching import Figures, check_learns, predicted, teach

        order, started = self.order, time.monotonic()
        net = checkpoints.load(pupil.net_id, hub_repo=order.hub_repo)
        check_learns(net)
        if pupil.weights is not None:
            net.load_state_dict({key: torch.from_numpy(value) for key, value in pupil.weights.items()}, strict=True)
        seconds = seconds_of_a_step(net) * order.steps
        if seconds > SOON_S and not patient:
            self.tell(Passed(pupil.net_id, f"it would need about {round(seconds)} seconds: choose it to teach it"))
            return
        left_s = max(0.0, self.until_s - time.monotonic())
        if seconds > left_s:
            why = f"it would need about {round(seconds)} seconds, and the lesson has {round(left_s)} left"
            self.tell(Passed(pupil.net_id, why))
            return
        digits, some = test_digits(order.tested), self.asked[:ON_THE_WAY]

        def correct(taught: Any, fed: Any) -> int:
            return int((predicted(taught, fed) == digits.labels[:ON_THE_WAY]).sum())

        def look(taught: Any, step: int, left_s: float) -> None:
            self.tell(Step(pupil.net_id, step, correct(taught, some), _own(taught, order.own), left_s))

        look(net, 0, seconds)
        begun = time.monotonic()
        lesson = Lesson(order.pen, order.digits, order.steps, order.seed)
        every = max(1, order.steps // LOOKS)
        taught = net
        for step, taught in enumerate(teach(net, lesson, self.drawings), start=1):
            if step % every == 0 or step == order.steps:
                each_s = (time.monotonic() - begun) / step
                look(taught, step, each_s * (order.steps - step))
        if not all(bool(torch.isfinite(value).all()) for value in taught.state_dict().values()):
            self.tell(Passed(pupil.net_id, "its weights were no numbers any more (NaN), so it stays as it was"))
            return
        learned_s = time.monotonic() - started
        self.finish()
        asked, labels = self.asked, digits.labels
        old, new = predicted(net, asked), predicted(taught, asked)
        figures = [
            Figures(int((drawn == labels).sum()), int((predicted(each, digits.images) == labels).sum()), len(labels))
            for each, drawn in ((net, old), (taught, new))
        ]
        tiles = np.concatenate([tiles for _, tiles in self._pieces])
        self.taught[pupil.net_id] = (net, taught)

        def changed(which: Any) -> list[tuple[int, int, int, Images]]:
            places = which.nonzero().flatten().tolist()
            return [(int(labels[at]), int(old[at]), int(new[at]), tiles[at]) for at in places]

        self.tell(
            Learned(
                net_id=pupil.net_id,
                weights={key: value.detach().cpu().numpy() for key, value in taught.state_dict().items()},
                before=asdict(figures[0]),
                after=asdict(figures[1]),
                seconds=learned_s,
                gained=changed((old != labels) & (new == labels)),
                lost=changed((old == labels) & (new != labels)),
                earlier=[(correct(net, fed), correct(taught, fed)) for fed in self._earlier_fed],
            )
        )


def seconds_of_a_step(net: Any) -> float:
    """About how long one step takes on this machine for its own threads, from a forward pass."""
    import torch

    from checkpoints.training.teaching import RECIPE

    x = torch.rand(ESTIMATED_WITH, 1, 28, 28, device=next(net.parameters()).device)
    passes_s = []
    with torch.inference_mode():
        net(x)  # the first pass prepares what the others use
        for _ in range(TIMED):
            started = time.process_time()
            net(x)
            passes_s.append((time.process_time() - started) / torch.get_num_threads())
    return min(passes_s) * PASSES_OF_A_STEP * RECIPE.batch / ESTIMATED_WITH


def _own(net: Any, own: NDArray[np.float32] | None) -> tuple[int, float] | None:
    if own is None:
        return None
    import torch

    from architectures.contract import as_answer

    with torch.inference_mode():
        answer = as_answer(net(torch.from_numpy(own).to(next(net.parameters()).device)), 1)
    digit = int(answer.digit[0])
    return digit, float(answer.probabilities[0, digit])
