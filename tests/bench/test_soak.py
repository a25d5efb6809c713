"""The soak in short: a minute of everything at once, killed in the middle."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from tests.bench.soak import soak


def test_under_everything_at_once_nothing_confirmed_is_lost_and_nothing_unforeseen_happens() -> None:
    with ThreadPoolExecutor(1) as pool:  # Playwright, once used, keeps a loop running in the tests' own thread
        report = pool.submit(soak, 60, 25, 12).result()
    told = "\n".join(report.lines())
    assert report.kills >= 1, told
    assert report.given.confirmed and report.lost == 0, told
    assert not report.unexpected, told
    assert report.waited.final, told
    assert report.answers["hostile: 400"] and report.answers["oversized: 413"], told
    assert report.peak_mb < 1500, told
