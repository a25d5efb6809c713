"""The doctor finds out how a net was trained to be fed, and the line it prints makes the net read."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import nn

import architectures
import checkpoints
from architectures.contract import ask
from architectures.input.convention import BadFeeding, Input
from checkpoints.sample_digits import draw_all, sample_digits
from tests.support.own_nets import command, convolutions, trained
from tests.support.own_nets import place as place

CODE = """from torch import nn


def return_model():
    return nn.Sequential(
        nn.Conv2d({channels}, 8, 5, stride=2), nn.ReLU(), nn.Flatten(), nn.Linear({features}, 10)
    )
"""


def install(place: Path, net: nn.Module, channels: int, size: int) -> Path:
    """Put the net's code and weights there by hand, saying nothing of how it is fed; its code."""
    code = place / "architectures" / "theirs.py"
    code.write_text(CODE.format(channels=channels, features=1152 if size == 28 else 1568))
    torch.save(net.state_dict(), place / "checkpoints" / "theirs.pth")
    return code


WAYS = {
    "bytes": Input(scale=255),
    "inverted": Input(invert=True),
    "three channels, normalised": Input(channels=3, mean=0.5, std=0.5),
    "32 x 32, padded": Input(size=32, fit="pad"),
    "3 x 32 x 32, inverted": Input(channels=3, size=32, invert=True),
}


@pytest.mark.parametrize("way", WAYS)
def test_the_line_that_the_doctor_prints_makes_the_net_read(place: Path, way: str, capsys: pytest.CaptureFixture):
    fed = WAYS[way]
    net = convolutions(fed.channels, fed.size)
    if fed.scale == 255:
        nn.init.constant_(net[0].bias, -100.0)  # else it would read digits in 0..1 as well
    code = install(place, trained(net, fed), fed.channels, fed.size)
    assert command("doctor", "theirs") == 1
    said = capsys.readouterr().out
    line = next(line.strip() for line in said.splitlines() if line.strip().startswith("INPUT = "))
    found = eval(line.removeprefix("INPUT = "))
    assert (found.channels, found.size, found.invert) == (fed.channels, fed.size, fed.invert)
    code.write_text(f"from architectures.feeding import Input\n\n{line}\n\n{code.read_text()}")
    x, labels = sample_digits()
    with torch.no_grad():
        digits = ask(checkpoints.load("theirs"), x).digit
    assert (digits == labels).float().mean() >= 0.95
    assert command("doctor", "theirs") == 0


def test_a_net_fed_rightly_needs_nothing(place: Path, capsys: pytest.CaptureFixture):
    install(place, trained(convolutions()), 1, 28)
    assert command("doctor", "theirs") == 0
    said = capsys.readouterr().out
    assert "ends in logits" in said and "INPUT" not in said


def test_loading_a_net_fed_wrongly_sends_to_the_doctor(place: Path):
    install(place, convolutions(3), 3, 28)
    with pytest.raises(checkpoints.UnfittingWeights, match="checkpoints doctor theirs"):
        checkpoints.load("theirs")


def test_an_untrained_net_is_told_to_read_few_digits(place: Path, capsys: pytest.CaptureFixture):
    torch.manual_seed(0)
    install(place, convolutions(), 1, 28)
    command("doctor", "theirs")
    assert "trained weights?" in capsys.readouterr().out


def test_the_doctor_names_what_is_missing(place: Path, capsys: pytest.CaptureFixture):
    assert command("doctor", "caps-net") == 2
    assert "caps-net.safetensors" in capsys.readouterr().err
    assert command("doctor", "no-such-net") == 2
    assert "no net called 'no-such-net'" in capsys.readouterr().err


def test_add_writes_how_a_net_without_code_is_fed(place: Path):
    fed = Input(channels=3, size=32)
    net = trained(convolutions(3, 32), fed)
    with pytest.warns(DeprecationWarning):
        torch.jit.trace(net, fed(sample_digits(3)[0])).save("scripted.pt")
    assert command("add", "scripted", "scripted.pt") == 0
    assert architectures.module("scripted").INPUT.channels == 3
    x, labels = sample_digits()
    with torch.no_grad():
        assert (ask(checkpoints.load("scripted"), x).digit == labels).float().mean() >= 0.95


def test_an_input_does_what_torchvision_would():
    x = sample_digits(4)[0]
    padded = Input(channels=3, size=32, fit="pad", mean=(0.1, 0.2, 0.3), std=(0.5, 0.5, 2.0))(x)
    assert padded.shape == (4, 3, 32, 32)
    torch.testing.assert_close(padded[:, 2, 2:30, 2:30], (x[:, 0] - 0.3) / 2)
    assert Input(size=14)(x).shape == (4, 1, 14, 14)
    assert Input(flat=True)(x).shape == (4, 784)
    assert Input(channels=0)(x).shape == (4, 28, 28)
    torch.testing.assert_close(Input(invert=True, scale=255)(x), 255 * (1 - x))


@pytest.mark.parametrize(
    "wrong",
    [{"channels": -1}, {"size": 0}, {"size": 14, "fit": "pad"}, {"std": 0}, {"channels": 3, "mean": (0.5, 0.5)}],
)
def test_an_input_that_makes_no_sense_is_refused(wrong: dict):
    with pytest.raises(BadFeeding):
        Input(**wrong)


def test_an_input_is_written_as_it_is_read():
    way = Input(channels=3, size=32, fit="pad", mean=(0.1, 0.2, 0.3), invert=True)
    assert eval(str(way)) == way
    assert str(Input()) == "Input()"


def test_the_sample_digits_are_ten_of_each_and_what_their_command_draws():
    x, labels = sample_digits()
    assert x.shape == (100, 1, 28, 28) and labels.bincount().tolist() == [10] * 10
    images, drawn = draw_all()
    assert torch.equal(torch.from_numpy(drawn), labels)
    assert (torch.from_numpy(images).float() / 255 - x[:, 0]).abs().mean() < 0.01
