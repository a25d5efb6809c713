"""A net is taught a pen by what ships with the project, and nothing else of it or of the caller changes."""

import json
import shutil
from dataclasses import replace

import pytest
import torch

import architectures
import checkpoints
from architectures.input.pen import PRESETS
from checkpoints.__main__ import main
from checkpoints.errors import Refused, WeightsError
from checkpoints.own_nets.taught import pen_called
from checkpoints.shipped_digits import training_digits
from checkpoints.store import manifest
from checkpoints.training.teaching import Lesson, drawn_by, examine, teach

pytestmark = pytest.mark.slow

HAIRLINE = PRESETS["hairline"]


@pytest.fixture(scope="module")
def drawings() -> torch.Tensor:
    return drawn_by(HAIRLINE, training_digits(60))


@pytest.fixture(scope="module")
def net():
    try:
        return checkpoints.load("resnet-ish", training="mnist-only")
    except WeightsError:
        pytest.skip("the weights of resnet-ish/mnist-only are not here")


def weights(of: torch.nn.Module) -> dict[str, torch.Tensor]:
    return {key: value.clone() for key, value in of.state_dict().items()}


def test_a_net_that_was_never_shown_a_pen_learns_to_read_it(net, drawings):
    before = examine(net, HAIRLINE, 100)
    *_, taught = teach(net, Lesson(HAIRLINE, digits=60, steps=30), drawings)
    after = examine(taught, HAIRLINE, 100)
    assert after.pen > before.pen + 5
    assert after.mnist >= 90
    assert before.total == after.total == 100


def test_the_same_lesson_gives_the_same_net_and_another_seed_another(net, drawings):
    lesson = Lesson(HAIRLINE, digits=60, steps=2)
    *_, first = teach(net, lesson, drawings)
    *_, second = teach(net, lesson, drawings)
    *_, third = teach(net, replace(lesson, seed=1), drawings)
    same, other = weights(second), weights(third)
    assert all(torch.equal(value, same[key]) for key, value in weights(first).items())
    assert any(not torch.equal(value, other[key]) for key, value in weights(first).items())


def test_the_net_that_is_taught_and_the_callers_dice_stay_as_they_are(net, drawings):
    before = weights(net)
    torch.manual_seed(3)
    expected = torch.rand(4)
    torch.manual_seed(3)
    *_, taught = teach(net, Lesson(HAIRLINE, digits=60, steps=2), drawings)
    assert torch.equal(torch.rand(4), expected)
    assert all(torch.equal(value, before[key]) for key, value in net.state_dict().items())
    assert not net.training and not taught.training


def test_a_lesson_can_be_watched_and_left(net, drawings):
    lesson = teach(net, Lesson(HAIRLINE, digits=60, steps=1_000), drawings)
    first = next(lesson)
    early = weights(first)
    assert next(lesson) is first
    lesson.close()
    assert any(not torch.equal(value, early[key]) for key, value in first.state_dict().items())


@pytest.mark.filterwarnings("ignore:.torch.jit.trace:DeprecationWarning")
def test_a_net_without_its_layers_cannot_learn(drawings):
    scripted = torch.jit.trace(architectures.build("resnet-ish").eval(), torch.rand(1, 1, 28, 28))
    with pytest.raises(Refused, match="cannot learn"):
        next(teach(scripted, Lesson(HAIRLINE, digits=60), drawings))


def test_every_digit_of_a_wall_is_drawn_with_a_seed_of_its_own(drawings):
    assert drawings.shape == (60, 2, 28, 28)
    assert len({drawing.numpy().tobytes() for drawing in drawings}) == 60


def test_a_pen_is_named_or_lies_in_a_file(tmp_path):
    assert pen_called("ribbon") == PRESETS["ribbon"]
    path = tmp_path / "pen.json"
    path.write_text(json.dumps(HAIRLINE.to_dict()))
    assert pen_called(str(path)) == HAIRLINE
    path.write_text(json.dumps({"label": 3, "strokes": [], "pen": HAIRLINE.to_dict()}))
    assert pen_called(str(path)) == HAIRLINE
    path.write_text(json.dumps({"thinnest_px": 1000}))
    with pytest.raises(Refused, match="holds no pen: thinnest_px"):
        pen_called(str(path))
    with pytest.raises(Refused, match="steady white, classic"):
        pen_called("feather")


@pytest.fixture
def house(tmp_path, monkeypatch):
    """Copies of the nets' code and of resnet-ish's baseline, where anything may be changed."""
    folder = tmp_path / "architectures"
    shutil.copytree(architectures.FOLDER, folder, ignore=shutil.ignore_patterns("__pycache__"))
    found = checkpoints.find("resnet-ish/mnist-only", None)
    if found is None:
        pytest.skip("the weights of resnet-ish/mnist-only are not here")
    monkeypatch.setattr(architectures, "FOLDER", folder)
    monkeypatch.setenv("CHECKPOINTS_DIR", str(tmp_path))
    shutil.copy(found, tmp_path)
    return tmp_path


def test_the_command_teaches_and_keeps_the_net_as_one_of_your_own(house, capsys):
    asked = ["teach", "resnet-ish/mnist-only", "--pen", "ribbon", "--as", "my-pupil", "--digits", "20", "--steps", "2"]
    assert main(asked) == 0
    said = capsys.readouterr().out
    assert "this pen: " in said and "MNIST: " in said and "of 500 [" in said
    assert "my-pupil" in architectures.names()
    entry = manifest.read().entry("my-pupil")
    card = entry.training["taught"]
    assert card["net"] == "resnet-ish/mnist-only" and card["steps"] == 2 and card["pen"]["widest_px"] == 40
    pupil = checkpoints.load("my-pupil")
    assert examine(pupil, PRESETS["ribbon"], 20).mnist >= 18
    assert main(asked) == 2
    assert "there is a net called my-pupil already" in capsys.readouterr().err


def test_what_cannot_be_taught_is_refused_in_a_sentence(house, capsys):
    for wrong, says in (
        (["--pen", "feather"], "'feather' not found"),
        (["--digits", "0"], "invalid --digits 0: must be from 1 to 1,000"),
        (["--steps", "-1"], "invalid --steps -1"),
        (["--as", "resnet-ish"], "there is a net called resnet-ish already"),
    ):
        assert main(["teach", "resnet-ish/mnist-only", "--pen", "classic", "--as", "pupil", *wrong]) == 2
        assert says in capsys.readouterr().err
