"""A part of the page that shows JSON: its template, stylesheet and script lie beside its module."""

from __future__ import annotations

import inspect
import json
from pathlib import Path
from typing import Any

import gradio as gr

BEGINNING = Path(__file__).with_name("panel.js")


def tell_how_it_ended(run: gr.events.Dependency, panel: str) -> None:
    """The script of a panel hears `success` or `failure` once Gradio has done with a run, and would begin another.

    panel  selector of the element that hears it
    """
    for then, name in ((run.success, "success"), (run.failure, "failure")):
        js = f"() => document.querySelector('{panel}').dispatchEvent(new Event('{name}'))"
        then(None, js=js, api_visibility="private")


def told(event: gr.EventData, name: str) -> Any:
    """What the script of a panel said under this name with its event; None for what it has not said."""
    try:
        return getattr(event, name, None)
    except TypeError:  # what came with the event is no object: Gradio looks into it all the same
        return None


class Panel(gr.HTML):
    """Shows its value, a JSON object, by three files of one name: .html, .css, and .js after panel.js.

    They are called `files`, a path without its suffix; or, of a subclass that names none, like the subclass's module.

    The stylesheet goes out with the page's (demo/theme.py): as a component's own it would be compiled at each answer.

    The template never contains the value: the script fills it in place, so that nothing flickers or shifts and bars
    can move, and it writes text as text, so that nothing in it can become HTML.

    packed  whether the value travels as one text: while a stroke is drawn Gradio's page copies what it holds a hundred
            times over, number by number, and a text at once
    """

    packed = False

    def __init__(self, value: dict[str, Any] | None = None, *, files: Path | None = None, **settings: Any) -> None:
        named = files or Path(inspect.getfile(type(self)))
        super().__init__(
            value=value,
            html_template=named.with_suffix(".html").read_text(encoding="utf-8"),
            js_on_load=BEGINNING.read_text(encoding="utf-8") + named.with_suffix(".js").read_text(encoding="utf-8"),
            apply_default_css=False,
            **settings,
        )

    def preprocess(self, payload: Any) -> None:
        """Nothing comes back from a panel: whatever a request says it shows is not read, and not kept either."""
        if isinstance(payload, dict | list):
            payload.clear()

    def postprocess(self, value: Any) -> Any:
        return json.dumps(value) if self.packed and value is not None else value

    def api_info(self) -> dict[str, Any]:
        return {"type": "string" if self.packed else "object"}
