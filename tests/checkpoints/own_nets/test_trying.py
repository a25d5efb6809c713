"""However a net was trained to be fed, adding it finds that out, and it reads as well here as at home."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

import architectures
import checkpoints
from architectures.contract import ask
from architectures.input.convention import Input
from checkpoints.own_nets.trying import try_ways
from checkpoints.shipped_digits import test_digits
from tests.support.own_nets import command, mlp, trained
from tests.support.own_nets import place as place


class Viewing(nn.Module):
    """Two convolutions, flattened by `.view()` as PyTorch's own examples did for years."""

    def __init__(self, channels: int = 1, side: int = 5) -> None:
        super().__init__()
        self.first, self.second = nn.Conv2d(channels, 8, 5, 2), nn.Conv2d(8, 12, 3, 2)
        self.out = nn.Linear(12 * side * side, 10)

    def forward(self, x: Tensor) -> Tensor:
        x = self.second(self.first(x).relu()).relu()
        return self.out(x.view(x.size(0), -1))


class Rows(nn.Module):
    """Reads the rows of (B, 28, 28) one after the other."""

    def __init__(self) -> None:
        super().__init__()
        self.rows, self.out = nn.GRU(28, 32, batch_first=True), nn.Linear(32, 10)

    def forward(self, x: Tensor) -> Tensor:
        assert x.ndim == 3
        return self.out(self.rows(x)[0][:, -1])


class LastChannels(nn.Module):
    """Takes (B, 28, 28, 1), as nets ported from Keras do."""

    def __init__(self) -> None:
        super().__init__()
        self.body = Viewing()

    def forward(self, x: Tensor) -> Tensor:
        return self.body(x.permute(0, 3, 1, 2).contiguous())


class LogOfSoftmax(nn.Module):
    """Answers minus infinity where a score is far behind."""

    def __init__(self) -> None:
        super().__init__()
        self.body = mlp()

    def forward(self, x: Tensor) -> Tensor:
        scores = self.body(x)
        return scores.log_softmax(dim=1) if self.training else scores.softmax(dim=1).log()


KINDS = {
    "as this project feeds": (Viewing(), Input()),
    "normalised": (Viewing(), Input(mean=0.1307, std=0.3081)),
    "bytes": (nn.Sequential(nn.Flatten(), nn.BatchNorm1d(784), nn.Linear(784, 10)), Input(scale=255)),
    "black on white": (Viewing(), Input(invert=True)),
    "each image standardised": (mlp(), Input(standardise=True)),
    "rows without a channel axis": (Rows(), Input(channels=0)),
    "channels last": (LastChannels(), Input(nhwc=True)),
    "three channels of 32 x 32, normalised": (Viewing(3, 6), Input(channels=3, size=32, mean=0.5, std=0.5)),
    "turned on its side": (Viewing(), Input(transpose=True)),
    "sharpened, with infinite answers": (LogOfSoftmax(), Input(mean=0.5, std=0.1)),
}
TRAINING = {"sharpened, with infinite answers": (400, 3e-4)}  # steps, rate: such large values need small steps


@pytest.mark.parametrize("kind", KINDS)
def test_a_net_reads_as_well_here_as_at_home(kind: str):
    net, way = KINDS[kind]
    steps, rate = TRAINING.get(kind, (150, 5e-3))
    trained(net.train(), way, steps, rate)
    tried = try_ways(net)
    digits = test_digits()
    with torch.no_grad():
        home = (net(way(digits.x)).argmax(dim=1) == digits.labels).float().mean()
        here = (net(tried.kept.way(digits.x)).argmax(dim=1) == digits.labels).float().mean()
    assert here >= home - 0.01, tried.kept.way
    assert home > 0.75


def test_of_equals_among_turned_ways_the_usual_one_is_kept():
    net = trained(nn.Sequential(nn.Flatten(), nn.Linear(784, 10, bias=False)), Input(transpose=True))
    with torch.no_grad():
        net[1].weight *= 0.9  # it predicts the same at any scale; so bytes rank before values from 0 to 1, by a hair
    tried = try_ways(net)
    assert tried.best.way == Input(transpose=True, scale=255)
    assert tried.kept.way == Input(transpose=True)


def test_ways_are_tried_in_one_thread_and_the_others_given_back():
    before, during = torch.get_num_threads(), set()
    net = trained(mlp())
    net.register_forward_hook(lambda *_: during.add(torch.get_num_threads()))
    try:
        torch.set_num_threads(2)
        try_ways(net)
        assert during == {1} and torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)


def code_of(outputs: int) -> str:
    return (
        "from torch import nn\n\n\ndef return_model():\n"
        f"    return nn.Sequential(nn.Flatten(), nn.Linear(784, 32), nn.ReLU(), nn.Linear(32, {outputs}))\n"
    )


CLASSES = {
    "counted from one": (10, [1, 2, 3, 4, 5, 6, 7, 8, 9, 0]),
    "eleven, the first for none": (11, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]),
    "forty-seven, the digits first": (47, list(range(10))),
}


@pytest.mark.parametrize("kind", CLASSES)
def test_other_classes_are_recognised_said_and_declared(place: Path, kind: str, capsys: pytest.CaptureFixture):
    outputs, chosen = CLASSES[kind]
    torch.manual_seed(0)
    net = mlp()
    net[3] = nn.Linear(32, outputs)
    permuted = nn.Sequential(net, Picked(chosen))
    trained(net if chosen == list(range(10)) else permuted, steps=200)  # with 80, eleven outputs read 8 digits of 10
    torch.save(net.state_dict(), "theirs.pth")
    (place / "theirs.py").write_text(code_of(outputs))
    assert command("add", "theirs", "theirs.pth", "--architecture", "theirs.py") == 0
    assert tuple(architectures.module("theirs").CLASSES) == tuple(chosen)
    assert "classes" in capsys.readouterr().out
    x = test_digits(100).x
    with torch.no_grad():
        assert torch.equal(ask(checkpoints.load("theirs"), x).digit, permuted(x).argmax(dim=1))


class Picked(nn.Module):
    def __init__(self, outputs: list[int]) -> None:
        super().__init__()
        self.outputs = outputs

    def forward(self, scores: Tensor) -> Tensor:
        return scores[:, self.outputs]


SQUEEZING = """from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.out = nn.Linear(784, 32), nn.Linear(32, 10)

    def forward(self, x):
        return self.out(self.first(x.{flattening}).relu()){ending}


def return_model():
    return Net()
"""


def test_a_net_that_squeezes_its_answer_to_a_single_image_is_added(place: Path):
    (place / "theirs.py").write_text(SQUEEZING.format(flattening="flatten(1)", ending=".squeeze()"))
    torch.save(saved(), "theirs.pth")
    assert command("add", "theirs", "theirs.pth", "--architecture", "theirs.py") == 0
    with torch.no_grad():
        assert ask(checkpoints.load("theirs"), test_digits(1).x).probabilities.shape == (1, 10)


def test_a_net_for_single_images_alone_is_refused_with_what_to_write(place: Path, capsys: pytest.CaptureFixture):
    (place / "theirs.py").write_text(SQUEEZING.format(flattening="view(1, 784)", ending=""))
    torch.save(saved(), "theirs.pth")
    assert command("add", "theirs", "theirs.pth", "--architecture", "theirs.py") == 2
    assert "keep the batch axis" in capsys.readouterr().err
    assert "theirs" not in architectures.names()


def saved() -> dict[str, Tensor]:
    net = trained(mlp())
    names = {"1.weight": "first.weight", "1.bias": "first.bias", "3.weight": "out.weight", "3.bias": "out.bias"}
    return {names[key]: tensor for key, tensor in net.state_dict().items()}


def test_code_that_was_there_already_is_not_written_into_and_its_line_is_said(
    place: Path, capsys: pytest.CaptureFixture
):
    net = trained(mlp(), Input(scale=255), steps=150)
    torch.nn.init.constant_(net[1].bias, -60.0)  # else it would read digits in 0..1 as well
    trained(net, Input(scale=255), steps=150)
    torch.save(net.state_dict(), "theirs.pth")
    path = place / "architectures" / "theirs.py"
    path.write_text(code_of(10))
    assert command("add", "theirs", "theirs.pth") == 2
    assert "INPUT = Input(scale=255)" in capsys.readouterr().err
    assert path.read_text() == code_of(10) and not list((place / "checkpoints").glob("theirs*"))


def test_helpers_beside_the_code_come_along_and_go_along(place: Path):
    (place / "layers.py").write_text("from torch import nn\n\n\ndef last():\n    return nn.Linear(32, 10)\n")
    program = code_of(10).replace("import nn\n", "import nn\n\nfrom layers import last\n")
    (place / "theirs.py").write_text(program.replace("nn.Linear(32, 10)", "last()"))
    torch.save(trained(mlp()).state_dict(), "theirs.pth")
    before = set(architectures.names())
    assert command("add", "theirs", "theirs.pth", "--architecture", "theirs.py") == 0
    assert set(architectures.names()) == {*before, "theirs"}
    assert (place / "architectures" / "theirs" / "layers.py").is_file()
    checkpoints.load("theirs")
    assert command("remove", "theirs", "--yes") == 0
    assert set(architectures.names()) == before and not (place / "architectures" / "theirs").exists()


def test_a_folder_of_code_is_added_whole(place: Path):
    (place / "net").mkdir()
    (place / "net" / "layers.py").write_text("WIDTH = 32\n")
    (place / "net" / "__init__.py").write_text("from .layers import WIDTH\n" + code_of(10).replace("32", "WIDTH"))
    torch.save(trained(mlp()).state_dict(), "theirs.pth")
    assert command("add", "theirs", "theirs.pth", "--architecture", "net") == 0
    checkpoints.load("theirs")
