"""The challenge's panels: what comes back from each of them is checked here, whoever sent it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gradio as gr

from demo.challenge.labels.flagging import FLAG
from demo.challenge.store.schema import LABELS, NOT_A_DIGIT, UNREADABLE
from demo.components.panel import Panel

FOLDER = Path(__file__).parent
MOST_UIDS = 100


class Prompt(Panel):
    """The digit a person is asked for. Value: `views.prompt`; its ticket (text) is what comes back."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(files=FOLDER / "prompt", **settings)

    def preprocess(self, payload: Any) -> str:  # type: ignore[override]
        ticket = payload.get("ticket") if isinstance(payload, dict) else None
        return ticket if isinstance(ticket, str) else ""


class Annotate(Panel):
    """A drawing of somebody else, and the buttons to label it; the keys 0 to 9, U and N work too, Z takes back.

    Value: `views.assignment`. Event `input`: the person has said what it is. Comes back as {"uid", "ticket", "label": a
    digit, UNREADABLE, NOT_A_DIGIT or FLAG}, as {"take_back": uid}, or as None.
    """

    def __init__(self, **settings: Any) -> None:
        words = {"unreadable": UNREADABLE, "not a digit": NOT_A_DIGIT}
        super().__init__(files=FOLDER / "annotate", words=words, **settings)

    def preprocess(self, payload: Any) -> dict[str, Any] | None:  # type: ignore[override]
        if not isinstance(payload, dict):
            return None
        if isinstance(payload.get("take_back"), str):
            return {"take_back": payload["take_back"]}
        if "label" not in payload:
            return None
        uid, ticket, label = payload.get("uid"), payload.get("ticket") or "", payload["label"]
        valid = not isinstance(label, bool) and (label == FLAG or label in LABELS)
        if not isinstance(uid, str) or not isinstance(ticket, str) or not valid:
            raise gr.Error("invalid annotation: must be a drawing's uid, its ticket and a label", print_exception=False)
        return {"uid": uid, "ticket": ticket, "label": label}


class Mine(Panel):
    """What a person submitted, with what became of it. Value: `views.mine`.

    Event `input`: comes back as {"uids": keys of drawings to delete, or None for all of them}, or None: show them anew.
    """

    def __init__(self, **settings: Any) -> None:
        super().__init__(files=FOLDER / "mine", **settings)

    def preprocess(self, payload: Any) -> dict[str, Any] | None:  # type: ignore[override]
        if not isinstance(payload, dict) or "uids" not in payload:
            return None
        uids = payload["uids"]
        if uids is not None and not (
            isinstance(uids, list) and len(uids) <= MOST_UIDS and all(isinstance(uid, str) for uid in uids)
        ):
            raise gr.Error(f"invalid uids: must be a list of up to {MOST_UIDS} texts, or null", print_exception=False)
        return {"uids": uids}
