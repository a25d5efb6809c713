"""What a person gave, with what became of it, and the buttons to take it back."""

from __future__ import annotations

from typing import Any

import gradio as gr

from demo.components.panel import Panel


class Mine(Panel):
    """Value: `demo.challenge.showing.mine`. Event `input`: the person wants drawings deleted.

    Comes back as {"uids": keys of drawings, or None for all of them}, or None.
    """

    def preprocess(self, payload: Any) -> dict[str, Any] | None:  # type: ignore[override]
        if not isinstance(payload, dict) or "uids" not in payload:
            return None
        uids = payload["uids"]
        if uids is not None and not (
            isinstance(uids, list) and len(uids) <= 100 and all(isinstance(u, str) for u in uids)
        ):
            raise gr.Error("Which drawings to delete is a list of up to 100 keys", print_exception=False)
        return {"uids": uids}
