"""Imports go one way: app -> demo -> checkpoints -> architectures -> torch."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
LAYERS = ["app", "demo", "checkpoints", "architectures"]  # each may import those after it, and itself
COMPUTING = {  # modules of the page that know torch, and why
    "demo/recognize.py": "runs the nets",
    "demo/stress_set.py": "makes batches of drawings drawn again",
    "demo/stress_tab/cells.py": "runs the nets over a grid, many pictures at a time",
    "demo/gallery/wall.py": "runs the nets over all its drawings at once",
    "demo/challenge/verdicts.py": "runs the nets over all drawings people gave, in batches",
    "demo/laboratory/": "turns poses and looks into the routing, which are tensors",
}


def sources(layer: str) -> list[Path]:
    return [ROOT / "app.py"] if layer == "app" else sorted((ROOT / layer).rglob("*.py"))


def imported(path: Path) -> set[str]:
    """Top-level names of everything that a file imports, wherever in it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively: say the whole name"
            found.add((node.module or "").split(".")[0])
    return found


@pytest.mark.parametrize("layer", LAYERS)
def test_no_layer_imports_one_above_it(layer: str) -> None:
    above = set(LAYERS[: LAYERS.index(layer)]) | {"tests"}
    for path in sources(layer):
        assert not imported(path) & above, path.relative_to(ROOT)


@pytest.mark.parametrize("layer", ["checkpoints", "architectures"])
def test_only_the_demo_knows_gradio(layer: str) -> None:
    for path in sources(layer):
        assert "gradio" not in imported(path), path.relative_to(ROOT)


def test_the_app_imports_neither_gradio_nor_torch_itself() -> None:
    assert not imported(ROOT / "app.py") & {"gradio", "torch"}


def test_architectures_know_no_files_of_weights_and_no_network() -> None:
    for path in sources("architectures"):
        assert not imported(path) & {"safetensors", "huggingface_hub", "urllib", "requests", "httpx", "socket"}


def test_in_the_demo_only_the_modules_that_compute_know_torch() -> None:
    knowing = {path.relative_to(ROOT).as_posix() for path in sources("demo") if "torch" in imported(path)}
    assert [path for path in sorted(knowing) if not path.startswith(tuple(COMPUTING))] == []
    assert [known for known in COMPUTING if not any(path.startswith(known) for path in knowing)] == []


def test_torchvision_is_imported_through_its_shim_alone() -> None:
    for layer in LAYERS:
        for path in sources(layer):
            if "torchvision" in imported(path):
                assert path.relative_to(ROOT).as_posix() == "checkpoints/vision.py"
