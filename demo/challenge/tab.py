"""The challenge's tab: draw for it, label, the scoreboard, and what one has submitted. Layout and wiring only."""

from __future__ import annotations

import html
from pathlib import Path
from typing import Any

import gradio as gr

from demo.challenge.page.handlers import Handlers
from demo.challenge.page.panels import FOLDER, Annotate, Mine, Prompt
from demo.challenge.service import Challenge
from demo.components.panel import Panel
from demo.components.saver import Saver
from demo.sketchpad import Sketchpad

TERMS = Path(__file__).with_name("consent.txt")
CONSENT = "I give my drawings to everybody, and agree to what is kept"
ASK_AGAIN_S = 2.0  # while the scoreboard is being renewed

# Each press is one request to the store, which bounds them itself.
PRESS: dict[str, Any] = {"queue": False, "show_progress": "hidden", "api_visibility": "private"}

# The browser's key is read afresh at each event, since another tab may have made or forgotten one meanwhile; it is made
# when something is first given. See page/contributor.js.
WELCOME = """(key, nickname, consent, ticket) => [
    contributor.key(), nickname || contributor.nickname(), consent || contributor.key() !== "", ticket]"""
ANOTHER = "(key, ticket) => [contributor.key(), ticket]"
SUBMIT = """(key, ticket, drawing, consent, nickname, device) => {
    if (consent) contributor.rename(nickname);
    return [consent ? contributor.ensure() : "", ticket, drawing, consent, nickname, contributor.device()];
}"""
ASSIGN = '(key, consent) => [consent ? contributor.ensure() : "", consent]'
ANNOTATE = '(given, key, consent) => [given, consent ? contributor.ensure() : "", consent]'
MINE = "(key) => contributor.key()"
DELETE = "(chosen, key) => [chosen, contributor.key()]"


def tab(here: gr.Tab, challenge: Challenge) -> None:
    """Everything inside the tab `here`."""
    handlers = Handlers(challenge)
    key, device = gr.Textbox("", visible=False), gr.Textbox("unknown", visible=False)
    with gr.Tabs():
        with gr.Tab("Draw for it"):
            prompt, pad, consent, nickname, submit, another, predictions = _draw()
        with gr.Tab("Label") as labelling, gr.Column(elem_classes="card"):
            annotate = Annotate(elem_id="challenge-annotate")
        with gr.Tab("Scoreboard") as looking, gr.Column(elem_classes="card"):
            scores = Panel(files=FOLDER / "scores", elem_id="challenge-scores")
            with gr.Row(elem_classes="save-row"):
                table = gr.Button("CSV", elem_id="scores-csv")
                saver = Saver(elem_id="scores-saver")
            again = gr.Timer(ASK_AGAIN_S, active=False)
        with gr.Tab("Yours") as owning, gr.Column(elem_classes="card"):
            mine = Mine(elem_id="challenge-mine")

    apart = challenge.apart
    here.select(
        apart(handlers.welcome),
        [key, nickname, consent, prompt],
        [prompt, nickname, consent],
        js=WELCOME,
        **PRESS,
    )
    another.click(apart(handlers.another), [key, prompt], prompt, js=ANOTHER, **PRESS)
    submit.click(
        apart(handlers.submit),
        [key, prompt, pad, consent, nickname, device],
        [predictions, pad, prompt],
        js=SUBMIT,
        **PRESS,
    )
    labelling.select(apart(handlers.assignment), [key, consent], annotate, js=ASSIGN, **PRESS)
    annotate.input(apart(handlers.annotate), [annotate, key, consent], annotate, js=ANNOTATE, **PRESS)
    looking.select(apart(handlers.scoreboard), None, [scores, again], **PRESS)
    again.tick(apart(handlers.scoreboard), None, [scores, again], **PRESS)
    table.click(apart(handlers.scoreboard_table), None, saver, **PRESS)
    owning.select(apart(handlers.mine), key, mine, js=MINE, **PRESS)
    mine.input(apart(handlers.delete), [mine, key], mine, js=DELETE, **PRESS)


def _draw() -> tuple[Prompt, Sketchpad, gr.Checkbox, gr.Textbox, gr.Button, gr.Button, Panel]:
    with gr.Row(elem_id="challenge-draw"):
        with gr.Column(elem_id="challenge-ask"):
            prompt = Prompt(elem_id="challenge-prompt")
            predictions = Panel(files=FOLDER / "predictions", elem_id="challenge-predictions")
        with gr.Column(elem_id="challenge-pad-area"):
            pad = Sketchpad(elem_id="challenge-pad")
        with gr.Column(elem_id="challenge-give", elem_classes="card"):
            consent = gr.Checkbox(label=CONSENT, container=False, elem_id="challenge-consent")
            with gr.Row():
                submit = gr.Button("Submit", variant="primary", elem_id="challenge-submit")
                another = gr.Button("Another digit", elem_id="challenge-another")
            nickname = gr.Textbox(
                label="Nickname, if you like", max_length=24, max_lines=1, elem_id="challenge-nickname"
            )
            with gr.Accordion("What is kept, and for how long", open=False):
                gr.HTML(paragraphs(TERMS.read_text(encoding="utf-8")), elem_id="challenge-terms")
    return prompt, pad, consent, nickname, submit, another, predictions


def paragraphs(text: str) -> str:
    """Plain text as HTML; gr.Markdown would bring every visitor 34 kB of script for it."""
    return "".join(f"<p>{html.escape(paragraph)}</p>" for paragraph in text.split("\n\n"))
