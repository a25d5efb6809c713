"""The benchmark of the stress test says what it measured."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
import torch

from tests.bench import stress


@pytest.fixture(autouse=True)
def threads() -> Iterator[None]:
    """The app's number of threads is set for the measurement, and not for the tests that follow."""
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


def test_it_prints_the_seconds_of_nets_times_cells(capsys: pytest.CaptureFixture[str]) -> None:
    assert stress.main(["--net", "resnet-ish", "--repetitions", "1", "--grid", "place on the pad"]) == 0
    said = re.search(r"1 nets x 200 cells: ([\d.]+) s \(first cells after ([\d.]+) s", capsys.readouterr().out)
    assert said is not None and 0 < float(said[2]) < float(said[1])


def test_an_unknown_net_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        stress.main(["--net", "nonesuch"])
    assert "resnet-ish" in capsys.readouterr().err
