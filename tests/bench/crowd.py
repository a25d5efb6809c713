"""People who draw and label over HTTP: each sends to the real app what the page's script sends, at a human pace."""

from __future__ import annotations

import asyncio
import random
import secrets
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import httpx

from demo.challenge.drawings.contributors import new_key
from demo.challenge.store.images import data_url, png_of
from demo.draw.examples import examples
from demo.sketchpad.payload import image_url

PAUSE_S = (1.0, 3.0)  # shortest and longest between an answer and the next thing this person sends; 2 s on average
TIMEOUT_S = 60.0

Value = dict[str, Any]


@dataclass
class Seen:
    """What a crowd saw.

    seconds    each answer took, by what was sent: "submit" or "label"
    confirmed  uids of the drawings that the page said were in
    unread     of these, how many the nets were too busy to read at once
    errors     refusals and failures, in words
    """

    seconds: dict[str, list[float]] = field(default_factory=lambda: {"submit": [], "label": []})
    confirmed: set[str] = field(default_factory=set)
    unread: int = 0
    errors: list[str] = field(default_factory=list)


class Page:
    """One person's page: the handlers of the challenge, found by what they hang on, asked in one session."""

    def __init__(self, client: httpx.AsyncClient, config: Value, number: int) -> None:
        self.client = client
        self.headers = {"X-Forwarded-For": f"10.{number // 256}.{number % 256}.1"}  # as behind a proxy on this machine
        self.handlers = handlers(config)
        self.session = secrets.token_hex(5)

    async def send(self, what: tuple[str, str], *data: Any) -> list[Any]:
        """What the handler of the event (element's id or tab's name, event) answers. Raises httpx.HTTPError."""
        body = {"data": data, "fn_index": self.handlers[what], "session_hash": self.session}
        answer = await self.client.post("/gradio_api/run/predict", json=body, headers=self.headers)
        answer.raise_for_status()
        return answer.json()["data"]


def handlers(config: Value) -> dict[tuple[str, str], int]:
    """Number of each handler, by the id (for a tab, the name) of the element it hangs on and the event."""
    names = {
        component["id"]: component["props"].get("elem_id") or component["props"].get("label") or ""
        for component in config["components"]
    }
    return {
        (names[target], event): dependency["id"]
        for dependency in config["dependencies"]
        for target, event in dependency["targets"]
        if target in names
    }


def crowd(address: str, people: int, seconds: float) -> Seen:
    """So many people draw and label in turn for so long, each from a network of their own."""
    return asyncio.run(_crowd(address, people, seconds))


async def _crowd(address: str, people: int, seconds: float) -> Seen:
    seen = Seen()
    limits = httpx.Limits(max_connections=people)
    async with httpx.AsyncClient(base_url=address, timeout=TIMEOUT_S, limits=limits) as client:
        config = (await client.get("/config")).raise_for_status().json()
        # The first to come opens the store and wakes the nets.
        await _person(Page(client, config, people), Seen(), time.monotonic(), -1)
        until = time.monotonic() + seconds
        await asyncio.gather(*(_person(Page(client, config, number), seen, until, number) for number in range(people)))
    return seen


async def _person(page: Page, seen: Seen, until: float, number: int) -> None:
    """Come, then draw and label in turn until it is late; at least once."""
    dice = random.Random(number)
    key = new_key()
    prompt, _, _ = await page.send(("Challenge", "select"), key, "", True, {})
    shown: Value = {}
    while True:
        await asyncio.sleep(dice.uniform(*PAUSE_S))
        prompt = await _submit(page, seen, key, prompt, dice)
        await asyncio.sleep(dice.uniform(*PAUSE_S))
        shown = await _label(page, seen, key, shown)
        if time.monotonic() > until:
            return


async def _submit(page: Page, seen: Seen, key: str, prompt: Value, dice: random.Random) -> Value:
    uid = prompt["ticket"].split(".")[1]
    payload = dice.choice(_payloads()[prompt["digit"]])
    event = ("challenge-submit", "click")
    answered = await _timed(seen, "submit", lambda: page.send(event, key, prompt, payload, True, "", "mouse"))
    if answered is None:
        return prompt
    shown, _, following = answered
    if "headline" not in shown:
        return prompt
    seen.confirmed.add(uid)
    seen.unread += not shown["nets"]
    return following


async def _label(page: Page, seen: Seen, key: str, shown: Value) -> Value:
    """Label what is assigned, or open the tab to be assigned something."""
    if "uid" in shown:
        given = {"uid": shown["uid"], "ticket": shown["ticket"], "label": _read(shown["image"])}
        answered = await _timed(seen, "label", lambda: page.send(("challenge-annotate", "input"), given, key, True))
    else:
        answered = await _timed(seen, "label", lambda: page.send(("Label", "select"), key, True))
    return {} if answered is None else answered[0]


async def _timed(seen: Seen, what: str, send: Callable[[], Awaitable[list[Any]]]) -> list[Any] | None:
    """What the page answered; None after a failure, which is noted."""
    started = time.perf_counter()
    try:
        answered = await send()
    except httpx.HTTPError as error:
        seen.errors.append(f"{what}: {error!r}")
        return None
    seen.seconds[what].append(time.perf_counter() - started)
    if "problem" in answered[0]:
        seen.errors.append(f"{what}: {answered[0]['problem']}")
    return answered


@cache
def _payloads() -> dict[int, list[Value]]:
    """What the pad sends for each example, by digit."""
    found: dict[int, list[Value]] = {digit: [] for digit in range(10)}
    for drawing in examples():
        if drawing.label is not None:
            pens = {
                "pen": drawing.pen.to_dict(),
                **({"pens": [p.to_dict() for p in drawing.pens]} if drawing.pens else {}),
            }
            found[drawing.label].append({"image": image_url(drawing.image), "strokes": drawing.strokes, **pens})
    return found


@cache
def _digits() -> dict[str, int]:
    """What the examples show, by their image: these people read as well as they draw."""
    return {data_url(png_of(drawing.image)): drawing.label for drawing in examples() if drawing.label is not None}


def _read(image: str) -> int:
    return _digits()[image]
