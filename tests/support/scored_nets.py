"""Fixtures for tests of scoring: a folder of checkpoints of their own with real weights, and images to score."""

from __future__ import annotations

import shutil

import pytest

import checkpoints
from checkpoints.store import manifest, naming
from checkpoints.training.data import folder_named
from tests.support import small_mnist


@pytest.fixture
def own_weights(tmp_path, monkeypatch):
    """A folder with the weights of resnet-ish, recorded, and as its baseline the same weights once more."""
    found = checkpoints.find("resnet-ish", manifest.read().entry("resnet-ish"))
    if found is None:
        pytest.skip("the weights of resnet-ish are not here")
    folder = tmp_path / "weights"
    folder.mkdir()
    monkeypatch.setenv("CHECKPOINTS_DIR", str(folder))
    for net_id in ("resnet-ish", "resnet-ish/mnist-only"):
        path = folder / f"{naming.stem_of(net_id)}.safetensors"
        shutil.copy(found, path)
        manifest.record(net_id, path)
    return folder


@pytest.fixture(scope="session")
def patterns(tmp_path_factory):
    """A small set in MNIST's file format that needs no download; what a net answers to it means nothing."""
    return small_mnist.write(tmp_path_factory.mktemp("patterns"), train=5_100, test=40)


@pytest.fixture(scope="session")
def real_mnist():
    """MNIST's folder."""
    folder = folder_named()
    if folder is None:
        pytest.skip("MNIST is not beside this checkout, and $MNIST_DIR names no folder")
    return folder
