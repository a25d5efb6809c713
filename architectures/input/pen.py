"""The living pen in Python: strokes -> image, as `demo/sketchpad/pen.mjs` draws them in the browser.

Width and hue go by the distance the pen has travelled, never by time or by events, so that a slow and a fast computer
draw the same. Both languages compute in 64-bit floats in the same order with +, -, *, / and sqrt alone, so that they
agree on every bit; jitter comes from a hash of (seed, stroke, place along the stroke), not from a generator with a
state, so that undo, replay and half a stroke agree too.

After edxz7's app: 15 to 35 px wide, and the hue starts at red again with each stroke.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from architectures.input.inking import Stamps, Track, stamp_on
from architectures.input.strokes import PAD_PX, BadStrokes, Strokes, check, travel_px

JITTER_PX = 28  # how far apart the knots of the noise lie along a stroke
WIDEST_PX = 100
MAX_INK_PX2 = 300_000  # of a drawing: travel times greatest width; more than two pads full, and a second of drawing
LONGEST_PERIOD_PX = 10_000
SHORTEST_PERIOD_PX = 10

Floats = NDArray[np.float64]
RGBImage = NDArray[np.uint8]


class BadPen(ValueError):
    """A pen that cannot draw; the message names the field, its value and what it may be."""


@dataclass(frozen=True)
class Pen:
    """How a stroke looks; all lengths in px of the 364 px pad, along the stroke. Raises BadPen.

    thinnest_px, widest_px  the width sweeps between them, 1 <= thinnest <= widest <= 100
    width_period_px         length of one whole sweep, thin to wide to thin, in [10, 10,000]
    hue_period_px           length in which the hue goes once round the circle, in [10, 10,000]
    hue_start_deg           where on the circle every stroke starts: 0 red, 120 green, 240 blue, in [0, 360]
    size_jitter             in [0, 1]: share of the width that is seeded noise instead of the sweep
    colour_jitter           in [0, 1]: how far noise pulls the hue off its way (1: half a circle); dims a plain colour
    colour                  None for the rainbow, "#rrggbb" for one plain colour
    pressure                whether the pressure of a stylus scales the width, down to 0.3 of it
    seed                    of both jitters, in [0, 2^31)
    """

    thinnest_px: float = 15.0
    widest_px: float = 35.0
    width_period_px: float = 320.0
    hue_period_px: float = 720.0
    hue_start_deg: float = 0.0
    size_jitter: float = 0.0
    colour_jitter: float = 0.0
    colour: str | None = None
    pressure: bool = True
    seed: int = 0

    def __post_init__(self) -> None:
        _within("thinnest_px", self.thinnest_px, 1, WIDEST_PX)
        _within("widest_px", self.widest_px, 1, WIDEST_PX)
        _within("width_period_px", self.width_period_px, SHORTEST_PERIOD_PX, LONGEST_PERIOD_PX)
        _within("hue_period_px", self.hue_period_px, SHORTEST_PERIOD_PX, LONGEST_PERIOD_PX)
        _within("hue_start_deg", self.hue_start_deg, 0, 360)
        _within("size_jitter", self.size_jitter, 0, 1)
        _within("colour_jitter", self.colour_jitter, 0, 1)
        _within("seed", self.seed, 0, 2**31 - 1)
        if self.widest_px < self.thinnest_px:
            raise BadPen(f"widest_px ({self.widest_px:g}) is less than thinnest_px ({self.thinnest_px:g})")
        if self.colour is not None and not (isinstance(self.colour, str) and _COLOUR.fullmatch(self.colour)):
            raise BadPen(f"colour should be null for the rainbow or like #ffcc00, not {str(self.colour)[:40]!r}")
        if not isinstance(self.pressure, bool):
            raise BadPen(f"pressure should be true or false, not {str(self.pressure)[:40]!r}")
        if self.seed != int(self.seed):
            raise BadPen(f"seed should be a whole number, not {self.seed!r}")
        for name in _NUMBERS:
            object.__setattr__(self, name, float(getattr(self, name)))
        object.__setattr__(self, "seed", int(self.seed))

    @classmethod
    def from_dict(cls, pen: Any) -> Pen:
        """The pen of a stroke file or of the browser; fields that are missing are those of `classic`."""
        if not isinstance(pen, dict):
            raise BadPen(f"a pen is an object with fields such as thinnest_px, not a {type(pen).__name__}")
        known = [field.name for field in fields(cls)]
        unknown = [str(name)[:40] for name in pen if name not in known]
        if unknown:
            raise BadPen(f"a pen has no {', '.join(unknown[:3])}; it has {', '.join(known)}")
        return cls(**pen)

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    @property
    def step_px(self) -> float:
        """Distance between two stamps: small beside the thinnest width, so that the outline stays smooth."""
        return min(2.0, max(0.5, self.thinnest_px / 8))

    def widths_px(self, along_px: Floats, pressure: Floats, stroke: int) -> Floats:
        """Width (n,) at distances `along_px` (n,) of stroke number `stroke`, under `pressure` (n,) in [0, 1]."""
        phase = along_px / self.width_period_px
        phase = phase - np.floor(phase)
        rise = 1 - np.abs(2 * phase - 1)
        breath = rise * rise * (3 - 2 * rise)
        if self.size_jitter > 0:
            breath = breath + (noise(self.seed, stroke, 0, along_px) - breath) * self.size_jitter
        width = self.thinnest_px + (self.widest_px - self.thinnest_px) * breath
        return width * (0.3 + 0.7 * np.sqrt(pressure)) if self.pressure else width

    def colours(self, along_px: Floats, stroke: int) -> RGBImage:
        """RGB (n, 3) at distances `along_px` (n,); the brightest channel of the rainbow is always 255."""
        shift = noise(self.seed, stroke, 1, along_px) if self.colour_jitter > 0 else np.zeros_like(along_px)
        if self.colour is not None:
            plain = np.array([int(self.colour[i : i + 2], 16) for i in (1, 3, 5)], dtype=float)
            light = 1 - 0.5 * self.colour_jitter * shift
            return np.floor(plain[None, :] * light[:, None] + 0.5).astype(np.uint8)
        sixth = along_px / self.hue_period_px * 6
        if self.hue_start_deg > 0:
            sixth = sixth + self.hue_start_deg / 60
        if self.colour_jitter > 0:
            sixth = sixth + (shift - 0.5) * self.colour_jitter * 6
        sixth = sixth - 6 * np.floor(sixth / 6)
        rgb = np.stack([np.abs(sixth - 3) - 1, 2 - np.abs(sixth - 2), 2 - np.abs(sixth - 4)], axis=1)
        return np.floor(255 * np.clip(rgb, 0, 1) + 0.5).astype(np.uint8)


def draw(
    strokes: Strokes | Sequence[Any], pen: Pen | Sequence[Pen], size_px: int = PAD_PX, *, apart_px: float = 0.0
) -> RGBImage:
    """RGBImage (size_px, size_px, 3) uint8 on black, anti-aliased; what leaves the pad is cut off.

    `strokes` lie in the unit square, y down (see `demo.points`); a stroke of one point is a dot. `pen` draws them all,
    or is one pen for each stroke. Stamps that lie nearer to each other than `apart_px` of the image are thinned out to
    that: a smaller image needs fewer, and they are what takes the time. Raises BadStrokes or BadPen.
    """
    strokes = check(strokes)
    if not 1 <= size_px <= 4 * PAD_PX:
        raise ValueError(f"an image of {size_px} px cannot be drawn; 1 to {4 * PAD_PX} px can")
    pens = [pen] * len(strokes) if isinstance(pen, Pen) else list(pen)
    check_ink(strokes, pens)
    every = [max(1, int(apart_px / (each.step_px * size_px / PAD_PX))) for each in pens]
    return stamp_on(size_px, (stamps(stroke, pens[i], i).every(every[i]) for i, stroke in enumerate(strokes)))


def check_ink(strokes: Strokes, pens: Sequence[Pen]) -> None:
    """Raise BadPen unless there is one pen for each stroke, and BadStrokes for more ink than is drawn.

    Wide pens that travel far would take many seconds; the pad says that it is full before it comes to that.
    """
    if len(pens) != len(strokes):
        raise BadPen(f"{len(pens)} pens for {len(strokes)} strokes; there should be one pen, or one for each stroke")
    ink = sum(travel_px([stroke]) * pen.widest_px for stroke, pen in zip(strokes, pens, strict=True))
    if ink > MAX_INK_PX2:
        raise BadStrokes(f"{ink:,.0f} square px of ink (travel times width); at most {MAX_INK_PX2:,} can be drawn")


def stamps(stroke: list[Any], pen: Pen, index: int) -> Stamps:
    """The discs that stroke number `index` is made of, in px of the 364 px pad."""
    points = np.array([point[:2] for point in stroke], dtype=float) * PAD_PX
    pressure = np.array([1.0 if len(p) < 4 or p[3] is None else p[3] for p in stroke], dtype=float)
    track = Track.through(points, pressure, pen.step_px)
    return Stamps(
        centres_px=track.places_px,
        radii_px=pen.widths_px(track.along_px, track.pressure, index) / 2,
        colours=pen.colours(track.along_px, index),
    )


def noise(seed: int, stroke: int, channel: int, along_px: Floats) -> Floats:
    """Smooth noise (n,) in [0, 1] along a stroke, the same bits in every language."""
    place = along_px / JITTER_PX
    knot = np.floor(place)
    part = place - knot
    part = part * part * (3 - 2 * part)
    name = (seed + stroke * 0x9E3779B1 + channel * 0x85EBCA77) & 0xFFFFFFFF
    key = _mixed(np.array([name], dtype=np.uint32))
    before = _hashed(key, knot.astype(np.uint32))
    after = _hashed(key, knot.astype(np.uint32) + np.uint32(1))
    return before + (after - before) * part


def _hashed(key: NDArray[np.uint32], knot: NDArray[np.uint32]) -> Floats:
    return _mixed(knot * np.uint32(0xC2B2AE3D) + key) / 4294967296.0


def _mixed(h: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """Finaliser of MurmurHash3 (Appleby 2011, public domain): every bit of h reaches every bit of the answer."""
    h = h ^ (h >> np.uint32(16))
    h = h * np.uint32(0x85EBCA6B)
    h = h ^ (h >> np.uint32(13))
    h = h * np.uint32(0xC2B2AE35)
    return h ^ (h >> np.uint32(16))


def _within(name: str, value: Any, lowest: float, highest: float) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadPen(f"{name} should be a number, not {str(value)[:40]!r}")
    if not lowest <= value <= highest:
        shown = f"{value:.15g}" if isinstance(value, float) or abs(value) < 10**15 else "far too large"
        raise BadPen(f"{name} is {shown}; it should lie in [{lowest:,}, {highest:,}]")


_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
_NUMBERS = (
    *("thinnest_px", "widest_px", "width_period_px"),
    *("hue_period_px", "hue_start_deg", "size_jitter", "colour_jitter"),
)
PRESETS: dict[str, Pen] = {
    name: Pen.from_dict(pen)
    for name, pen in json.loads((Path(__file__).parent / "presets.json").read_text("utf-8")).items()
}
