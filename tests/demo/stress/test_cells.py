"""The grid of a stress test: what a cell changes, who survived, and the smallest change."""

from __future__ import annotations

import numpy as np
import pytest

from architectures.input.pen import PRESETS
from demo.inference import Busy, available_nets, predict, predict_side_by_side
from demo.sketchpad.drawing import Drawing
from demo.stress import cells
from demo.stress.cells import AT_A_TIME, Answers, NoStrokes, Stress, answered
from demo.stress.grids import COLUMNS, GRIDS, ROWS, mean_width_px
from demo.stress.moving import box_of, moved_to, rotated, scaled

SEVEN = [[[0.28, 0.25], [0.5, 0.22], [0.72, 0.24], [0.62, 0.45], [0.5, 0.65], [0.42, 0.85]]]


@pytest.fixture
def seven() -> Drawing:
    return Drawing.of(SEVEN, PRESETS["classic"], 7)


def answers_of(winners: list[list[int]]) -> Answers:
    """Answers whose winners are given; -1 stands for a cell that was not asked."""
    probabilities = np.full((*np.shape(winners), 10), np.nan, np.float32)
    for (row, column), digit in np.ndenumerate(np.array(winners)):
        if digit >= 0:
            probabilities[row, column] = 0.01
            probabilities[row, column, digit] = 0.9
    return Answers(probabilities)


@pytest.mark.parametrize("name", GRIDS)
def test_every_grid_has_two_hundred_cells_and_each_of_them_can_be_drawn(name: str, seven: Drawing) -> None:
    stress = Stress(seven, GRIDS[name])
    assert stress.shape == (ROWS, COLUMNS) == (10, 20)
    corners = [stress.cell(row, column).image for row in (0, ROWS - 1) for column in (0, COLUMNS - 1)]
    assert all(not np.array_equal(corners[0], other) for other in corners[1:])


def test_the_width_of_a_cell_is_the_mean_width_of_its_pen(seven: Drawing) -> None:
    stress = Stress(seven, GRIDS["width and hue start"])
    cell = stress.cell(4, 10)
    assert mean_width_px(cell.strokes, cell.own_pens) == pytest.approx(GRIDS["width and hue start"].rows.values[4])
    assert cell.pen.hue_start_deg == pytest.approx(GRIDS["width and hue start"].columns.values[10]) == 60
    assert cell.pen.widest_px / cell.pen.thinnest_px == pytest.approx(seven.pen.widest_px / seven.pen.thinnest_px)


def test_the_hue_start_colours_the_first_ink() -> None:
    dot = Drawing.of([[[0.5, 0.5]]], PRESETS["classic"])
    green = Stress(dot, GRIDS["width and hue start"]).cell(5, 13).image[182, 182]  # 114 degrees
    assert tuple(green) != tuple(dot.image[182, 182])
    assert green[1] == 255 and green[0] < 30


def test_moving_strokes_keeps_their_shape_and_their_middle() -> None:
    (left, right), (top, bottom) = box_of(SEVEN)
    middle = pytest.approx(((left + right) / 2, (top + bottom) / 2))
    for changed in (scaled(SEVEN, 0.5), rotated(SEVEN, 180)):
        xs, ys = box_of(changed)
        assert (sum(xs) / 2, sum(ys) / 2) == middle
    assert box_of(scaled(SEVEN, 0.5))[0] == pytest.approx((0.39, 0.61))
    assert sum(box_of(moved_to(SEVEN, x=0.3))[0]) / 2 == pytest.approx(0.3)
    assert box_of(moved_to(SEVEN, x=0.3))[1] == pytest.approx((top, bottom))


def test_survivors_are_counted_among_the_cells_that_were_asked() -> None:
    assert answers_of([[7, 7, 1], [7, -1, -1]]).survived(7) == pytest.approx(3 / 4)
    assert answers_of([[-1, -1]]).survived(7) == 0


def test_the_smallest_change_is_the_wrong_cell_nearest_to_the_drawing() -> None:
    answers = answers_of([[1, 7, 7], [7, 7, 1], [-1, 7, 1]])
    distances = np.array([[0.9, 0.1, 0.2], [0.1, 0.0, 0.5], [0.01, 0.2, 0.6]])
    assert answers.smallest_change(7, distances) == (1, 2)
    assert answers_of([[7, 7]]).smallest_change(7, np.zeros((1, 2))) is None


def test_the_cell_nearest_to_the_drawing_has_nearly_its_own_pen(seven: Drawing) -> None:
    stress = Stress(seven, GRIDS["width and rotation"])
    row, column = np.unravel_index(stress.distances().argmin(), stress.shape)
    assert stress.grid.columns.values[column] == 0
    assert abs(stress.grid.rows.values[row] - 25) < 4


def test_a_batch_is_answered_as_each_of_its_drawings_alone_by_every_net(seven: Drawing) -> None:
    nets = available_nets()
    stress = Stress(seven, GRIDS["width and size"])
    progress = next(answered(stress, nets))
    assert progress.done == AT_A_TIME
    for column in (5, 19):
        alone = predict(stress.cell(0, column).image, nets)
        assert alone is not None
        for net in nets:
            assert progress.answers[net].asked.sum() == AT_A_TIME
            np.testing.assert_allclose(
                progress.answers[net].probabilities[0, column], alone.by_net[net].probabilities, atol=1e-4
            )


def test_all_cells_are_answered_and_each_batch_in_its_place(seven: Drawing) -> None:
    net = available_nets()[-1]
    stress = Stress(seven, GRIDS["place on the pad"])
    *_, last = answered(stress, [net])
    assert last.done == last.total == ROWS * COLUMNS
    alone = predict(stress.cell(ROWS - 1, 3).image, [net])
    assert alone is not None and last.answers[net].asked.all()
    np.testing.assert_allclose(last.answers[net].probabilities[ROWS - 1, 3], alone.by_net[net].probabilities, atol=1e-4)


def test_whoever_stops_asking_stops_the_nets(seven: Drawing, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    monkeypatch.setattr(cells, "predict_side_by_side", lambda *what: asked.append(1) or predict_side_by_side(*what))
    running = answered(Stress(seven, GRIDS["width and size"]), available_nets()[-1:])
    next(running)
    running.close()
    assert len(asked) == 1


def test_many_stress_tests_at_once_take_one_turn_of_the_nets(seven: Drawing, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever draws meanwhile has the other turn; whoever waits too long is told so."""
    monkeypatch.setattr(cells, "PATIENCE_S", 0.01)
    with cells._reading, pytest.raises(Busy, match="try again"):
        next(answered(Stress(seven, GRIDS["width and size"]), available_nets()[-1:]))
    running = answered(Stress(seven, GRIDS["width and size"]), available_nets()[-1:])
    assert [next(running).done for _ in range(2)] == [AT_A_TIME, 2 * AT_A_TIME]
    running.close()


def test_an_image_without_strokes_is_refused_in_words(seven: Drawing) -> None:
    with pytest.raises(NoStrokes, match="draw it on the pad"):
        Stress(Drawing(seven.image, []), GRIDS["width and size"])
