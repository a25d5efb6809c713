"""From what is on the pad, and how the person wants it read, to what the panels show."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import Any

import gradio as gr

from architectures.input.mnist_like import Ink
from demo.draw.bars import bars, problem
from demo.draw.reconstruction import reconstruction
from demo.draw.sees import sees
from demo.inference import Busy, Overtaken, Predictions, available_nets, predict
from demo.serving.server import SESSIONS
from demo.settings import ALL
from demo.sketchpad.drawing import Drawing

LIKE_MNIST, AS_DRAWN = "like MNIST", "as drawn"
LUMA, MASK = "luma", "ink mask"
INKS: dict[str, Ink] = {LUMA: "luma", MASK: "mask"}

Shown = tuple[dict[str, Any], dict[str, Any], dict[str, Any]]


def chosen(net: str) -> list[str]:
    """The nets that a choice of the selector stands for."""
    return available_nets() if net == ALL else [net]


class Turns:
    """Which image each open page has sent last: an answer to an older one would come too late to be shown.

    The pad numbers what it sends. An empty pad has no number and overtakes all that was sent before it.
    """

    def __init__(self, pages: int = SESSIONS) -> None:
        self._pages = pages
        self._last: OrderedDict[str, float] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, page: str, turn: int | None) -> bool:
        """Note that `page` has sent its image number `turn`, or has emptied its pad (None); whether that is news."""
        with self._lock:
            last = self._last.pop(page, -1.0)
            self._last[page] = last // 1 + 0.5 if turn is None else max(last, turn)
            while len(self._last) > self._pages:
                self._last.popitem(last=False)
        return turn is None or turn > last

    def newest(self, page: str, turn: int | None) -> bool:
        """Whether nothing newer than image number `turn` has come from `page`."""
        return turn is None or turn >= self._last.get(page, -1.0)


_turns = Turns()
UNCHANGED = (gr.skip(), gr.skip(), gr.skip())


def follow(drawing: Drawing | None, net: str, way: str, ink: str, request: gr.Request) -> Shown:
    """Like `answer`, while a stroke is being drawn: an image that has been asked about already is not read again."""
    if drawing is not None and not _turns.take(str(request.session_hash), drawing.turn):
        return UNCHANGED
    return answer(drawing, net, way, ink, request)


def answer(drawing: Drawing | None, net: str, way: str, ink: str, request: gr.Request) -> Shown:
    """Values of the bars, of what the net sees and of the reconstruction, for what is on the pad.

    Nothing changes when a newer image of the same page has come meanwhile: its own answer is on the way.
    """
    nets = chosen(net)
    page = str(request.session_hash)
    if drawing is None or drawing.empty:
        _turns.take(page, None)
        return shown(nets, None)
    _turns.take(page, drawing.turn)

    def wanted() -> bool:
        return _turns.newest(page, drawing.turn)

    try:
        found = shown(nets, predict(drawing.image, nets, centre=way == LIKE_MNIST, ink=INKS[ink], wanted=wanted))
    except Busy as error:
        return problem(nets, str(error)), gr.skip(), gr.skip()
    except Overtaken:
        found = None
    return found if found is not None and wanted() else UNCHANGED


def shown(nets: list[str], predictions: Predictions | None) -> Shown:
    return bars(nets, predictions), sees(predictions), reconstruction(nets, predictions)
