"""CONTRIBUTING.md says what works: its net and its panel as they are printed, and the names it sends people to.

So does docs/use.md: every command, and the example for programs.
"""

from __future__ import annotations

import importlib.util
import inspect
import re
import sys
from pathlib import Path
from types import ModuleType

import pytest
import torch

from architectures.contract import ask
from checkpoints.__main__ import VERBS
from demo.challenge import migrations
from demo.serving.classify import _translated

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```(?:python|html|js)\n(.*?)```", TEXT, flags=re.DOTALL)


def written(folder: Path) -> dict[str, Path]:
    """The files that CONTRIBUTING.md prints, each under the name in its first line."""
    paths = {}
    for block in BLOCKS:
        name = re.search(r"[\w/]+\.(?:py|html|js)", block.splitlines()[0])
        assert name is not None, block
        paths[name[0]] = folder / Path(name[0]).name
        paths[name[0]].write_text(block, encoding="utf-8")
    return paths


def module(path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None and spec.loader is not None
    loaded = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, path.stem, loaded)  # where a class finds the file it was defined in
    spec.loader.exec_module(loaded)
    return loaded


def test_the_net_printed_there_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    net = module(written(tmp_path)["architectures/two_layers.py"], monkeypatch)
    assert net.CARD.title == "two-layers" and net.RECIPE.epochs > 0
    assert ask(net.return_model(), torch.rand(3, 1, 28, 28)).probabilities.shape == (3, 10)


def test_the_panel_printed_there_has_its_template_and_its_script(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    panel = module(written(tmp_path)["demo/draw/brightness.py"], monkeypatch)
    shown = panel.Brightness()
    assert 'class="brightness"' in shown.html_template and "props.value.grey" in shown.js_on_load


def test_the_files_and_commands_it_names_exist() -> None:
    named = TEXT.replace("mNNNN_what.py", "")
    for path in re.findall(r"`((?:architectures|checkpoints|demo|tests|docs)/[\w./]*)`", named):
        assert (ROOT / path).exists(), path
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"make ([\w-]+)", TEXT):
        assert re.search(rf"^{target}:", makefile, flags=re.MULTILINE) or target == "and", target
    assert all(callable(step.migrate) for step in migrations.STEPS)


def test_the_list_of_every_command_has_every_verb() -> None:
    listed = (ROOT / "docs" / "use.md").read_text(encoding="utf-8").partition("## Every command")[2]
    named = set(re.findall(r"`(?:python -m checkpoints )?([a-z]+)", listed))
    assert set(VERBS) - named == set()


def test_the_example_for_gradio_client_names_the_parameters_that_there_are() -> None:
    call = re.search(r"client\.predict\((.*)\)", (ROOT / "docs" / "use.md").read_text(encoding="utf-8"))
    assert call is not None
    given = set(re.findall(r"(\w+)=", call[1])) - {"api_name"}
    assert given <= set(inspect.signature(_translated).parameters)
