"""What the events of a lesson's panel ask for: a lesson, and its end."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

import gradio as gr
import torch
from torch import nn

import architectures
import checkpoints
from architectures.input.mnist_like import Ink, mnist_like
from architectures.input.pen import Pen
from checkpoints.store import naming
from checkpoints.training.teaching import Figures, Lesson, card_of
from demo.components.panel import tell_how_it_ended
from demo.components.trainings import with_taught
from demo.inference import Busy, available_nets, hub_repo, in_training, net_of
from demo.public_text import public_text
from demo.sketchpad.drawing import Drawing
from demo.taught_nets import Taught, taught, training_by
from demo.teach.lesson import Learned, Order, Passed, Pupil
from demo.teach.panel import Asked, TeachPanel
from demo.teach.process import LessonFailed, lesson, prepare
from demo.teach.progress import Progress, message, queued
from demo.teach.turns import WAITING, Turns
from demo.teach.weights import folder

TURN_S = 0.5  # how often somebody who waits is told the place
EARLIER = 3  # pens of earlier lessons that are looked at again
QUEUED: dict[str, Any] = {
    "show_progress": "hidden",
    "trigger_mode": "once",
    "api_visibility": "private",
    "concurrency_limit": WAITING + 3,  # those beyond are told so at once, and do not wait without a word
}
AT_ONCE: dict[str, Any] = {"queue": False, "show_progress": "hidden", "api_visibility": "private"}
GroupOf = Callable[[gr.Request], str]


def wire(
    panels: Sequence[TeachPanel],
    pad: gr.HTML,
    way: gr.Radio,
    ink: gr.Radio,
    switches: Sequence[gr.Radio],
    group_of: GroupOf,
    fed_how: Callable[[str, str], tuple[bool, Ink]],
) -> None:
    """Connect the panels with the page that is being built.

    switches  of the training: the first is moved to what was taught, the others are offered it
    group_of  the group of addresses that a request comes from
    fed_how   what the choices of `way` and `ink` mean for `mnist_like`: centre, and the ink
    """
    turns = Turns()
    for panel in panels:
        classroom = Classroom(group_of, fed_how, turns, str(panel.elem_id))
        run = panel.submit(classroom.run, [panel, pad, way, ink], [panel, *switches], **QUEUED)
        tell_how_it_ended(run, f"#{panel.elem_id} .teach")
        panel.clear(classroom.cancel, **AT_ONCE)
        panel.focus(prepare, **AT_ONCE)


@dataclass(frozen=True)
class Classroom:
    """The lessons of one panel; `turns` is the queue for all of them and for all visitors."""

    group_of: GroupOf
    fed_how: Callable[[str, str], tuple[bool, Ink]]
    turns: Turns = field(default_factory=Turns)
    panel: str = ""

    def run(
        self, asked: Asked | None, drawing: Drawing | None, way: str, ink: str, request: gr.Request
    ) -> Iterator[tuple[Any, Any, Any]]:
        """Values of the panel and of both switches, new ones whenever something has happened."""
        if asked is None:
            yield message("The pad has not told its pen: reload the page, please."), gr.skip(), gr.skip()
            return
        training = training_by(request)
        try:
            with self.turns.place(training, self.group_of(request), self.panel) as cancelled:
                while ahead := self.turns.ahead(training, TURN_S):
                    yield queued(ahead), gr.skip(), gr.skip()
                    if cancelled.is_set():
                        return
                centre, kind = self.fed_how(way, ink)
                own = None if drawing is None or drawing.empty else mnist_like(drawing.image, centre=centre, ink=kind)
                progress = Progress(order_of(asked, training, own))
                yield progress.value(), gr.skip(), gr.skip()
                done = False
                for some in _taken(progress):
                    if cancelled.is_set() and not done:
                        return
                    if not some:
                        continue
                    if progress.state == "running" or done:
                        yield _shown(progress, training), gr.skip(), gr.skip()
                        continue
                    done = True
                    for learned in [*progress.learned]:
                        keep(learned, progress, training)
                    yield _shown(progress, training), *_switched(progress, training)
        except (Busy, checkpoints.WeightsError, architectures.BadArchitecture, OSError, RuntimeError) as error:
            yield message(public_text(error)), gr.skip(), gr.skip()

    def cancel(self, request: gr.Request) -> None:
        """Let the lesson that this panel has asked for end, and leave the nets as they are."""
        self.turns.cancel(training_by(request), self.panel)


def _taken(progress: Progress) -> Iterator[bool]:
    """Give the lesson; tells all along whether anything has happened. Raises LessonFailed if nobody has learned."""
    with closing(lesson(progress.order)) as told:
        try:
            for events in told:
                for event in events:
                    progress.take(event)
                if progress.over:
                    progress.end()
                yield bool(events)
        except LessonFailed as error:
            if not progress.learned:
                raise
            progress.end(str(error))
            yield True


def _shown(progress: Progress, training: str) -> dict[str, Any]:
    there = progress.state == "done" and progress.learned
    return progress.value() | ({"weights": folder(training)} if there else {})


def _switched(progress: Progress, training: str) -> tuple[Any, Any]:
    """Both switches, once there are nets for their third choice."""
    if not progress.learned:
        return gr.skip(), gr.skip()
    switch = with_taught(training)
    return gr.update(choices=switch, value=training), gr.update(choices=switch)


def order_of(asked: Asked, training: str, own: torch.Tensor | None) -> Order:
    """The lesson for the nets asked for, the smallest first; those that were taught before go on from there."""
    names = asked.nets or [naming.split(each)[0] for each in available_nets(naming.MNIST_ONLY)]
    nets = {in_training(name, naming.MNIST_ONLY): taught.find(naming.id_of(name, training)) for name in names}
    earlier: list[Pen] = []
    for before in filter(None, nets.values()):
        pens = [Pen.from_dict(card["pen"]) for card in before.lessons]
        earlier += [pen for pen in pens if pen not in earlier and pen != asked.pen]
    pupils = [Pupil(net_id, _weights(before.net) if before else None) for net_id, before in nets.items()]
    return Order(
        pen=asked.pen,
        pupils=tuple(sorted(pupils, key=lambda pupil: _parameters(pupil.net_id))),
        digits=asked.digits,
        steps=asked.steps,
        seed=asked.seed,
        own=None if own is None else own.numpy(),
        earlier=tuple(earlier[-EARLIER:]),
        chosen=bool(asked.nets),
        hub_repo=hub_repo(),
    )


def keep(learned: Learned, progress: Progress, training: str) -> None:
    """Keep what a net has become for the visit, and say so where it cannot be kept."""
    order = progress.order
    name = naming.split(learned.net_id)[0]
    before = taught.find(naming.id_of(name, training))
    card = card_of(
        learned.net_id,
        Lesson(order.pen, order.digits, order.steps, order.seed),
        Figures(**learned.before),
        Figures(**learned.after),
    )
    lessons = (*(before.lessons if before else ()), card)
    if before:
        card["earlier"] = [{key: each[key] for key in ("pen", "digits", "steps", "seed")} for each in before.lessons]
    net = copy.deepcopy(net_of(learned.net_id))
    net.load_state_dict({key: torch.from_numpy(value) for key, value in learned.weights.items()})
    try:
        taught.put(naming.id_of(name, training), Taught(net, card, lessons))
    except checkpoints.MissingWeights as error:
        progress.learned.remove(learned)
        progress.take(Passed(learned.net_id, str(error)))


def _weights(net: nn.Module) -> dict[str, Any]:
    return {key: value.detach().cpu().numpy() for key, value in net.state_dict().items()}


def _parameters(net_id: str) -> int:
    try:
        return sum(parameter.numel() for parameter in net_of(net_id).parameters())
    except (checkpoints.WeightsError, architectures.BadArchitecture):
        return 0  # the lesson says what is wrong with it
