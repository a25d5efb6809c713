"""One drawing looked into: what a capsule net made of it, and the images that its decoder draws from there."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from architectures.contract import DIGITS
from architectures.input.mnist_like import Ink, RGBImage
from checkpoints.store import naming
from demo.capsules import CapsuleView, Floats, NoCapsules, decode, look
from demo.components.trainings import training_of
from demo.inference import Busy
from demo.laboratory.poses import Spread, sheet, spread
from demo.sketchpad.drawing import Drawing

PLACES = 8  # far fewer than the turns of the nets: whoever draws on the pad finds room beside a crowd at the sliders
SHORTEST = 1e-6  # a capsule shorter than this has no direction
EMPTY = "The pad is empty. Draw a digit on the Draw tab first, then come back."
LIKE_MNIST, AS_DRAWN = "like MNIST", "as drawn"
INKS: dict[str, Ink] = {"luma": "luma", "ink mask": "mask"}
LIVE: dict[str, Any] = {
    "queue": False,
    "trigger_mode": "always_last",
    "show_progress": "hidden",
    "api_visibility": "private",
}


class NoLook(RuntimeError):
    """There is nothing to look into; the message says why and what to do."""


@dataclass(frozen=True)
class Opinion:
    """What one digit capsule would draw at the length of the longest one.

    image       (28, 28) in [0, 1]
    length      its own, in [0, 1)
    difference  of the image from what the net saw: 0 for the same, 1 for as far off as an empty image
    """

    digit: int
    image: Floats
    length: float
    difference: float


@dataclass(frozen=True)
class Look:
    """One drawing seen by one capsule net.

    image   uint8 (H, W, 3): what was drawn
    view    what the net made of it
    digit   the capsule that is looked into
    spread  where the sliders of its pose may go
    centre, ink  how the net was fed, as in `architectures.mnist_like`
    """

    image: RGBImage
    view: CapsuleView
    digit: int
    spread: Spread
    centre: bool = True
    ink: Ink = "luma"

    @property
    def net(self) -> str:
        return self.view.net

    @property
    def name(self) -> str:
        """The net's name, without its training."""
        return naming.split(self.net)[0]

    @property
    def own(self) -> Floats:
        """Pose (D,) of the digit that is looked into."""
        return self.view.poses[self.digit]

    @cached_property
    def opinions(self) -> list[Opinion]:
        """All ten, in the order of the digits. Raises NoLook for a net without a decoder, and Busy."""
        lengths = self.view.lengths
        stretch = float(lengths.max()) / np.maximum(lengths, SHORTEST)
        images = decoded(self.net, (self.view.poses * stretch[:, None]).astype(np.float32), np.arange(DIGITS))
        blank = max(float(np.linalg.norm(self.view.fed)), SHORTEST)
        differences = np.linalg.norm((images - self.view.fed).reshape(DIGITS, -1), axis=1) / blank
        return [Opinion(d, images[d], float(lengths[d]), float(differences[d])) for d in range(DIGITS)]

    @cached_property
    def reconstruction(self) -> Floats:
        """(28, 28): what the decoder draws of the pose as it is."""
        return decoded(self.net, self.own[None], np.array([self.digit]))[0]

    @cached_property
    def sheet(self) -> Floats:
        """(D, 11, 28, 28): every dimension's sweep, one row each; the middle column is the reconstruction."""
        poses = sheet(self.own, self.spread.range)  # (D, 11, D)
        images = decoded(
            self.net, poses.reshape(-1, poses.shape[-1]), np.full(poses.shape[0] * poses.shape[1], self.digit)
        )
        return images.reshape(*poses.shape[:2], *images.shape[1:])

    @property
    def two_longest(self) -> tuple[int, int]:
        """The digits of the two longest capsules, the longest first."""
        second, first = self.view.lengths.argsort(kind="stable")[-2:].tolist()
        return first, second

    @cached_property
    def two(self) -> Floats:
        """(2, 28, 28): what the two longest capsules draw, each at its own length."""
        digits = list(self.two_longest)
        return decoded(self.net, self.view.poses[digits], np.array(digits))


def look_into(image: RGBImage, net: str, digit: int | None = None, *, centre: bool = True, ink: Ink = "luma") -> Look:
    """What `net`, an id, made of image, uint8 (H, W, 3); digit None looks into the longest capsule.

    Raises NoLook for an empty pad, a net without capsules or without weights, and Busy.
    """
    try:
        view = look(image, net, centre=centre, ink=ink)
    except NoCapsules as error:
        raise NoLook(f"{error}.") from error
    if view is None:
        raise NoLook(EMPTY)
    chosen = view.digit if digit is None else digit
    return Look(image, view, chosen, spread(view.net, chosen, view.poses[chosen]), centre, ink)


def look_of(drawing: Drawing | None, net: str | None, training: str, way: str, ink: str, digit: int | None) -> Look:
    """The look that the tab's choices ask for; raises NoLook and Busy."""
    if drawing is None or drawing.empty:
        raise NoLook(EMPTY)
    if net is None:
        raise NoLook("No net with capsules has its weights here: `python -m checkpoints list` says what is missing.")
    net_id = naming.id_of(net, training_of(training))
    return look_into(drawing.image, net_id, digit, centre=way == LIKE_MNIST, ink=INKS.get(ink, "luma"))


def decoded(net: str, poses: Floats, digits: NDArray[np.int64]) -> Floats:
    """Images (N, 28, 28) in [0, 1] of poses (N, D); raises NoLook for a net without a decoder, and Busy."""
    try:
        return decode(net, poses.astype(np.float32), digits)
    except NoCapsules as error:
        raise NoLook(f"{error}.") from error


_places = threading.BoundedSemaphore(PLACES)


@contextmanager
def place() -> Iterator[None]:
    """One of the PLACES; raises Busy at once when all are taken."""
    if not _places.acquire(blocking=False):
        raise Busy("many people are in the laboratory right now: please try again in a moment")
    try:
        yield
    finally:
        _places.release()
