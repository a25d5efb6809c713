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
from safetensors import safe_open
from safetensors.torch import load_file, save_file

import architectures
from architectures.contract import ask
from checkpoints.errors import Refused
from checkpoints.store.manifest import sha256_of
from checkpoints.training import seeds
from checkpoints.training.command import changed, warn_of_unequal_budgets
from checkpoints.training.losses import RECONSTRUCTION_SCALE, loss_of, margin_loss
from tests.support import small_mnist

pytestmark = pytest.mark.slow

PATIENCE_S = 300
STOPPED_AT = ("-m", "tests.support.stopped_training")


@pytest.fixture(scope="module")
def data(tmp_path_factory) -> Path:
    """290 of MNIST's digits, 266 of them to train on: two steps an epoch."""
    return small_mnist.shipped(tmp_path_factory.mktemp("mnist"), 290)


@pytest.fixture(scope="module", autouse=True)
def cache(tmp_path_factory):
    """Strokes and drawings of these digits, made once."""
    before = os.environ.get("TRAINING_CACHE")
    os.environ["TRAINING_CACHE"] = str(tmp_path_factory.mktemp("cache"))
    yield
    if before is None:
        del os.environ["TRAINING_CACHE"]
    else:
        os.environ["TRAINING_CACHE"] = before


class Training:
    """`python -m checkpoints train` in a folder of its own."""

    def __init__(self, folder: Path, data: Path, *options: str, launcher: tuple[str, ...] = ("-m", "checkpoints")):
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        asked = ["train", "resnet-ish", "--epochs", "2", "--data", data, "--runs", folder / "runs", "--save-every", "0"]
        self.asked = [*map(str, asked), *options]
        self.launcher = launcher
        self.environment = os.environ | {"CHECKPOINTS_DIR": str(folder), "OMP_NUM_THREADS": "1"}

    def start(self, *launcher: str) -> subprocess.Popen:
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        command = [sys.executable, *(launcher or self.launcher), *self.asked]
        return subprocess.Popen(command, env=self.environment, start_new_session=True, **pipes)

    def finish(self) -> Path:
        process = self.start()
        out, error = process.communicate(timeout=PATIENCE_S)
        assert process.returncode == 0, out + error
        return self.folder / "resnet-ish.safetensors"

    def refused(self) -> str:
        process = self.start()
        _, error = process.communicate(timeout=PATIENCE_S)
        assert process.returncode == 2, error
        return error

    def stopped(self, *moments: str) -> None:
        """Stopped at one moment after another, and killed at the last."""
        process = self.start(*STOPPED_AT, ",".join(moments))
        out, error = process.communicate(timeout=PATIENCE_S)
        assert process.returncode == -signal.SIGKILL, out + error

    @property
    def history(self) -> list[dict[str, float]]:
        """Of each epoch all but its seconds."""
        records = json.loads((self.folder / "runs" / "resnet-ish" / "history.json").read_text())
        return [{key: value for key, value in record.items() if key != "seconds"} for record in records]


@pytest.fixture(scope="module")
def whole(data, cache, tmp_path_factory) -> Training:
    """A run that was never stopped."""
    training = Training(tmp_path_factory.mktemp("whole"), data)
    training.finish()
    return training


def test_a_run_stopped_at_every_kind_of_moment_goes_on_to_the_same_weights(tmp_path, data, whole):
    training = Training(tmp_path, data)
    training.stopped("step 1", "save 1", "step 2", "validation 1", "save 1")
    training.stopped("validation 1", "step 2", "validation 1", "validation 1", "weights 1")
    assert not (tmp_path / "resnet-ish.safetensors").exists()
    resumed, uninterrupted = load_file(training.finish()), load_file(whole.folder / "resnet-ish.safetensors")
    assert resumed.keys() == uninterrupted.keys()
    assert all(torch.equal(resumed[name], uninterrupted[name]) for name in resumed)
    assert training.history == whole.history, "an epoch's figures are those of its own weights"
    assert not list(tmp_path.glob(".*.tmp"))


def test_a_finished_run_repeated_gives_the_same_weights_at_once(tmp_path, data, whole):
    before = sha256_of(whole.folder / "resnet-ish.safetensors")
    assert sha256_of(whole.finish()) == before


@pytest.fixture
def interruptible():
    """A shell lets its jobs in the background ignore Ctrl+C, and what is started by them does so too."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def test_ctrl_c_saves_and_says_how_to_go_on(tmp_path, data, interruptible):
    training = Training(tmp_path, data, "--epochs", "500", "--ablate", "rounds=1")
    process = training.start()
    state = tmp_path / "runs" / "resnet-ish-rounds=1" / "state.pt"
    deadline = time.monotonic() + PATIENCE_S
    while not state.is_file():
        assert time.monotonic() < deadline and process.poll() is None
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 130
    done = torch.load(state, weights_only=True)["learner"]["done"]
    assert f"stopped after {done} steps and saved; the same command goes on from here" in out


def test_a_run_of_another_recipe_is_not_continued(data, whole):
    again = Training(whole.folder, data, "--seed", "1")
    error = again.refused()
    assert "belongs to another run" in error
    assert "--fresh" in error


def test_the_manifest_says_how_the_weights_came_about(whole):
    entry = json.loads((whole.folder / "manifest.json").read_text())["nets"]["resnet-ish"]
    assert entry["sha256"] == sha256_of(whole.folder / "resnet-ish.safetensors")
    assert entry["training"]["command"] == "python -m checkpoints train resnet-ish --seed 0 --epochs 2"
    assert entry["training"]["device"].startswith("CPU") or torch.cuda.is_available()
    assert 0 <= entry["training"]["validation"]["validation_accuracy_pen"] <= 1
    assert (whole.folder / "runs" / "resnet-ish" / "curves.png").read_bytes().startswith(b"\x89PNG")


def test_a_baseline_has_the_same_budget_and_is_kept_beside_the_net(data, whole):
    training = Training(whole.folder, data, "--mnist-only")
    training.finish()
    path = whole.folder / "resnet-ish.mnist-only.safetensors"
    with safe_open(path, "pt") as held:
        baseline = json.loads(held.metadata()["training"])
    net = json.loads((whole.folder / "manifest.json").read_text())["nets"]["resnet-ish"]["training"]
    assert baseline["recipe"] == net["recipe"]
    assert baseline["command"] == net["command"] + " --mnist-only"
    own, others = load_file(whole.folder / "resnet-ish.safetensors"), load_file(path)
    assert any(not torch.equal(own[key], others[key]) for key in own)


def test_a_baseline_with_fewer_epochs_than_its_net_is_told_of(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("CHECKPOINTS_DIR", str(tmp_path))
    for stem, training in (
        ("resnet-ish", {"epochs": 2, "after": {"epochs": 10.5}}),
        ("resnet-ish.mnist-only", {"epochs": 12}),
    ):
        metadata = {"training": json.dumps(training)}
        save_file({"weight": torch.zeros(1)}, tmp_path / f"{stem}.safetensors", metadata=metadata)
    warn_of_unequal_budgets("resnet-ish")
    assert "baseline had 12 epochs and the net 12.5: train it as long" in capsys.readouterr().out
    (tmp_path / "resnet-ish.safetensors").unlink()
    warn_of_unequal_budgets("resnet-ish")
    assert not capsys.readouterr().out


def test_a_warm_restart_begins_with_the_weights_at_hand_and_remembers_how_they_came_about(tmp_path, data, whole):
    start = whole.folder / "resnet-ish.safetensors"
    before = load_file(start)
    restarted = Training(tmp_path, data, "--epochs", "1", "--from", str(start), "--warm-restart", "1e-9")
    after = load_file(restarted.finish())
    entry = json.loads((tmp_path / "manifest.json").read_text())["nets"]["resnet-ish"]["training"]
    assert entry["command"].endswith("--epochs 1 --from resnet-ish.safetensors --warm-restart 1e-09")
    assert entry["after"]["command"].endswith("resnet-ish --seed 0 --epochs 2")
    learned = [key for key in before if key.endswith((".weight", ".bias"))]
    assert all(torch.allclose(before[key], after[key], atol=1e-5) for key in learned)


def test_a_warm_restart_of_nothing_is_refused(tmp_path, data):
    assert "train first" in Training(tmp_path, data, "--warm-restart", "1e-3").refused()
    assert "nowhere not found" in Training(tmp_path, data, "--from", "nowhere").refused()


def test_an_ablation_changes_the_recipe_and_keeps_the_checkpoints_as_they_are(tmp_path, data):
    training = Training(tmp_path, data, "--epochs", "1", "--ablate", "smoothing=0.1", "augmentation.pen=0.75")
    process = training.start()
    out, error = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0, out + error
    assert not list(tmp_path.glob("*.safetensors"))
    assert (tmp_path / "runs" / "resnet-ish-smoothing=0.1-augmentation.pen=0.75" / "history.json").is_file()


def test_seeds_are_recorded_and_no_weights_are_kept(tmp_path, data):
    asked = ("--mnist-only", "--epochs", "1", "--seed", "3", "--seeds", "2")
    process = Training(tmp_path, data, *asked).start()
    out, error = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0, out + error
    assert not list(tmp_path.glob("*.safetensors"))
    held = json.loads((tmp_path / "seeds.json").read_text())
    assert [one["seed"] for one in held["resnet-ish/mnist-only"]] == [3, 4]
    first, second = held["resnet-ish/mnist-only"]
    assert first["digits"] > 0 and first["command"].startswith("python -m checkpoints train resnet-ish --seed 3")
    assert first["validation_accuracy_pen"] != second["validation_accuracy_pen"]


def test_seeds_of_another_budget_are_not_mixed(own_weights):
    for seed, epochs in ((0, 8), (1, 8), (1, 9)):
        seeds.record("resnet-ish", {"seed": seed, "epochs": epochs, "digits": 27500, "rounds": 1})
    assert seeds.read() == {"resnet-ish": [{"seed": 1, "epochs": 9, "digits": 27500, "rounds": 1}]}


@pytest.mark.parametrize(
    ("asked", "says"),
    [(("--seeds", "1"), "must be at least 2"), (("--seeds", "3", "--ablate", "smoothing=0"), "from scratch")],
)
def test_seeds_that_tell_nothing_are_refused(tmp_path, data, asked, says):
    assert says in Training(tmp_path, data, *asked).refused()


@pytest.mark.parametrize(
    ("change", "says"),
    [("smothing=0", "the recipe has no smothing; it has epochs"), ("smoothing=much", "'much' is not a number")],
)
def test_an_ablation_of_a_value_that_is_none_is_refused(change, says):
    with pytest.raises(Refused, match=re.escape(says)):
        changed(architectures.module("resnet-ish").RECIPE, change)


def test_train_takes_one_net_or_all():
    for asked in (["train"], ["train", "resnet-ish", "--all"], ["train", "--all", "--mnist-only"]):
        ended = subprocess.run(
            [sys.executable, "-m", "checkpoints", *asked], capture_output=True, text=True, check=False
        )
        assert ended.returncode == 2
        assert "--all" in ended.stderr


def test_several_processes_train_one_net_together(tmp_path, data):
    launcher = ("-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2", "-m", "checkpoints")
    assert Training(tmp_path, data, "--epochs", "1", launcher=launcher).finish().is_file()


def test_the_test_set_is_read_by_evaluation_and_what_ships_alone():
    room = Path("checkpoints/training")
    readers = {path.name for path in room.glob("*.py") if re.search(r"mnist\(.test|balanced\(.test", path.read_text())}
    assert readers == {"shipping.py"}


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
