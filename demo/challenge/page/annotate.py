"""A drawing of somebody else, and the buttons to say what it is; the keys 0 to 9, U and N work too."""

from __future__ import annotations

from typing import Any

import gradio as gr

from demo.challenge.labels.annotating import FLAG
from demo.challenge.store.schema import NOT_A_DIGIT, UNREADABLE, WORDS
from demo.components.panel import Panel


class Judge(Panel):
    """Value: `demo.challenge.showing.turn`. Event `input`: the person has said what it is.

    Comes back as {"uid": key of the drawing, "said": a digit, UNREADABLE, NOT_A_DIGIT or "flag"}, or None.
    """

    def __init__(self, **settings: Any) -> None:
        super().__init__(words={"unreadable": UNREADABLE, "not a digit": NOT_A_DIGIT}, **settings)

    def preprocess(self, payload: Any) -> dict[str, Any] | None:  # type: ignore[override]
        if not isinstance(payload, dict) or "said" not in payload:
            return None
        uid, said = payload.get("uid"), payload["said"]
        if not isinstance(uid, str) or isinstance(said, bool) or (said not in WORDS and said != FLAG):
            raise gr.Error("This is not a judgement: it has a drawing's uid and what was said", print_exception=False)
        return {"uid": uid, "said": said}
