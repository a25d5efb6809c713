"""MNIST is read from where it is named, split once, and refused with a sentence when it is broken."""

import gzip
import os
import subprocess
import sys

import pytest
import torch

from checkpoints.training.data import NoData, mnist, original, places
from tests.support import small_mnist


@pytest.fixture
def folder(tmp_path):
    return small_mnist.shipped(tmp_path)


def test_a_twelfth_of_the_training_images_is_held_back_and_no_image_is_in_both_parts(folder):
    training, labels = mnist("train", folder)
    validation, _ = mnist("validation", folder)
    assert (len(training), len(labels), len(validation)) == (110, 110, 10)
    assert sorted(torch.cat([places("train", 120), places("validation", 120)]).tolist()) == list(range(120))


def test_mnists_own_5000_validation_images_are_the_same_as_ever():
    assert len(places("validation", 60_000)) == 5_000
    assert places("validation", 60_000)[:4].tolist() == VALIDATION_BEGINS


VALIDATION_BEGINS = [34099, 50949, 50557, 17429]


@pytest.mark.parametrize(
    "broken",
    [b"", b"\x1f\x8b", gzip.compress(b""), gzip.compress(b"\0\0\x08\x03"), gzip.compress(b"\0" * 16 + b"no MNIST")],
    ids=["empty", "cut", "unpacks to nothing", "header only", "another file"],
)
def test_a_broken_file_is_named(folder, broken):
    path = folder / "train-images-idx3-ubyte.gz"
    path.write_bytes(broken)
    with pytest.raises(NoData, match=r"train-images-idx3-ubyte\.gz is not a whole IDX file of bytes"):
        original(True, folder)


def test_a_file_cut_short_is_named(folder):
    path = folder / "train-images-idx3-ubyte.gz"
    path.write_bytes(path.read_bytes()[:5_000])
    with pytest.raises(NoData, match="not a whole IDX file"):
        original(True, folder)


def test_labels_of_another_set_are_refused(folder):
    (folder / "train-labels-idx1-ubyte.gz").write_bytes((folder / "t10k-labels-idx1-ubyte.gz").read_bytes())
    with pytest.raises(NoData, match="does not hold MNIST"):
        original(True, folder)


def test_training_says_so_in_one_line(folder):
    (folder / "train-labels-idx1-ubyte.gz").write_bytes(b"")
    command = [sys.executable, "-m", "checkpoints", "train", "resnet-ish", "--runs", str(folder / "runs")]
    ended = subprocess.run(
        command, env=os.environ | {"MNIST_DIR": str(folder)}, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 2
    assert "is not a whole IDX file of bytes: fetch MNIST again" in ended.stderr
    assert "Traceback" not in ended.stderr
