"""Fixtures that several test files share, and where the tests find MNIST."""

import os
from pathlib import Path

MNIST = Path(__file__).resolve().parents[2] / "shared" / "mnist"  # optional, beside a checkout
if MNIST.is_dir():
    os.environ.setdefault("MNIST_DIR", str(MNIST))

pytest_plugins = ["tests.support.serving", "tests.support.challenge_stores", "tests.support.scored_nets"]
