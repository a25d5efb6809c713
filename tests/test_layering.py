"""Imports go one way: app -> demo -> checkpoints -> architectures -> torch, and folders form no circle."""

from __future__ import annotations

import ast
from collections import defaultdict
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
LAYERS = ["app", "demo", "checkpoints", "architectures"]  # each may import those after it, and itself
HOUSES = ["demo", "demo/challenge", "checkpoints", "architectures"]  # between whose rooms imports go one way


def sources(layer: str) -> list[Path]:
    return [ROOT / "app.py"] if layer == "app" else sorted((ROOT / layer).rglob("*.py"))


def modules(path: Path) -> set[str]:
    """Full names of everything that a file imports, wherever in it: `a.b` and, for `from a import b`, `a.b` too."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively: say the whole name"
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def imported(path: Path) -> set[str]:
    """Top-level names of everything that a file imports."""
    return {name.split(".")[0] for name in modules(path)}


def room(house: str, name: str) -> str | None:
    """The folder of `house` in which the module called `name` lies; None when it lies on top or elsewhere."""
    inside = name.removeprefix(house.replace("/", ".") + ".")
    first = inside.split(".")[0]
    return first if inside != name and (ROOT / house / first).is_dir() else None


@pytest.mark.parametrize("layer", LAYERS)
def test_no_layer_imports_one_above_it(layer: str) -> None:
    above = set(LAYERS[: LAYERS.index(layer)]) | {"tests"}
    for path in sources(layer):
        assert not imported(path) & above, path.relative_to(ROOT)


@pytest.mark.parametrize("house", HOUSES)
def test_no_two_folders_import_each_other(house: str) -> None:
    needs: dict[str, set[str]] = defaultdict(set)
    for path in sources(house):
        inside = path.relative_to(ROOT / house)
        if len(inside.parts) == 1:
            continue  # what lies on top may use every room
        here = inside.parts[0]
        needs[here] |= {there for name in modules(path) if (there := room(house, name)) and there != here}
    try:
        TopologicalSorter(needs).prepare()
    except CycleError as error:
        raise AssertionError(f"{house}: {' -> '.join(error.args[1])}") from None


def test_every_module_that_is_imported_exists() -> None:
    for layer in [*LAYERS, "tests"]:
        for path in sources(layer):
            for name in modules(path):
                if name.split(".")[0] in LAYERS:
                    file = ROOT / name.replace(".", "/")
                    known = (file.with_suffix(".py"), file / "__init__.py", file.parent.with_suffix(".py"))
                    assert any(each.is_file() for each in (*known, file.parent / "__init__.py")), f"{path}: {name}"


@pytest.mark.parametrize("layer", ["checkpoints", "architectures"])
def test_only_the_demo_knows_gradio(layer: str) -> None:
    for path in sources(layer):
        assert "gradio" not in imported(path), path.relative_to(ROOT)


def test_the_app_imports_neither_gradio_nor_torch_itself() -> None:
    assert not imported(ROOT / "app.py") & {"gradio", "torch"}


def test_architectures_know_no_files_of_weights_and_no_network() -> None:
    for path in sources("architectures"):
        assert not imported(path) & {"safetensors", "huggingface_hub", "urllib", "requests", "httpx", "socket"}


def test_torchvision_is_imported_through_its_shim_alone() -> None:
    for layer in LAYERS:
        for path in sources(layer):
            if "torchvision" in imported(path):
                assert path.relative_to(ROOT).as_posix() == "checkpoints/training/vision.py"
