"""A process of its own that hands in drawings: python challenge_writer.py ADDRESS NUMBER|endless NAME

Prints the uid of each drawing once it is confirmed, and nothing before.
"""

from __future__ import annotations

import hashlib
import sys
from itertools import count

from architectures.input.pen import PRESETS
from demo.challenge.drawings.submissions import Submission, submit
from demo.challenge.store.database import Store

ENDLESS = "endless"


def uid_of(name: str, number: int) -> str:
    return hashlib.sha256(f"{name} {number}".encode()).hexdigest()[:32]


def given(name: str, number: int) -> Submission:
    """A drawing like any other, without the time it takes to draw one."""
    return Submission(
        uid=uid_of(name, number),
        key_hash=hashlib.sha256(f"{name} {number // 50}".encode()).hexdigest(),
        prompt=number % 10,
        strokes="[[[0.2,0.2],[0.8,0.8]]]",
        image=b"image " * 200,
        pens=PRESETS["classic"],
        length=0.85,
        device="mouse",
        app_version="test",
    )


if __name__ == "__main__":
    address, number, name = sys.argv[1:]
    store = Store(address)
    print("ready", flush=True)
    for i in count() if number == ENDLESS else range(int(number)):
        submit(store, given(name, i))
        print(uid_of(name, i), flush=True)
