"""The challenge's tab: draw for it, judge, the scoreboard, and what one has given. Layout and wiring only."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gradio as gr

from demo.challenge.page.annotate import Judge
from demo.challenge.page.desk import NOBODY, Desk
from demo.challenge.page.mine import Mine
from demo.challenge.page.predictions import Verdicts
from demo.challenge.page.prompt import Prompt
from demo.challenge.page.scores import Scores
from demo.sketchpad import Sketchpad

FOLDER = Path(__file__).parent
CONSENT = "I give my drawings to everybody, and agree to what is kept"
# The key proves nothing and guards nothing but the right to delete; encrypted it is only so that Gradio can read it
# back after a restart, in any process.
BROWSER = "handwritten-digit-challenge"

# Each press is one request to the store, which bounds them itself.
PRESS: dict[str, Any] = {"queue": False, "show_progress": "hidden", "api_visibility": "private"}


def tab(here: gr.Tab, database: str | None = None) -> None:
    """Everything inside the tab `here`; database: address of the store, None for the default."""
    desk = Desk(database)
    browser = gr.BrowserState(dict(NOBODY), storage_key=BROWSER, secret=BROWSER)
    device = gr.Textbox("unknown", visible=False)
    with gr.Tabs():
        with gr.Tab("Draw for it"):
            drawing = _draw()
        with gr.Tab("Judge") as judging, gr.Column(elem_classes="card"):
            judge = Judge(elem_id="challenge-judge")
        with gr.Tab("Scoreboard") as looking, gr.Column(elem_classes="card"):
            scores = Scores(elem_id="challenge-scores")
        with gr.Tab("Yours") as owning, gr.Column(elem_classes="card"):
            mine = Mine(elem_id="challenge-mine")

    prompt, pad, consent, nickname, give, other, verdicts = drawing
    here.select(desk.welcome, browser, [prompt, browser, nickname, consent], **PRESS)
    other.click(desk.another, browser, [prompt, browser], **PRESS)
    give.click(
        desk.hand_in,
        [pad, consent, nickname, device, browser],
        [verdicts, pad, prompt, browser],
        js=(FOLDER / "page" / "tab.js").read_text(encoding="utf-8"),
        **PRESS,
    )
    judging.select(desk.turn, [browser, consent], [judge, browser], **PRESS)
    judge.input(desk.judge, [judge, consent, browser], [judge, browser], **PRESS)
    looking.select(desk.scoreboard, None, scores, **PRESS).then(
        desk.renewed, None, scores, show_progress="minimal", api_visibility="private"
    )
    owning.select(desk.mine, browser, mine, **PRESS)
    mine.input(desk.delete, [mine, browser], [mine, browser], **PRESS)


def _draw() -> tuple[Prompt, Sketchpad, gr.Checkbox, gr.Textbox, gr.Button, gr.Button, Verdicts]:
    with gr.Row(elem_id="challenge-draw"):
        with gr.Column(elem_id="challenge-ask"):
            prompt = Prompt(elem_id="challenge-prompt")
        with gr.Column(elem_id="challenge-pad-area"):
            pad = Sketchpad(elem_id="challenge-pad")
        with gr.Column(elem_id="challenge-give", elem_classes="card"):
            consent = gr.Checkbox(label=CONSENT, container=False, elem_id="challenge-consent")
            with gr.Row():
                give = gr.Button("Hand in", variant="primary", elem_id="challenge-hand-in")
                other = gr.Button("Another digit", elem_id="challenge-another")
            nickname = gr.Textbox(
                label="Nickname, if you like", max_length=24, max_lines=1, elem_id="challenge-nickname"
            )
            with gr.Accordion("What is kept, and for how long", open=False):
                gr.Markdown((FOLDER / "consent.md").read_text(encoding="utf-8"), elem_id="challenge-terms")
        with gr.Column(elem_id="challenge-answers", elem_classes="card"):
            verdicts = Verdicts(elem_id="challenge-verdicts")
    return prompt, pad, consent, nickname, give, other, verdicts
