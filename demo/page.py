"""The page: where its parts lie and how they are wired. What they do is in the modules they come from."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr

import architectures
from demo.challenge.drawings.address_groups import network_of
from demo.challenge.page.handlers import address_of
from demo.challenge.service import Challenge
from demo.challenge.tab import tab as challenge
from demo.components.trainings import MNIST_ONLY, training_switch
from demo.draw.answering import AS_DRAWN, INKS, LIKE_MNIST, LUMA, MASK, answer, answer_other, chosen, follow
from demo.draw.bars import Bars, bars
from demo.draw.chips import Chips
from demo.draw.example_strip import example_strip
from demo.draw.net_card import NetCard, on_tile
from demo.draw.reconstruction import Reconstruction, reconstruction
from demo.draw.rounds.game import rounds_panel
from demo.draw.save_buttons import save_buttons
from demo.draw.sees import Sees, sees
from demo.draw.verdict import OtherTraining, Verdict, verdict
from demo.gallery.pieces import images_by_digit
from demo.gallery.tab import tab as gallery
from demo.laboratory.tab import tab as laboratory
from demo.serving import classify
from demo.serving.server import CACHE_SECONDS
from demo.settings import ALL, Settings
from demo.sketchpad import Sketchpad
from demo.sketchpad.brush import brush_panel
from demo.stress.tab import tab as stress_test
from demo.teach.handlers import wire
from demo.teach.panel import TeachPanel

TITLE = "Handwritten Digit Challenge"
HEADER = Path(__file__).parent / "theme" / "header.html"
PANELS = Path(__file__).parent / "draw"

# Answers come while the pen moves: no queue, and of the events that pile up during one answer only the last counts.
LIVE: dict[str, Any] = {
    "queue": False,
    "trigger_mode": "always_last",
    "show_progress": "hidden",
    "api_visibility": "private",
}


def page(settings: Settings) -> gr.Blocks:
    """The whole page; `demo.serving.server.launch` serves it."""
    kept = Challenge(settings.database)
    with gr.Blocks(
        title=TITLE, analytics_enabled=False, fill_width=True, delete_cache=(CACHE_SECONDS, CACHE_SECONDS)
    ) as blocks:
        gr.HTML(HEADER.read_text(encoding="utf-8"), apply_default_css=False)
        with gr.Tabs() as tabs:
            with gr.Tab("Draw", id="draw"):
                drawing = draw(blocks, settings, kept)
                pad = drawing.pad
            with gr.Tab("Capsule laboratory") as here:
                laboratory_training = laboratory(pad, here)
            with gr.Tab("Stress test") as here:
                stress_teach = stress_test(pad, here, tabs)
            with gr.Tab("Gallery") as here:
                gallery(pad, here, tabs)
            with gr.Tab("Challenge") as here:
                challenge(here, kept)
        wire(
            [drawing.teach, stress_teach],
            pad,
            drawing.way,
            drawing.ink,
            [drawing.training, laboratory_training],
            lambda request: network_of(address_of(request)),
            lambda way, ink: (way == LIKE_MNIST, INKS.get(ink, "luma")),
        )
        classify.endpoint()
    return blocks


@dataclass(frozen=True)
class Drawing:
    """The parts of the Draw tab that other tabs, and a lesson, have to do with."""

    pad: Sketchpad
    training: gr.Radio
    way: gr.Radio
    ink: gr.Radio
    teach: TeachPanel


def draw(page: gr.Blocks, settings: Settings, kept: Challenge) -> Drawing:
    """The tab that the page opens with: the pad, the pens, and what the nets predict.

    kept  the challenge, to which the drawings of a game may be given
    """
    ids = chosen(settings.net, MNIST_ONLY)
    with gr.Row(elem_id="draw"):
        with gr.Column(elem_id="pad-area"):
            pad = Sketchpad(elem_id="pad", first=True)
            example_strip(pad)
        with gr.Column(elem_id="verdict-area"):
            with gr.Row(elem_id="choices"):
                net = gr.Radio(
                    choices(),
                    value=settings.net,
                    label="Net",
                    show_label=False,
                    container=False,
                    elem_id="net",
                    elem_classes="segmented",
                )
                training = training_switch("training")
            tiles = Verdict(verdict(ids, None, MNIST_ONLY), elem_id="verdict")
            other = OtherTraining(elem_id="other-training", files=PANELS / "other_training")
            with gr.Row(elem_id="asking"):
                Chips(elem_id="chips")
                rounds_panel(pad, kept, images_by_digit(), address_of)
            teach = TeachPanel("draw", elem_id="teach-slot")
            card = NetCard(elem_id="net-card")
        with gr.Column(elem_id="more-area"):
            with gr.Column(elem_classes="card"):
                chart = Bars(bars(ids, None), elem_id="bars")
            with gr.Row(elem_classes=["card", "looking-glass"]):
                with gr.Column():
                    gr.HTML("<h2>What the net sees</h2>", elem_classes="section-title")
                    with gr.Row(elem_id="seeing"):
                        seen = Sees(sees(None), elem_id="sees")
                        with gr.Column():
                            way = switch("Size and place", LIKE_MNIST, AS_DRAWN, "way")
                            ink = switch("Colour becomes", LUMA, MASK, "ink")
                with gr.Column():
                    gr.HTML("<h2>What the capsules see</h2>", elem_classes="section-title")
                    drawn = Reconstruction(reconstruction(ids, None), elem_id="reconstruction")
            save_buttons(pad, net, training, way, ink)
        with gr.Column(elem_id="brush-area", elem_classes="card"):
            brush_panel(pad)
    tiles.select(on_tile, outputs=card, **LIVE)
    asked: list[Any] = [pad, net, training, way, ink]
    panels = [tiles, chart, seen, drawn]
    pad.input(follow, inputs=asked, outputs=panels, **LIVE)
    # Events of their own, so that the last answer need not wait for one to a drawing that is not finished.
    resting = [pad.release, pad.clear, net.change, training.change, way.change, ink.change, page.load]
    gr.on(resting, answer, inputs=asked, outputs=panels, **LIVE).then(answer_other, inputs=asked, outputs=other, **LIVE)
    offered = choices()

    def up_to_date(request: gr.Request) -> Any:
        """The nets there are now, those added since the start too, and that which the address asks for: ?net=NAME."""
        asked_for = architectures.shown(request.query_params.get("net", ""))
        if asked_for in choices():
            return gr.update(choices=choices(), value=asked_for)
        return gr.skip() if choices() == offered else gr.update(choices=choices())

    page.load(
        up_to_date,
        outputs=net,
        **LIVE,
    )
    return Drawing(pad, training, way, ink, teach)


def choices() -> list[str]:
    """What the selector offers: all, and every net that there is now."""
    return [ALL, *architectures.names()]


def switch(label: str, usual: str, other: str, elem_id: str) -> gr.Radio:
    """Two choices side by side; the usual one is chosen."""
    return gr.Radio([usual, other], value=usual, label=label, elem_id=elem_id, elem_classes=["segmented", "small"])
