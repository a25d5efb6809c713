"""The benchmark's people, a few of them, on the real app: what they are told is in, is in."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.bench.challenge import together

pytestmark = pytest.mark.slow


def test_a_few_people_draw_and_label_and_nothing_is_refused_or_lost(tmp_path: Path) -> None:
    with ThreadPoolExecutor(1) as pool:  # Playwright, once used, keeps a loop running in the tests' own thread
        figures = {found.what: found for found in pool.submit(lambda: list(together(tmp_path, 3, seconds=1))).result()}
    assert figures["refusals and failures"].median == 0
    assert figures["drawings confirmed"].median >= 3
    assert figures["of these lost"].median == 0
