"""Directions of poses whose attributes are known beforehand, and of a real net's decoder."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

import checkpoints
from checkpoints.__main__ import main
from checkpoints.poses import measured
from checkpoints.poses.directions import ATTRIBUTES, directions
from checkpoints.poses.shape import measure
from checkpoints.store import manifest

NET = "efficient-caps-net"


def mixed(count: int = 4000, noise: float = 0.0) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
    """Poses (N, 16) in which five attributes are mixed with eleven other things, and the attributes; slant and width
    go together."""
    generator = torch.Generator().manual_seed(0)
    hidden = torch.randn(count, 16, generator=generator).double()
    hidden[:, 2] += 0.8 * hidden[:, 1]
    mixing = torch.randn(16, 16, generator=generator).double()
    values = hidden[:, :5] * 2 + 7 + noise * torch.randn(count, 5, generator=generator).double()
    return hidden @ mixing, {name: values[:, at] for at, name in enumerate(ATTRIBUTES)}


def test_an_attribute_that_lies_in_no_single_dimension_is_read_off_all_of_them() -> None:
    poses, values = mixed()
    for direction in directions(poses, values):
        assert direction.r == pytest.approx(1)
        assert direction.value(poses[3].tolist()) == pytest.approx(float(values[direction.name][3]), abs=1e-4)


def test_moving_along_a_direction_changes_its_attribute_alone() -> None:
    poses, values = mixed()
    found = directions(poses, values)
    pose = poses[3].tolist()
    for direction in found:
        moved = direction.moved(pose, direction.value(pose) + 2)
        for other in found:
            expected = other.value(pose) + (2 if other is direction else 0)
            assert other.value(moved) == pytest.approx(expected, abs=1e-6), (direction.name, other.name)


def test_the_correlation_is_that_of_images_held_out_from_the_regression() -> None:
    """Sixteen dimensions fit forty random images well, and say nothing of others."""
    generator = torch.Generator().manual_seed(1)
    poses = torch.randn(50, 16, generator=generator).double()
    values = {name: torch.randn(50, generator=generator).double() for name in ATTRIBUTES}
    assert sum(direction.r for direction in directions(poses, values)) / 5 < 0.4


def test_a_slider_goes_from_the_first_to_the_last_percentile() -> None:
    poses, values = mixed()
    for direction in directions(poses, values):
        of = values[direction.name]
        share = float(((of >= direction.low) & (of <= direction.high)).double().mean())
        assert 0.975 < share < 0.985
        assert direction.low < direction.mean < direction.high


def test_an_attribute_that_never_varies_has_a_direction_that_moves_nothing() -> None:
    poses, values = mixed(200)
    values["width"] = torch.full((200,), 9.0).double()
    width = next(direction for direction in directions(poses, values) if direction.name == "width")
    assert width.r == 0 and max(map(abs, width.per_unit)) < 1e-6


@pytest.fixture(scope="module")
def described(real_mnist: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder of checkpoints in which `describe` measured a real capsule net on 1,500 training images."""
    weights = checkpoints.find(NET, manifest.read().entry(NET))
    if weights is None:
        pytest.skip(f"the weights of {NET} are not here")
    folder = tmp_path_factory.mktemp("described")
    (folder / weights.name).symlink_to(weights)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CHECKPOINTS_DIR", str(folder))
        manifest.record(NET, folder / weights.name)
        assert main(["describe", "--images", "1500", "--data", str(real_mnist)]) == 0
        yield folder


def test_describe_measures_every_capsule_net_here_and_keeps_little(described: Path) -> None:
    file = described / f"{NET}.poses.json"
    assert file.stat().st_size < 100_000
    assert len(json.loads(file.read_text())["digits"]) == 10
    for digit in range(10):
        found = measured.directions(NET, digit)
        assert [direction.name for direction in found] == list(ATTRIBUTES)
        assert sum(direction.r for direction in found) / 5 > 0.75


def test_the_decoder_draws_what_the_direction_says(described: Path) -> None:
    net = checkpoints.load(NET)
    with torch.inference_mode():
        decode = net(torch.zeros(1, 1, 28, 28)).capsules.decode
        for digit in (2, 4):
            mean = measured.read(NET).digits[digit].mean
            for direction in measured.directions(NET, digit):
                if direction.name not in ("slant", "shift right", "shift down"):
                    continue
                ends = []
                for value in (direction.mean - direction.sd, direction.mean + direction.sd):
                    poses = torch.zeros(1, 10, 16)
                    poses[0, digit] = torch.tensor(direction.moved(mean, value))
                    ends.append(float(measure(decode(poses, torch.tensor([digit])))[direction.name][0]))
                assert ends[1] - ends[0] == pytest.approx(2 * direction.sd, rel=0.35), (digit, direction.name)


def test_a_file_without_directions_is_read_as_one_of_older_weights_would_be(described: Path) -> None:
    file = described / f"{NET}.poses.json"
    before = file.read_text()
    older = json.loads(before)
    for digit in older["digits"]:
        del digit["directions"]
    file.write_text(json.dumps(older))
    assert measured.directions(NET, 3) == []
    file.write_text(before)
