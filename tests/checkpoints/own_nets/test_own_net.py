"""The worked examples, from end to end: a net is trained, added, and seen in a page that was open before it existed."""

from __future__ import annotations

import base64
import json
import re
import shutil
import subprocess
import sys
import urllib.request
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from playwright.sync_api import Browser, expect

import architectures
import checkpoints
from architectures.contract import ask
from checkpoints.training.data import folder_named
from demo.inference import predict
from tests.support.serving import ONE, PATIENCE_MS, answered, draw, start, stop, winners

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[3]
LEFT_OUT = shutil.ignore_patterns("__pycache__", "*.safetensors", "runs", "*.pyi", "manifest.json")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of this project with resnet-ish as the only net that has weights, where a person may change anything."""
    copy = tmp_path / "home" / "project"
    for folder in ("architectures", "checkpoints", "demo"):
        shutil.copytree(ROOT / folder, copy / folder, ignore=LEFT_OUT)
    shutil.copy(ROOT / "app.py", copy)
    net = ROOT / "checkpoints" / "resnet-ish.safetensors"
    if net.is_file():
        shutil.copy(net, copy / "checkpoints")
    return copy


def example() -> str:
    """The code of the small MLP, as docs/bring-a-net.md prints it."""
    after = (ROOT / "docs" / "bring-a-net.md").read_text(encoding="utf-8").split("## Example: a small MLP")[1]
    return after.split("```python\n")[1].split("```")[0]


def python(project: Path, *words: str) -> str:
    """What `python` with these words prints, run in the project; fails the test when it fails."""
    command = [sys.executable, *words]
    done = subprocess.run(command, check=False, cwd=project, capture_output=True, text=True, timeout=580)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def classify(address: str, image: Path, net: str) -> dict[str, object]:
    """What `/classify` of the app (its plain POST) at `address` says."""
    data = "data:image/png;base64," + base64.b64encode(image.read_bytes()).decode()
    body = json.dumps({"image": data, "net": net}).encode()
    asked = urllib.request.Request(f"{address}/gradio_api/classify", body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(asked, timeout=120) as response:
        return json.loads(response.read())[net]


@pytest.mark.skipif(folder_named() is None, reason="$MNIST_DIR names no folder, and a test downloads nothing")
def test_a_small_mlp_is_trained_added_and_seen_in_a_page_that_was_running_before(
    project: Path, tmp_path: Path, browser: Browser
):
    process, address = start("--db", f"sqlite:///{tmp_path}/drawings.sqlite", log=tmp_path / "log", project=project)
    try:
        (project / "my_mlp.py").write_text(example())
        seeded = "import runpy, torch; torch.manual_seed(0); runpy.run_path('my_mlp.py', run_name='__main__')"
        python(project, "-c", seeded)
        said = python(project, "-m", "checkpoints", "add", "my-mlp", "my_mlp.pth", "--architecture", "my_mlp.py")
        accuracy = re.search(r"my-mlp is fed 28 x 28, values from 0 to 1: (\d+\.\d) % of 400 training digits", said)
        assert accuracy is not None and float(accuracy[1]) >= 90
        assert "my-mlp now has" not in said
        place = re.search(r"see it: http://127\.0\.0\.1:7860(/\S+)", said)
        assert place is not None
        assert "my-mlp" in python(project, "-m", "checkpoints", "list")

        page = browser.new_context(viewport={"width": 1280, "height": 800}).new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.goto(f"{address}{place[1]}")
        page.locator("#pad canvas").first.wait_for()
        expect(page.locator("#net label", has_text=re.compile(r"^\s*my-mlp\s*$")).locator("input")).to_be_checked()
        draw(page, ONE)
        expect(page.locator("#bars .name")).to_have_text(["my-mlp"], timeout=PATIENCE_MS)
        answered(page)
        assert winners(page) == {"my-mlp": 1}

        image = tmp_path / "one.png"
        stroke = np.zeros((364, 364, 3), np.uint8)
        stroke[60:300, 170:195] = 255
        Image.fromarray(stroke).save(image)
        answer = classify(address, image, "my-mlp")
        assert answer["digit"] == 1 and answer["meaning"] == "softmax"
        assert sum(answer["probabilities"]) == pytest.approx(1)

        python(project, "-m", "checkpoints", "remove", "my-mlp", "--yes")
        draw(page, ONE)
        expect(page.locator("#verdict .failures")).to_contain_text("my-mlp was removed while this page was open")
        assert winners(page) == {}
        page.goto(address)
        page.locator("#net label").first.wait_for()
        expect(page.locator("#net label", has_text="my-mlp")).to_have_count(0, timeout=PATIENCE_MS)
        page.context.close()
    finally:
        stop(process)


def test_the_example_is_as_short_as_it_is_said_to_be():
    assert sum(bool(line.strip()) for line in example().splitlines()) <= 18


def test_efficient_caps_net_is_seen_by_every_panel_that_knows_capsules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """The second example: a capsule net of another kind, with one routing and no grid to speak of."""
    torch.manual_seed(0)
    torch.save(architectures.build("efficient-caps-net").state_dict(), tmp_path / "efficient-caps-net.pth")
    monkeypatch.setenv("CHECKPOINTS_DIR", str(tmp_path))
    checkpoints.held.clear()
    image = np.zeros((364, 364, 3), np.uint8)
    image[60:300, 170:195] = 255
    predictions = predict(image, ["efficient-caps-net"])
    assert predictions is not None and not predictions.failures
    reading = predictions.by_net["efficient-caps-net"]
    assert reading.meaning == "capsule length" and reading.decodes
    assert reading.reconstruction is not None and reading.reconstruction.shape == (28, 28)
    assert reading.answer.capsules is not None and reading.answer.capsules.couplings.shape == (1, 1, 16, 10)
    checkpoints.held.clear()


def test_its_answer_is_the_same_after_a_round_trip_through_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    net = architectures.build("efficient-caps-net").eval()
    torch.save(net.state_dict(), tmp_path / "efficient-caps-net.pth")
    monkeypatch.setenv("CHECKPOINTS_DIR", str(tmp_path))
    checkpoints.held.clear()
    x = torch.rand(2, 1, 28, 28)
    with torch.no_grad():
        torch.testing.assert_close(ask(checkpoints.load("efficient-caps-net"), x).scores, ask(net, x).scores)
    checkpoints.held.clear()
