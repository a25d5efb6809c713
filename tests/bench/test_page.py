"""The benchmark's arithmetic, and the installation with many nets that it starts."""

import subprocess
import sys

import pytest

import architectures
from tests.bench.many_nets import installation
from tests.bench.page import figure, table


def test_the_95th_percentile_is_a_measured_value_that_95_of_100_do_not_exceed():
    found = figure("a wait", "ms", [float(value) for value in range(100, 0, -1)], 60, 95)
    assert (found.median, found.p95, found.repetitions) == (50.5, 95.0, 100)
    assert found.reached


@pytest.mark.parametrize(("reach", "reached"), [((2, 3), True), ((1.9, 3), False), ((2, 2.9), False), ((2,), True)])
def test_a_figure_is_reached_when_no_bound_is_exceeded(reach, reached):
    assert figure("a wait", "s", [1.0, 2.0, 3.0], *reach).reached is reached


def test_the_table_says_what_was_to_be_reached_and_whether_it_was():
    lines = table([figure("a wait", "ms", [10.0], 5, 70)]).splitlines()
    assert lines[-1] == "| a wait | 1 | 10 ms | 10 ms | median 5, p95 70 | no |"


@pytest.mark.parametrize("nets", [2, 7])
def test_an_installation_has_as_many_nets_as_asked_for_and_each_answers(nets):
    asked = "import architectures, checkpoints; print(*(n for n in architectures.names() if checkpoints.load(n)))"
    with installation(nets) as project:
        found = subprocess.run([sys.executable, "-c", asked], cwd=project, capture_output=True, text=True, check=True)
    names = found.stdout.split()
    assert len(names) == nets
    assert set(names[: min(nets, 2)]) & set(architectures.names())
