"""From the events of a lesson to what its panel shows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from checkpoints.evaluation.statistics import wilson
from checkpoints.store import naming
from demo.components.colours import colour_of
from demo.components.data_url import data_url
from demo.draw.sentence import in_words
from demo.public_text import public_text
from demo.teach import pen_map
from demo.teach.lesson import ON_THE_WAY, Drawn, Event, Images, Learned, Mapped, Order, Passed, Step

MOST_STRIPS = 5  # of twenty digits each, for the wall
KNOWN = 90  # of 100: who reads so many knows a pen
MOST_GAINED, MOST_LOST = 16, 8  # digits that are shown of those that a net has learned to read, and has lost


def message(text: str) -> dict[str, Any]:
    """No lesson, and why."""
    return {"state": "message", "said": text}


def queued(ahead: int) -> dict[str, Any]:
    """A lesson that waits for its turn."""
    before = "one lesson" if ahead == 1 else f"{in_words(ahead)} lessons"
    return {"state": "running", "said": f"Waiting for your turn: {before} before yours.", "nets": []}


@dataclass
class Progress:
    """All that is known of a running lesson; `take` its events, and show its `value`."""

    order: Order
    state: str = "running"
    drawn: int = 0
    wall: list[str] = field(default_factory=list)
    nets: dict[str, dict[str, Any]] = field(default_factory=dict)
    learned: list[Learned] = field(default_factory=list)
    ended_early: str = ""  # and why
    unmapped: str = ""  # why the maps are missing

    def __post_init__(self) -> None:
        for pupil in self.order.pupils:
            name = naming.split(pupil.net_id)[0]
            self.nets[pupil.net_id] = {"name": name, "colour": colour_of(name), "state": "waits", "curve": []}

    def take(self, event: Event) -> None:
        if isinstance(event, Drawn):
            self.drawn += len(event.tiles)
            if len(self.wall) < MOST_STRIPS:
                self.wall.append(data_url(np.concatenate(list(event.tiles), axis=1)))
            return
        net = self.nets[event.net_id]
        if isinstance(event, Passed):
            net |= {"state": "passed", "why": public_text(event.why)}
        elif isinstance(event, Mapped):
            net |= {"map": _map(event)}
        elif isinstance(event, Step):
            net |= {"state": "learns", "curve": [*net["curve"], [event.step, event.correct]]}
            digit = event.own and event.own[0]
            net |= {"own": digit, "first": net.get("first", digit), "left": round(event.seconds_left)}
        else:
            net |= _outcome(event)
            self.learned.append(event)

    @property
    def over(self) -> bool:
        """Whether every net has learned or was passed; what comes then are their maps."""
        return all(net["state"] in ("taught", "passed") for net in self.nets.values())

    def end(self, early: str = "") -> None:
        """The lesson is over: whoever still waits or learns was not reached, and is as it was."""
        if self.state == "done":
            self.unmapped = early and f"The maps of other pens are missing: {public_text(early)}."
            return
        self.state, self.ended_early = "done", early
        for net in self.nets.values():
            if net["state"] in ("waits", "learns"):
                net |= {"state": "passed", "why": "the lesson ended before it had learned"}

    @property
    def said(self) -> str:
        if self.state != "running":
            return ""
        if self.drawn < self.order.digits:
            return f"Your pen draws {self.order.digits} of MNIST's digits: {self.drawn} are there."
        learning = [net for net in self.nets.values() if net["state"] == "learns"]
        if not learning:
            return "The first digits are drawn; the lesson begins."
        net = learning[-1]
        left = net["left"]
        return f"{net['name']} is learning your pen: " + (f"about {left} s left." if left else "almost done.")

    def value(self) -> dict[str, Any]:
        return {
            "state": self.state,
            "said": self.said,
            "wall": self.wall,
            "steps": self.order.steps,
            "asked": ON_THE_WAY,
            "nets": [dict(net) for net in self.nets.values()],
            "sentence": self.sentence if self.state == "done" else "",
            "lesson": {"steps": self.order.steps, "digits": self.order.digits, "seed": self.order.seed},
            "pen": self.order.pen.to_dict(),
            "unmapped": self.unmapped,
            "axes": _axes(self.order) if self.state == "done" else None,
        }

    @property
    def sentence(self) -> str:
        said = sentence(self.learned, self.nets)
        if not self.ended_early:
            return said
        taught = {one.net_id for one in self.learned}
        others = ", ".join(net["name"] for net_id, net in self.nets.items() if net_id not in taught)
        return f"{said} Then {public_text(self.ended_early)}: {others or 'nobody'} did not learn."


def sentence(learned: list[Learned], nets: dict[str, dict[str, Any]]) -> str:
    """What the net that gained most has learned, and what it forgot."""
    if not learned:
        return "Nobody learned this pen: " + "; ".join(
            f"{net['name']}: {net.get('why', 'the lesson ended before its turn')}" for net in nets.values()
        )
    best = max(learned, key=lambda one: one.after["pen"] - one.before["pen"])
    before, after = (
        {key: 100 * figures[key] / figures["total"] for key in ("pen", "mnist")}
        for figures in (best.before, best.after)
    )
    name = naming.split(best.net_id)[0]
    exact = 1 if before["pen"] != after["pen"] and round(before["pen"]) == round(after["pen"]) else 0
    was, became = (f"{figures['pen']:.{exact}f}" for figures in (before, after))
    if after["pen"] <= before["pen"]:
        knew = "knew this pen already" if before["pen"] >= KNOWN else "did not learn this pen"
        return f"{name} {knew}: {was} of 100 before the lesson, {became} after it."
    seconds = max(1, round(best.seconds))
    gained = f"In {in_words(seconds)} second{'s' if seconds > 1 else ''} {name} learned your pen"
    gained = f"{gained}: from {was} to {became} of 100."
    if after["mnist"] < before["mnist"]:
        return f"{gained} It forgot: MNIST {before['mnist']:.1f} to {after['mnist']:.1f}."
    return f"{gained} It forgot nothing: MNIST {before['mnist']:.1f} to {after['mnist']:.1f}."


def _outcome(learned: Learned) -> dict[str, Any]:
    return {
        "state": "taught",
        "seconds": round(learned.seconds, 1),
        "figures": {
            key: [_share(figures[key], figures["total"]) for figures in (learned.before, learned.after)]
            for key in ("pen", "mnist")
        },
        "earlier": [[_share(count, ON_THE_WAY) for count in pair] for pair in learned.earlier],
        "gained": _tiles(learned.gained, MOST_GAINED),
        "lost": _tiles(learned.lost, MOST_LOST),
    }


def _axes(order: Order) -> dict[str, Any]:
    """Of the maps of this lesson: rows and columns, and the cells that its pen, and the earlier ones, go through."""
    return {
        "widths": pen_map.WIDTHS_PX,
        "colours": pen_map.COLOURS,
        "digits": pen_map.DIGITS,
        "pen": pen_map.cells_of(order.pen),
        "earlier": sorted({cell for pen in order.earlier for cell in pen_map.cells_of(pen)}),
    }


def _map(event: Mapped) -> dict[str, Any]:
    """Percent of each cell, and of all together, before and after."""
    tables = {"before": event.before, "after": event.after}
    return {
        when: {
            "cells": [[round(100 * count / pen_map.DIGITS) for count in row] for row in table],
            "mean": round(pen_map.mean_percent(table)),
        }
        for when, table in tables.items()
    }


def _share(correct: int, total: int) -> dict[str, float]:
    low, high = wilson(correct, total)
    return {"percent": round(100 * correct / total, 1), "low": round(100 * low, 1), "high": round(100 * high, 1)}


def _tiles(changed: list[tuple[int, int, int, Images]], most: int) -> dict[str, Any]:
    return {
        "count": len(changed),
        "tiles": [
            {"label": label, "before": before, "after": after, "image": data_url(tile)}
            for label, before, after, tile in changed[:most]
        ],
    }
