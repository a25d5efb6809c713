"""The tab: what lies where, and which event fills which panel. What the panels show is computed in `look.py`."""

from __future__ import annotations

from typing import Any

import gradio as gr

import checkpoints
from demo.inference import Busy
from demo.laboratory import decoded as decoding
from demo.laboratory.agreeing import Agreeing
from demo.laboratory.asked import LIVE, LONGEST, looked_into
from demo.laboratory.decoded import Decoded
from demo.laboratory.exports import opinions_image, routing_image, sheet_image, two_image
from demo.laboratory.look import NoLook, agreement_panel, opinions_panel, sheet_panel, two_panel
from demo.laboratory.nets import with_capsules
from demo.laboratory.opinions import Opinions
from demo.laboratory.places import place
from demo.laboratory.saving import save_button, save_decoded_button
from demo.laboratory.sheet import Sheet
from demo.laboratory.sliders import Posed, PoseSliders, sliders
from demo.laboratory.two import Two
from demo.sketchpad import Sketchpad
from demo.sketchpad.drawing import Drawing

INTRODUCTION = """A capsule net does not only say which digit it sees: its **digit capsule** (a small vector, the
*pose*) also holds how the digit is written, and a **decoder** can draw the digit again from those sixteen numbers.
Turn them here and watch your own digit change; below, see how the net's small capsules came to agree
(**routing by agreement**, a vote held several times)."""


def tab(pad: Sketchpad, here: gr.Tab) -> None:
    """Fill the tab `here`, which is being built, with the laboratory of what is on `pad`."""
    gr.Markdown(INTRODUCTION, elem_classes="introduction")
    with gr.Row(elem_classes="choices"):
        net = gr.Dropdown([], value=None, label="Net with capsules", elem_id="laboratory-net")
        digit = gr.Dropdown(
            [LONGEST, *map(str, range(10))], value=LONGEST, label="Digit capsule", elem_id="laboratory-digit"
        )
    asked = [pad, net, digit]
    with gr.Row(elem_id="bench", elem_classes="bench"):
        with gr.Column(elem_classes="card", elem_id="bench-image", scale=2, min_width=300):
            result = Decoded(elem_id="decoded")
        with gr.Column(elem_classes="card", scale=3, min_width=300):
            pose = PoseSliders(elem_id="pose")
            save_decoded_button(pose)
    with gr.Row():
        with gr.Column(elem_classes="card", scale=3, min_width=300):
            heading("Every capsule's opinion", "What would it look like if it were a 9? Each digit capsule draws it.")
            opinions = Opinions(elem_id="opinions")
            save_button("Save the opinions", "opinions", opinions_image, asked)
        with gr.Column(elem_classes="card", scale=2, min_width=300):
            heading("Two digits at once", "Draw two digits over each other: the two longest capsules, in two colours.")
            two = Two(elem_id="two")
            save_button("Save the two digits", "two", two_image, asked)
    with gr.Row():
        with gr.Column(elem_classes="card", scale=3, min_width=300):
            heading("Routing, seen", "In each iteration a primary capsule gives more of its vote where others agree.")
            agreeing = Agreeing(elem_id="agreeing")
            save_button("Save every iteration", "routing", routing_image, asked)
        with gr.Column(elem_classes="card", scale=2, min_width=300):
            heading("The whole sheet", "Every dimension in eleven steps; the middle column is your drawing.")
            sheet = Sheet(elem_id="sheet")
            save_button("Save the sheet", "sheet", sheet_image, asked)
    shown = [result, pose, opinions, two, agreeing, sheet]
    here.select(opened, inputs=asked, outputs=[net, *shown], **LIVE)
    gr.on([net.input, digit.input], looked, inputs=asked, outputs=shown, **LIVE)
    pose.input(turned, inputs=pose, outputs=result, **LIVE)


def heading(title: str, explained: str) -> None:
    """The title of a card, and a sentence under it."""
    gr.HTML(f"<h2>{title}</h2><p>{explained}</p>", elem_classes=["section-title", "explained"])


def opened(drawing: Drawing | None, net: str | None, digit: str) -> list[Any]:
    """The nets to choose from, found when the tab is opened, and what `looked` shows of the chosen one."""
    nets = with_capsules()
    chosen = net if net in nets else next(iter(nets), None)
    return [gr.Dropdown(choices=nets, value=chosen), *looked(drawing, chosen, digit)]


def looked(drawing: Drawing | None, net: str | None, digit: str) -> list[Any]:
    """Values of every panel for what is on the pad; of none, with the reason, when there is nothing to look into."""
    try:
        look = looked_into(drawing, net, digit)
        with place():
            return [
                decoding.at_rest(look),
                sliders(look),
                opinions_panel(look),
                two_panel(look),
                agreement_panel(look),
                sheet_panel(look),
            ]
    except (NoLook, Busy) as error:
        return [decoding.hint(str(error)), None, None, None, None, None]


def turned(posed: Posed | None) -> Any:
    """Value of the decoded panel where the sliders stand now."""
    if posed is None:
        return gr.skip()
    try:
        with place():
            return decoding.moved(posed)
    except Busy as error:
        return decoding.kept(str(error))
    except (NoLook, checkpoints.WeightsError) as error:
        return decoding.hint(str(error))
