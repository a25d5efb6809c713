"""What can go wrong with weights. Every message names the file or net, says why, and what to do next."""

from __future__ import annotations


def printable(text: str) -> str:
    """`text` with what would move a terminal's cursor or change its colours written out; lines stay lines.

    Names of weights and files are whatever somebody else chose.
    """
    return "".join(
        sign if sign.isprintable() or sign == "\n" else sign.encode("unicode_escape").decode() for sign in text
    )


BEGINNING, END = 3000, 1000  # characters of a longer message: names in a file may have millions of them


class _Told(Exception):
    def __init__(self, message: str = "") -> None:
        if len(message) > BEGINNING + END:
            message = f"{message[:BEGINNING]} ... {message[-END:]}"
        super().__init__(printable(message))


class Refused(_Told):
    """A command cannot be carried out; the message says what, which and what next."""


class WeightsError(_Told):
    """A net cannot be given its weights. It is never given random ones instead."""


class BadManifest(WeightsError):
    """manifest.json is not what it should be."""


class MissingWeights(WeightsError):
    """There is no file of weights, and nowhere to fetch one from."""


class UnreadableWeights(WeightsError):
    """The file is truncated, corrupt, or of a format this project does not read."""


class MismatchedWeights(WeightsError):
    """The file's sha256 is not the recorded one."""


class UnfittingWeights(WeightsError):
    """The file is whole, but its keys or shapes are not those of the net."""


class FetchFailed(WeightsError):
    """The Hub, or the way there, did not do what was asked of it; the subclasses say why."""


class Offline(FetchFailed):
    """The Hub cannot be reached."""


class BrokenTransfer(FetchFailed):
    """The transfer ended before the file did, in every attempt."""


class NotAllowed(FetchFailed):
    """The Hub answered 401 or 403: the repository is private or gated, or the token is not valid."""


class NotOnTheHub(FetchFailed):
    """The Hub answered 404: there is no such repository, or no such file in it."""


class MovedRevision(FetchFailed):
    """The repository is there, the pinned revision no longer is."""


class DiskFull(FetchFailed):
    """There is no room for the file."""
