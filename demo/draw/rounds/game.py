"""The panel of the game and what it asks of Python: a deal, the score of a drawing, other people's drawings, giving.

Nothing of a game is kept here between two requests: the browser holds it. Whatever it sends is checked, and of a score
nothing is stored. Without a store the game is played all the same; only giving is not offered.
"""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import gradio as gr
import numpy as np
from numpy.typing import NDArray

from checkpoints.store.naming import MNIST_ONLY
from demo.challenge.drawings.contributors import BadContributor
from demo.challenge.store.database import StoreError
from demo.challenge.store.images import data_url as png_url
from demo.components import modules
from demo.components.data_url import data_url
from demo.components.panel import Panel
from demo.draw.rounds.scoring import LENGTH, PENS, deal_digits, deal_pens, shown
from demo.inference import Busy, available_nets, predict
from demo.sketchpad import Sketchpad
from demo.sketchpad.drawing import Drawing
from demo.sketchpad.payload import BadPayload, drawing_from

TERMS = Path(__file__).parents[2] / "challenge" / "consent.txt"
MOST_ASKED = 2**53  # the script counts what it asks in the numbers of JavaScript
OTHERS = 3  # drawings of other people shown for each digit
EACH: dict[str, Any] = {
    "queue": False,
    "trigger_mode": "multiple",
    "show_progress": "hidden",
    "api_visibility": "private",
}
Image = NDArray[np.uint8]


class Challenge(Protocol):
    """What the game needs of the challenge: see `demo.challenge.service` and `demo.challenge.drawings.rounds`."""

    def apart(self, ask: Callable[..., Any]) -> Callable[..., Any]: ...
    def deal_round(self) -> Any: ...
    def round_tickets(self, code: object) -> list[str]: ...
    def submit_round(self, key: str, drawn: Sequence[tuple[str, Drawing | None]], *, consent: object) -> list[Any]: ...
    def drawings_by_others(self, digit: int, *, key: str | None = None, number: int = 12) -> list[Any]: ...


class BadRequest(ValueError):
    """What the browser asked for is no part of a game; the message is for the person."""


class Rounds(Panel):
    """Value: the answer to what the script asked, `{"id", ...}`; it comes back as `{"id", "act", ...}`."""

    packed = True

    def __init__(self, **settings: Any) -> None:
        super().__init__(
            files=Path(__file__).parent / "rounds",
            script=modules.url("draw/rounds/game.mjs"),
            terms=TERMS.read_text(encoding="utf-8").replace("\n", " ").strip(),
            **settings,
        )

    def preprocess(self, payload: Any) -> Any:
        return payload


class Game:
    """The acts of a game, by the name the script calls them by.

    gallery     for each digit, images (H, W, 3) to show where no people have drawn it yet
    address_of  where a request came from, as the challenge counts it
    """

    def __init__(
        self,
        challenge: Challenge | None,
        gallery: Mapping[int, Sequence[Image]],
        address_of: Callable[[gr.Request], str | None],
    ) -> None:
        self.challenge = challenge
        self.gallery = gallery
        self.address_of = address_of
        self.acts = {"deal": self.deal, "score": self.score, "others": self.others, "give": self.give}

    async def play(self, asked: Any, drawing: Drawing | None, request: gr.Request) -> dict[str, Any]:
        """The answer to what the script asked, or `{"id", "problem"}` in words for the person."""
        number = None
        try:
            given = json.loads(asked) if isinstance(asked, str) and len(asked) < 1_000_000 else None
            act = self.acts.get(str(given.get("act"))) if isinstance(given, dict) else None
            if given is None or act is None:
                raise BadRequest("this page asked for something that is no part of the game: reload it")
            number = given.get("id")
            if not isinstance(number, int) or not 0 <= number < MOST_ASKED:
                number = None
            return {"id": number, **await act(given, drawing, request)}
        except RecursionError:
            return {"id": number, "problem": "what this page sent is too deep: reload it"}
        except (BadRequest, BadPayload, BadContributor, StoreError, Busy, ValueError) as problem:
            return {"id": number, "problem": str(problem)}

    async def deal(self, given: dict[str, Any], drawing: Drawing | None, request: gr.Request) -> dict[str, Any]:
        """Digits and pens for a game, and with a store the code with which its drawings may be given later."""
        dealt: dict[str, Any] = {"digits": deal_digits(), "code": None}
        if self.challenge is not None:
            try:
                round_ = await self.challenge.apart(self.challenge.deal_round)()
                dealt = {"digits": list(round_.digits), "code": round_.code}
            except StoreError:
                pass  # played without, and not given
        return {**dealt, "pens": [pen.to_dict() for pen in deal_pens()], "names": list(PENS)}

    async def score(self, given: dict[str, Any], drawing: Drawing | None, request: gr.Request) -> dict[str, Any]:
        """What the drawing on the pad is worth, by what all nets of both trainings predict."""
        digit = digit_of(given.get("digit"))
        ids = [*available_nets(MNIST_ONLY), *available_nets()]
        if drawing is None or drawing.empty:
            return {"points": 0, "nobody": False, "empty": True, "nets": []}
        predictions = await asyncio.to_thread(predict, drawing.image, ids)
        if predictions is None:
            return {"points": 0, "nobody": False, "empty": True, "nets": []}
        return shown(predictions, digit, ids)

    async def others(self, given: dict[str, Any], drawing: Drawing | None, request: gr.Request) -> dict[str, Any]:
        """Images of what other people drew for some digits, else of the gallery's pieces."""
        digits = given.get("digits")
        if not isinstance(digits, list) or len(digits) > LENGTH:
            raise BadRequest("the digits of a game should be a list of five")
        return {"others": [await self._others(digit_of(digit), given.get("key")) for digit in digits]}

    async def give(self, given: dict[str, Any], drawing: Drawing | None, request: gr.Request) -> dict[str, Any]:
        """Submit the drawings of a game to the challenge, after consent."""
        if self.challenge is None:
            raise BadRequest("this page keeps no drawings, so there is nothing to give them to")
        sent = given.get("drawings")
        if not isinstance(sent, list) or len(sent) > LENGTH:
            raise BadRequest("the drawings of a game should be a list of five")
        drawings = await asyncio.to_thread(lambda: [drawing_from(each) for each in sent])
        tickets = given.get("tickets") or await self.challenge.apart(self.challenge.round_tickets)(given.get("code"))
        if not isinstance(tickets, list) or len(tickets) < len(drawings):
            raise BadRequest("there is not a ticket for each drawing: play again")
        results = await self.challenge.apart(self.challenge.submit_round)(
            str(given.get("key") or ""),
            list(zip([str(ticket) for ticket in tickets], drawings, strict=False)),
            consent=given.get("consent"),
            device=str(given.get("device") or "unknown"),
            address=self.address_of(request),
        )
        return {"tickets": tickets, "given": [{"stored": one.stored, "problem": one.problem} for one in results]}

    async def _others(self, digit: int, key: Any) -> dict[str, Any]:
        images: list[str] = []
        if self.challenge is not None:
            try:
                ask = self.challenge.apart(self.challenge.drawings_by_others)
                found = await ask(digit, key=str(key) if key else None, number=OTHERS)
                images = [png_url(one.image) for one in found]
            except (StoreError, BadContributor):
                images = []
        if images:
            return {"from": "people", "images": images}
        pieces = list(self.gallery.get(digit, ()))
        chosen = random.sample(pieces, min(OTHERS, len(pieces)))
        return {"from": "the gallery", "images": [data_url(image) for image in chosen]}


def digit_of(value: Any) -> int:
    """A digit, 0 to 9. Raises BadRequest."""
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 9:
        raise BadRequest(f"a digit should be 0 to 9, not {str(value)[:20]!r}")
    return value


def rounds_panel(
    pad: Sketchpad,
    challenge: Challenge | None,
    gallery: Mapping[int, Sequence[Image]],
    address_of: Callable[[gr.Request], str | None],
) -> Rounds:
    """The buttons that start a game, and all its screens; rendered where it is called."""
    panel = Rounds(elem_id="rounds")
    game = Game(challenge, gallery, address_of)
    panel.input(game.play, inputs=[panel, pad], outputs=panel, **EACH)
    return panel
