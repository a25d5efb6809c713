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


def test_it_prints_the_seconds_of_nets_times_digits_and_of_nets_times_cells(
    capsys: pytest.CaptureFixture[str],
) -> None:
    quick = ["--net", "resnet-ish", "--repetitions", "1", "--grid", "place on the pad", "--digits", "30"]
    assert stress.main(quick) == 0
    said = capsys.readouterr().out
    for what in ("30 digits of MNIST, classic", "200 cells, place on the pad"):
        found = re.search(rf"1 nets x {what}: ([\d.]+) s \(first after ([\d.]+) s", said)
        assert found is not None and 0 < float(found[2]) < float(found[1])


def test_an_unknown_net_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        stress.main(["--net", "nonesuch"])
    assert "resnet-ish" in capsys.readouterr().err
