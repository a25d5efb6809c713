"""Training goes on after any stop to the same weights, and its losses are the papers'."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

import architectures
from architectures.contract import ask
from checkpoints.errors import Refused
from checkpoints.store.manifest import sha256_of
from checkpoints.training.command import changed
from checkpoints.training.losses import RECONSTRUCTION_SCALE, loss_of, margin_loss
from tests.support import small_mnist

PATIENCE_S = 300


@pytest.fixture(scope="module")
def data(tmp_path_factory) -> Path:
    return small_mnist.write(tmp_path_factory.mktemp("mnist"))


class Training:
    """`python -m checkpoints train` in a folder of its own."""

    def __init__(self, folder: Path, data: Path, *options: str, launcher: tuple[str, ...] = ("-m", "checkpoints")):
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        asked = ["train", "resnet-ish", "--epochs", "3", "--data", data, "--runs", folder / "runs", "--save-every", "0"]
        self.command = [sys.executable, *launcher, *map(str, asked), *options]
        self.environment = os.environ | {"CHECKPOINTS_DIR": str(folder), "OMP_NUM_THREADS": "1"}

    def start(self) -> subprocess.Popen:
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        return subprocess.Popen(self.command, env=self.environment, start_new_session=True, **pipes)

    def finish(self) -> Path:
        process = self.start()
        out, error = process.communicate(timeout=PATIENCE_S)
        assert process.returncode == 0, out + error
        return self.folder / "resnet-ish.safetensors"

    @property
    def steps(self) -> int:
        """Steps done as the saved state says, 0 before there is one."""
        try:
            state = torch.load(self.folder / "runs" / "resnet-ish" / "state.pt", weights_only=True)
        except FileNotFoundError:
            return 0
        return state["step"]

    def wait_for(self, step: int) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while self.steps < step:
            assert time.monotonic() < deadline, f"step {step} was never saved"
            time.sleep(0.02)


def test_a_killed_run_goes_on_to_the_same_weights_as_one_never_stopped(tmp_path, data):
    whole = Training(tmp_path / "whole", data).finish()
    killed = Training(tmp_path / "killed", data)
    for step in (1, 6):  # in the first epoch of 4 steps, and in the second
        process = killed.start()
        killed.wait_for(step)
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        assert not (killed.folder / "resnet-ish.safetensors").exists()
        assert step <= killed.steps < 12
    resumed, uninterrupted = load_file(killed.finish()), load_file(whole)
    assert resumed.keys() == uninterrupted.keys()
    assert all(torch.equal(resumed[name], uninterrupted[name]) for name in resumed)


@pytest.fixture
def interruptible():
    """A shell lets its jobs in the background ignore Ctrl+C, and what is started by them does so too."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def test_ctrl_c_saves_and_says_how_to_go_on(tmp_path, data, interruptible):
    training = Training(tmp_path, data, "--epochs", "50")
    process = training.start()
    training.wait_for(2)
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 130
    assert "saved; the same command goes on from here" in out
    assert f"stopped after {training.steps} steps" in out


def test_a_run_of_another_recipe_is_not_continued(tmp_path, data):
    Training(tmp_path, data).finish()
    process = Training(tmp_path, data, "--seed", "1").start()
    _, error = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 2
    assert "belongs to another run" in error
    assert "--fresh" in error
    assert Training(tmp_path, data, "--seed", "1", "--fresh").finish().is_file()


def test_the_manifest_says_how_the_weights_came_about(tmp_path, data):
    weights = Training(tmp_path, data, "--seed", "5").finish()
    entry = json.loads((tmp_path / "manifest.json").read_text())["nets"]["resnet-ish"]
    assert entry["sha256"] == sha256_of(weights)
    assert entry["training"]["command"] == "python -m checkpoints train resnet-ish --seed 5 --epochs 3"
    assert entry["training"]["seed"] == 5
    assert 0 <= entry["training"]["validation"]["validation_accuracy"] <= 1
    assert (tmp_path / "runs" / "resnet-ish" / "curves.png").read_bytes().startswith(b"\x89PNG")


def test_weights_without_the_pen_are_kept_beside_the_nets_own(tmp_path, data):
    training = Training(tmp_path, data, "--mnist-only", "--epochs", "1")
    process = training.start()
    out, error = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0, out + error
    assert (tmp_path / "resnet-ish.mnist-only.safetensors").is_file()
    assert not (tmp_path / "resnet-ish.safetensors").exists()


def test_one_more_cycle_begins_with_the_weights_at_hand_and_remembers_how_they_came_about(tmp_path, data):
    before = load_file(Training(tmp_path, data, "--epochs", "1").finish())
    after = load_file(Training(tmp_path, data, "--epochs", "1", "--again", "1e-9", "--fresh").finish())
    entry = json.loads((tmp_path / "manifest.json").read_text())["nets"]["resnet-ish"]["training"]
    assert entry["command"].endswith("--epochs 1 --again 1e-09")
    assert entry["after"]["command"].endswith("resnet-ish --seed 0 --epochs 1")
    learned = [key for key in before if key.endswith((".weight", ".bias"))]
    assert all(torch.allclose(before[key], after[key], atol=1e-5) for key in learned)


def test_one_more_cycle_of_nothing_is_refused(tmp_path, data):
    process = Training(tmp_path, data, "--again", "1e-3").start()
    _, error = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 2
    assert "train first" in error


def test_a_trial_changes_the_recipe_and_keeps_the_checkpoints_as_they_are(tmp_path, data):
    training = Training(tmp_path, data, "--epochs", "1", "--with", "smoothing=0.1", "augmentation.pen=0.75")
    process = training.start()
    out, error = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0, out + error
    assert not list(tmp_path.glob("*.safetensors"))
    assert (tmp_path / "runs" / "resnet-ish-smoothing=0.1-augmentation.pen=0.75" / "history.json").is_file()


@pytest.mark.parametrize(
    ("change", "says"),
    [("smothing=0", "the recipe has no smothing; it has epochs"), ("smoothing=much", "'much' is not a number")],
)
def test_a_trial_of_a_value_that_is_none_is_refused(change, says):
    with pytest.raises(Refused, match=re.escape(says)):
        changed(architectures.module("resnet-ish").RECIPE, change)


def test_several_processes_train_one_net_together(tmp_path, data):
    launcher = ("-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2", "-m", "checkpoints")
    assert Training(tmp_path, data, "--epochs", "1", launcher=launcher).finish().is_file()


def test_the_test_set_is_read_by_evaluation_alone():
    readers = [
        path.name
        for path in Path("checkpoints").glob("*.py")
        if 'mnist("test"' in path.read_text() or "mnist('test'" in path.read_text()
    ]
    assert "training.py" not in readers
    assert "augmentation.py" not in readers


def test_the_margin_loss_is_that_of_equation_4():
    lengths = torch.full((2, 10), 0.05)
    lengths[0, 3], lengths[1, 7] = 0.95, 0.6
    lengths[1, 2] = 0.4
    expected = (0.0 + (0.9 - 0.6) ** 2 + 0.5 * (0.4 - 0.1) ** 2) / 2
    assert float(margin_loss(lengths, torch.tensor([3, 7]))) == pytest.approx(expected, abs=1e-6)


def test_the_reconstruction_counts_0_0005_times_the_sum_of_squared_errors():
    torch.manual_seed(0)
    net = architectures.build("caps-net").eval()
    recipe = architectures.module("caps-net").RECIPE
    x, labels = torch.rand(3, 1, 28, 28), torch.tensor([1, 5, 9])
    with torch.inference_mode():
        answer = ask(net, x)
        decoded = net.decode(answer.capsules.poses, labels)
        whole, margin = loss_of(answer, x, labels, recipe), margin_loss(answer.scores, labels)
    squared = float((decoded - x).square().sum(dim=(1, 2, 3)).mean())
    assert float(whole - margin) == pytest.approx(recipe.reconstruction * 0.0005 * squared, rel=1e-3)
    assert pytest.approx(0.0005 * 784) == RECONSTRUCTION_SCALE


def test_a_few_steps_lower_the_loss_of_every_net_with_a_recipe():
    for name in (name for name in architectures.names() if hasattr(architectures.module(name), "RECIPE")):
        torch.manual_seed(0)
        net, recipe = architectures.build(name), architectures.module(name).RECIPE
        x = torch.stack([torch.zeros(1, 28, 28).index_fill(1, torch.arange(2 * d, 2 * d + 3), 1.0) for d in range(10)])
        labels = torch.arange(10)
        optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)
        losses = []
        for _ in range(6):
            loss = loss_of(ask(net, x, name), x, labels, recipe)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(float(loss.detach()))
        assert losses[-1] < losses[0], name
