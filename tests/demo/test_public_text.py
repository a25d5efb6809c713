"""What strangers read of an error."""

import pytest

from demo.public_text import LONGEST, public_text


@pytest.mark.parametrize(
    ("error", "said"),
    [
        ("/srv/app/checkpoints/caps-net.safetensors is missing", "checkpoints/caps-net.safetensors is missing"),
        ("cannot read '/home/ada/.cache/nets/a.pth': broken", "cannot read 'nets/a.pth': broken"),
        (r"C:\Users\ada\nets\a.pth is missing", "nets/a.pth is missing"),
        (ConnectionRefusedError(111, "Connection refused"), "Connection refused"),
        ("fetch it from https://huggingface.co/ada/nets/a.pth", "fetch it from https://huggingface.co/ada/nets/a.pth"),
        ("expected (B, 1, 28, 28) or 1/2, and/or 3", "expected (B, 1, 28, 28) or 1/2, and/or 3"),
        ("run `python -m checkpoints fetch caps-net`", "run `python -m checkpoints fetch caps-net`"),
        ("a name \x1b[31mred\x1b[0m", "a name [31mred[0m"),
    ],
)
def test_an_error_says_what_but_not_where(error: object, said: str) -> None:
    assert public_text(error) == said


def test_a_text_without_end_is_cut() -> None:
    assert len(public_text("x" * 10_000)) == LONGEST
