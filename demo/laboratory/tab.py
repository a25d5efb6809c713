"""The tab: what lies where, and which event fills which panel. What the panels show is computed in `panels.py`."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import gradio as gr

from checkpoints.errors import WeightsError
from checkpoints.store import naming
from demo.capsules import capsule_nets
from demo.components.glossary import prose
from demo.components.panel import Panel, told
from demo.components.trainings import training_of, training_switch
from demo.draw.examples import examples
from demo.inference import Busy
from demo.laboratory import panels
from demo.laboratory.exports import save_row, save_row_of_sliders
from demo.laboratory.look import AS_DRAWN, INKS, LIKE_MNIST, LIVE, Look, NoLook, look_of, place
from demo.laboratory.sliders import Posed, PoseSliders, sliders
from demo.sketchpad import Sketchpad
from demo.sketchpad.drawing import Drawing
from demo.sketchpad.stroke_file import to_record

HERE = Path(__file__).parent
STARTERS = (3, 5, 8)  # digits of the examples that an empty pad is offered
INTRODUCTION = """For every digit a [capsule net|capsule] keeps sixteen numbers, its [pose]: how much it believes in
the digit, and how the digit is written. Five steps through your own drawing."""
STEPS = (
    ("What it saw", "Your drawing on its way into the net: grey by [luma], and 28 x 28 pixels large."),
    (
        "What it believes",
        "Ten digit capsules, ten ideas of your drawing. Each draws its own, at the length of the longest, and the "
        "dimmer the less it believes in it. Choose one to look into.",
    ),
    (
        "Turn its knobs",
        "Change the [pose] and watch the digit change: each knob follows a direction along which the training set's "
        "digits differ in one thing.",
    ),
    (
        "How the capsules agreed",
        "[Routing] by agreement: a vote held several times. Each small capsule gives more of its vote to the digit "
        "that others vote for, too.",
    ),
    ("Two digits at once", "Draw two digits over each other: the two longest capsules, each in its own colour."),
)


def tab(pad: Sketchpad, here: gr.Tab) -> gr.Radio:
    """Fill the tab `here`, which is being built, with the laboratory of what is on `pad`; returns its training."""
    gr.HTML(prose(INTRODUCTION), elem_classes="introduction")
    with gr.Row(elem_classes="choices", elem_id="laboratory-choices"):
        training = training_switch("laboratory-training")
        net = gr.Radio([], label="Net", elem_id="laboratory-net", elem_classes="segmented")
        way = gr.Radio(
            [LIKE_MNIST, AS_DRAWN],
            value=LIKE_MNIST,
            label="Size and place",
            elem_id="laboratory-way",
            elem_classes=["segmented"],
        )
        ink = gr.Radio(
            list(INKS),
            value=next(iter(INKS)),
            label="Colour becomes",
            elem_id="laboratory-ink",
            elem_classes=["segmented"],
        )
    digit = gr.State(None)  # None: the longest capsule
    seen = gr.State("")  # which drawing was looked into last
    asked = [pad, net, training, way, ink, digit]
    with gr.Column(elem_id="laboratory"):
        start = Panel(starters(), files=HERE / "start", elem_id="laboratory-start")
        Panel({"steps": [title for title, _ in STEPS]}, files=HERE / "story", elem_id="story")
        with gr.Row(elem_id="bench"):
            with gr.Column(elem_classes="card", elem_id="bench-image", scale=2, min_width=280):
                stage = Panel(files=HERE / "stage", elem_id="stage")
            with gr.Column(elem_id="steps", scale=3, min_width=300):
                with step(1):
                    saw = Panel(files=HERE / "saw", elem_id="saw")
                    save_row("saw", asked)
                with step(2):
                    opinions = Panel(files=HERE / "opinions", elem_id="opinions")
                    save_row("opinions", asked)
                with step(3):
                    pose = PoseSliders(elem_id="pose")
                    save_row_of_sliders(pose)
                    with gr.Accordion("All sixteen dimensions in eleven steps", open=False, elem_id="whole-sheet"):
                        sheet = Panel(files=HERE / "sheet", elem_id="sheet")
                        save_row("sheet", asked)
                with step(4):
                    routing = Panel(files=HERE / "routing", elem_id="routing")
                    save_row("routing", asked)
                with step(5):
                    two = Panel(files=HERE / "two", elem_id="two")
                    save_row("two", asked)
    shown = [stage, saw, opinions, pose, sheet, routing, two]
    here.select(opened, inputs=[*asked, seen], outputs=[net, digit, seen, *shown], **LIVE)
    gr.on([net.input, training.input], looked, inputs=asked, outputs=shown, **LIVE)
    gr.on([way.input, ink.input], looked, inputs=asked, outputs=shown, **LIVE)
    for panel in (stage, opinions):
        panel.select(chosen, inputs=asked, outputs=[digit, *shown], **LIVE)
    start.select(started, inputs=asked, outputs=[pad, digit, seen, *shown], **LIVE)
    pose.input(turned, inputs=pose, outputs=stage, **LIVE)
    return training


def step(number: int) -> gr.Column:
    """The card of a step of the story, its title and what it is about."""
    title, explained = STEPS[number - 1]
    column = gr.Column(elem_classes=["card", "step"], elem_id=f"step-{number}")
    with column:
        gr.HTML(f"<h2>{title}</h2>{prose(explained)}", elem_classes=["section-title", "explained"])
    return column


def starters() -> dict[str, Any]:
    """Three drawings to begin with, which the page draws."""
    return {"starters": [to_record(next(one for one in examples() if one.label == digit)) for digit in STARTERS]}


def opened(
    drawing: Drawing | None, net: str | None, training: str, way: str, ink: str, digit: int | None, seen: str
) -> list[Any]:
    """The nets to choose from, found when the tab is opened, and what `looked` shows; of a new drawing the longest
    capsule is looked into."""
    names = [naming.split(net_id)[0] for net_id in capsule_nets(training_of(training))]
    chosen_net = net if net in names else next(iter(names), None)
    key = fingerprint(drawing)
    kept = digit if key == seen else None
    return [
        gr.Radio(choices=names, value=chosen_net),
        kept,
        key,
        *looked(drawing, chosen_net, training, way, ink, kept),
    ]


def fingerprint(drawing: Drawing | None) -> str:
    """Tells drawings apart; "" for an empty pad."""
    return "" if drawing is None or drawing.empty else hashlib.sha256(drawing.image.tobytes()).hexdigest()


def looked(drawing: Drawing | None, net: str | None, training: str, way: str, ink: str, digit: int | None) -> list[Any]:
    """Values of every panel for what is on the pad; of none, with the reason, when there is nothing to look into."""
    try:
        with place():
            return values(look_of(drawing, net, training, way, ink, digit))
    except (NoLook, Busy, WeightsError) as error:
        empty = drawing is None or drawing.empty
        return [panels.hint(str(error), empty=empty), None, None, None, None, None, None]


def values(look: Look) -> list[Any]:
    return [
        panels.stage(look),
        panels.saw(look),
        panels.opinions(look),
        sliders(look),
        panels.sheet(look),
        panels.routing(look),
        panels.two(look),
    ]


def chosen(
    drawing: Drawing | None,
    net: str | None,
    training: str,
    way: str,
    ink: str,
    _digit: int | None,
    event: gr.EventData,
) -> list[Any]:
    """The capsule that was clicked is looked into."""
    digit = told(event, "digit")
    if not isinstance(digit, int) or isinstance(digit, bool) or digit not in range(10):
        raise gr.Error("There is no such capsule.")
    return [digit, *looked(drawing, net, training, way, ink, digit)]


def started(
    _drawing: Drawing | None,
    net: str | None,
    training: str,
    way: str,
    ink: str,
    _digit: int | None,
    event: gr.EventData,
) -> list[Any]:
    """One of the three drawings, for the pad, and what the nets make of it."""
    digit = told(event, "digit")
    drawing = next((one for one in examples() if one.label == digit and digit in STARTERS), None)
    if drawing is None:
        raise gr.Error("There is no such drawing to begin with.")
    return [drawing, None, fingerprint(drawing), *looked(drawing, net, training, way, ink, None)]


def turned(posed: Posed | None) -> Any:
    """Value of the stage where the sliders stand now."""
    if posed is None:
        return gr.skip()
    try:
        with place():
            return panels.moved(posed)
    except Busy as error:
        return panels.kept(str(error))
    except (NoLook, WeightsError) as error:
        return panels.hint(str(error))
