"""Gradio's interface files, which a page that runs does without."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

COMPONENT = "import gradio as gr\nclass Mine(gr.HTML):\n    EVENTS = ['input']\n"


@pytest.mark.parametrize(("before", "written"), [("", True), ("editor_stubs.leave_out(); ", False)])
def test_gradio_writes_its_interface_files_only_where_they_are_not_left_out(tmp_path: Path, before: str, written: bool):
    (tmp_path / "mine.py").write_text(COMPONENT)
    code = f"import sys; from demo import editor_stubs; {before}sys.path.append({str(tmp_path)!r}); import mine"
    subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parents[1], check=True)
    assert (tmp_path / "mine.pyi").exists() is written
