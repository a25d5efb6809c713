"""The doctor examines nets that are here, and the lines it prints make a net read as well as it can."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import nn

import architectures
import checkpoints
from architectures.contract import ask
from architectures.input.convention import Input
from checkpoints.own_nets import code
from checkpoints.shipped_digits import test_digits
from tests.support.own_nets import MLP, command, convolutions, mlp, trained
from tests.support.own_nets import place as place

CODE = """from torch import nn


def return_model():
    return nn.Sequential(
        nn.Conv2d({channels}, 8, 5, stride=2), nn.ReLU(), nn.Flatten(), nn.Linear({features}, 10)
    )
"""


def install(place: Path, net: nn.Module, channels: int = 1, size: int = 28) -> Path:
    """Put the net's code and weights there by hand, saying nothing of how it is fed; its code."""
    path = place / "architectures" / "theirs.py"
    path.write_text(CODE.format(channels=channels, features=1152 if size == 28 else 1568))
    torch.save(net.state_dict(), place / "checkpoints" / "theirs.pth")
    return path


def test_the_lines_that_the_doctor_prints_make_the_net_read(place: Path, capsys: pytest.CaptureFixture):
    way = Input(channels=3, size=32, invert=True)
    net = trained(convolutions(3, 32), way, steps=200)
    path = install(place, net, 3, 32)
    assert command("doctor", "theirs") == 1
    said = capsys.readouterr().out
    line = next(line.strip() for line in said.splitlines() if line.strip().startswith("INPUT = "))
    assert "from architectures.input import Input" in said
    code.declare(path, [line])
    x = test_digits(100).x
    with torch.no_grad():
        assert torch.equal(ask(checkpoints.load("theirs"), x).digit, net(way(x)).argmax(dim=1))
    assert command("doctor", "theirs") == 0


def test_a_net_fed_as_it_was_trained_needs_nothing(place: Path, capsys: pytest.CaptureFixture):
    install(place, trained(convolutions()))
    assert command("doctor", "theirs") == 0
    said = capsys.readouterr().out
    assert "ends in logits" in said and "write into" not in said


def test_a_declared_input_that_costs_accuracy_is_told_with_the_better_one(place: Path, capsys: pytest.CaptureFixture):
    path = install(place, trained(convolutions()))
    code.declare(path, ["INPUT = Input(invert=True)"])
    assert command("doctor", "theirs") == 1
    assert "instead of 28 x 28, black on white" in capsys.readouterr().out


def test_loading_a_net_fed_wrongly_sends_to_the_doctor(place: Path):
    install(place, convolutions(3), 3)
    with pytest.raises(checkpoints.UnfittingWeights, match="checkpoints doctor theirs"):
        checkpoints.load("theirs")


def test_an_untrained_net_is_told_to_predict_few_digits_and_given_no_line(place: Path, capsys: pytest.CaptureFixture):
    install(place, convolutions())
    assert command("doctor", "theirs") == 0
    said = capsys.readouterr().out
    assert "trained weights?" in said and "INPUT = " not in said


def test_the_doctor_names_what_is_missing(place: Path, capsys: pytest.CaptureFixture):
    assert command("doctor", "caps-net") == 2
    assert "caps-net.safetensors" in capsys.readouterr().err
    assert command("doctor", "no-such-net") == 2
    assert "no net called 'no-such-net'" in capsys.readouterr().err


def test_all_nets_are_examined_in_a_line_each(place: Path, capsys: pytest.CaptureFixture):
    install(place, trained(convolutions(3), Input(channels=3)), 3)
    (architectures.FOLDER / "good.py").write_text(MLP)
    torch.save(trained(mlp()).state_dict(), place / "checkpoints" / "good.pth")
    assert command("doctor", "--all") == 1
    good, theirs = capsys.readouterr().out.splitlines()
    assert good.startswith("good: 9") and good.endswith("fed 28 x 28, values from 0 to 1")
    assert theirs.startswith("theirs: ") and theirs.endswith("write INPUT = Input(channels=3)")
