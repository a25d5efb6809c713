"""The heat maps of a stress test: one for each net, what it survived, and the smallest change that fools it."""

from __future__ import annotations

from typing import Any

import gradio as gr

from demo.panels.colours import colour_of
from demo.panels.panel import Panel
from demo.panels.pictures import data_url
from demo.sketchpad.payload import BadPayload, drawing_from, payload_of
from demo.stress_tab.cells import Progress, Stress
from demo.stress_tab.grids import GRIDS

SMALL_STEP = 4  # every fourth pixel of the pad, for the little picture of the smallest change


class HeatMaps(Panel):
    """Value: what `heat_maps` or `hint` returns; as an input, the Stress that was shown, or None.

    The event `select` carries `row` and `column` of the cell that was clicked. Raises gr.Error for anything that the
    panel cannot have sent.
    """

    def preprocess(self, payload: Any) -> Stress | None:  # type: ignore[override]
        if not isinstance(payload, dict) or payload.get("subject") is None:
            return None
        grid = payload.get("grid")
        if not isinstance(grid, str) or grid not in GRIDS:
            raise gr.Error("This heat map names no grid that there is.")
        try:
            drawing = drawing_from(payload["subject"])
        except BadPayload as error:
            raise gr.Error(str(error)) from error
        return Stress(drawing, GRIDS[grid]) if drawing is not None and drawing.strokes else None


def hint(text: str) -> dict[str, Any]:
    """Empty maps and what to do."""
    return {"hint": text}


def heat_maps(stress: Stress, digit: int, progress: Progress) -> dict[str, Any]:
    """Everything that is known so far; pictures of the smallest changes once every cell is answered."""
    grid, distances = stress.grid, stress.distances()
    finished = progress.done == progress.total
    maps = []
    for net, answers in progress.answers.items():
        found = answers.smallest_change(digit, distances) if finished else None
        maps.append(
            {
                "name": net,
                "colour": colour_of(net),
                "digits": answers.digits.ravel().tolist(),
                "strengths": [round(float(strength), 3) for strength in answers.strengths.ravel()],
                "survived": answers.survived(digit),
                "smallest": _smallest(stress, found) if found else None,
            }
        )
    own = distances.argmin()
    return {
        "hint": "",
        "subject": payload_of(stress.drawing),
        "grid": grid.name,
        "digit": digit,
        "rows": {"title": grid.rows.title, "values": [grid.rows.written(value) for value in grid.rows.values]},
        "columns": {"title": grid.columns.title, "values": [grid.columns.written(v) for v in grid.columns.values]},
        "own": int(own),
        "done": progress.done,
        "total": progress.total,
        "maps": maps,
    }


def _smallest(stress: Stress, at: tuple[int, int]) -> dict[str, Any]:
    row, column = at
    picture = stress.cell(row, column).picture[::SMALL_STEP, ::SMALL_STEP]
    return {"row": row, "column": column, "picture": data_url(picture)}
