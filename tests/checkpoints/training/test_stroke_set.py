"""MNIST's stroke files: traced once, resumed where they were stopped, the same bytes every time."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest

from checkpoints.training import stroke_set
from checkpoints.training.data import mnist
from checkpoints.training.tracing import trace
from tests.support import small_mnist

pytestmark = pytest.mark.slow

PATIENCE_S = 200


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("TRAINING_CACHE", str(tmp_path / "cache"))
    return small_mnist.shipped(tmp_path / "mnist", 60)


def test_strokes_stand_in_the_order_of_the_images(folder):
    images, _ = mnist("validation", folder)
    strokes = stroke_set.traced("validation", folder)
    assert len(strokes) == len(images) == 5
    for image, digit in zip(images.numpy(), strokes, strict=True):
        again = trace(image)
        assert digit.overlap == again.overlap
        assert all(abs(a - b).max() < 1e-4 for a, b in zip(digit.strokes, again.strokes, strict=True))


def test_a_line_is_a_drawing_of_a_stroke_file(folder):
    from demo.sketchpad.stroke_file import read_file

    path = stroke_set.write("test", folder)
    drawings = read_file(path)
    assert [drawing.label for drawing in drawings] == mnist("test", folder)[1].tolist()
    assert all(drawing.pen.colour == "#ffffff" for drawing in drawings)


def test_a_killed_tracing_goes_on_where_it_was_to_the_same_file(folder, tmp_path, monkeypatch):
    whole = stroke_set.write("train", folder).read_bytes()
    monkeypatch.setenv("TRAINING_CACHE", str(tmp_path / "second"))
    small = "from checkpoints.training import stroke_set; stroke_set.AT_ONCE = 5; stroke_set.main()"
    command = [sys.executable, "-c", small, "--data", str(folder)]
    process = subprocess.Popen(command, env=os.environ.copy(), start_new_session=True, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + PATIENCE_S
    while not list((tmp_path / "second").glob("*.work/*.part")):
        assert time.monotonic() < deadline and process.poll() is None
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    done = {path: path.stat().st_mtime_ns for path in (tmp_path / "second").glob("*.work/*.part")}
    assert 0 < len(done) < 12
    monkeypatch.setattr(stroke_set, "AT_ONCE", 5)
    stroke_set.traced("train", folder)
    assert {path: path.stat().st_mtime_ns for path in done} == done, "what was done before was not done again"
    assert stroke_set.write("train", folder).read_bytes() == whole


def test_only_the_digits_asked_for_are_traced(folder, tmp_path, monkeypatch):
    monkeypatch.setattr(stroke_set, "AT_ONCE", 10)
    assert len(stroke_set.traced("train", folder, first=10)) == len(mnist("train", folder, first=10)[0])
    assert len(list((tmp_path / "cache").glob("*.work/*.part"))) == 1


def test_digits_that_cannot_be_traced_have_no_strokes(folder, tmp_path):
    import numpy as np

    wedge = np.zeros((1, 28, 28), np.uint8)
    wedge[0, 4:24, 4:24] = 255 * np.tri(20, dtype=np.uint8)
    record = json.loads(stroke_set.lines(wedge, np.array([7])))
    assert record["strokes"] == [] and record["label"] == 7
