"""What the pad lets in from the browser, or from anyone who speaks for one."""

from __future__ import annotations

import base64
import io
import json
import math
import random
import struct
import zlib
from typing import Any

import gradio as gr
import numpy as np
import pytest
from PIL import Image

from architectures.input.pen import PRESETS, draw
from demo.sketchpad import Sketchpad
from demo.sketchpad.drawing import Drawing
from demo.sketchpad.payload import PNG_URL, BadPayload, drawing_from, image_from, image_url, payload_of

LINE = [[[0.2, 0.5], [0.8, 0.5]]]
ZIGZAG = [[[0.1 + 0.8 * (i % 2), 0.5] for i in range(40)]]  # 11,000 px: little for a thin pen
PICTURE = draw(LINE, PRESETS["classic"])
GOOD = {"image": image_url(PICTURE), "strokes": LINE, "pen": PRESETS["classic"].to_dict()}


def url(content: bytes) -> str:
    return PNG_URL + base64.b64encode(content).decode()


def file(image: Image.Image, kind: str = "PNG", **settings: Any) -> bytes:
    written = io.BytesIO()
    image.save(written, kind, **settings)
    return written.getvalue()


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def bomb(width: int, height: int) -> bytes:
    """A PNG of a few kilobytes that says it holds width x height pixels."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = zlib.compress(b"\0" * 1_000_000, 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def test_what_the_browser_sends_becomes_a_drawing() -> None:
    drawing = drawing_from(GOOD)
    assert drawing is not None
    assert np.array_equal(drawing.image, PICTURE)
    assert (drawing.strokes, drawing.pen) == (LINE, PRESETS["classic"])


@pytest.mark.parametrize(
    "payload",
    [None, "", {"image": None, "strokes": []}, {"image": image_url(np.zeros_like(PICTURE)), "strokes": []}],
)
def test_an_empty_pad_is_no_drawing(payload: Any) -> None:
    assert drawing_from(payload) is None


def test_strokes_without_an_image_are_drawn_here() -> None:
    drawing = drawing_from({"strokes": LINE, "pen": PRESETS["classic"].to_dict()})
    assert drawing is not None
    assert np.array_equal(drawing.image, PICTURE)


def test_a_drawing_goes_to_the_browser_and_back() -> None:
    two = [*LINE, [[0.5, 0.2], [0.5, 0.8]]]
    for drawing in (Drawing.of(two, [PRESETS["wild"], PRESETS["classic"]]), Drawing(PICTURE, [])):
        sent = json.loads(json.dumps(payload_of(drawing)))
        back = drawing_from(sent)
        assert back is not None
        assert np.array_equal(back.image, drawing.image)
        assert (back.strokes, back.own_pens) == (drawing.strokes, drawing.own_pens)
    assert payload_of(None) is None


def test_strokes_may_come_as_the_text_that_the_pad_sends() -> None:
    listed = drawing_from({"strokes": LINE, "pen": PRESETS["classic"].to_dict()})
    written = drawing_from({"strokes": json.dumps(LINE), "pen": PRESETS["classic"].to_dict()})
    assert listed is not None and written is not None
    assert written.strokes == listed.strokes
    assert np.array_equal(written.image, listed.image)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"strokes": "[[0.5"}, "a text that is not JSON"),
        ({"strokes": "[" * 100_000}, "a text that is not JSON"),
        ({"strokes": "[[[0.5, NaN, 0]]]"}, "y is nan; it should lie in"),
        ({"strokes": '"[]"'}, "list"),
        ({"turn": -1}, "turn should be a whole number"),
        ({"turn": "first"}, "turn should be a whole number"),
        ({"turn": True}, "turn should be a whole number"),
        ({"turn": 10**400}, "turn should be a whole number"),
        ({"image": 7}, "data URL of a PNG"),
        ({"image": "/etc/passwd"}, "data URL of a PNG"),
        ({"image": "file:///etc/passwd"}, "data URL of a PNG"),
        ({"image": "http://127.0.0.1/secret.png"}, "data URL of a PNG"),
        ({"image": {"path": "/etc/passwd"}}, "data URL of a PNG"),
        ({"image": "data:image/svg+xml;base64,PHN2Zz4="}, "data URL of a PNG"),
        ({"image": PNG_URL + "A" * 40_000_000}, "at most 1,000,000"),
        ({"image": PNG_URL + "not base64!"}, "base64 is broken"),
        ({"image": PNG_URL + "é"}, "base64 is broken"),
        ({"image": PNG_URL}, "not a PNG"),
        ({"image": url(b"<script>alert(1)</script>")}, "not a PNG"),
        ({"image": url(file(Image.new("RGB", (364, 364)), "JPEG"))}, "not a PNG"),
        ({"image": url(file(Image.new("RGB", (1, 1))))}, "1 x 1 px; the pad is 364 x 364"),
        ({"image": url(file(Image.new("RGB", (5000, 10))))}, "5000 x 10 px"),
        ({"image": url(bomb(50_000, 50_000))}, "50000 x 50000 px"),
        ({"image": url(base64.b64decode(image_url(PICTURE)[len(PNG_URL) :])[:900])}, "broken or truncated"),
        ({"strokes": "x"}, "a text that is not JSON"),
        ({"strokes": [[[math.nan, 0]]]}, "x is nan"),
        ({"strokes": [[[0.5, 0.5]] * 10**6]}, "1,000,000 points"),
        ({"pen": "classic"}, "pen: a text that is not JSON, 'classic'"),
        ({"pen": '"classic"'}, "a pen is an object"),
        ({"pen": {"thinnest_px": math.nan}}, "thinnest_px is nan"),
        ({"pen": {"colour": "<script>"}}, "like #ffcc00"),
        ({"pens": [{}, {}]}, "list of 1 pens"),
        ({"pens": "x"}, "pens: a text that is not JSON"),
        ({"pens": "[{}, {}]"}, "list of 1 pens"),
        ({"path": "/etc/passwd"}, "no path"),
        ({"strokes": ZIGZAG, "pen": {"thinnest_px": 100, "widest_px": 100}}, "square px of ink"),
    ],
)
def test_hostile_payloads_are_refused_with_a_reason(change: dict[str, Any], message: str) -> None:
    with pytest.raises(BadPayload, match=message):
        drawing_from({**GOOD, **change})


@pytest.mark.parametrize("payload", [7, [], "drawing", True, [GOOD]])
def test_what_is_no_object_is_refused(payload: Any) -> None:
    with pytest.raises(BadPayload, match="a drawing is an object"):
        drawing_from(payload)


def test_a_png_with_any_damage_is_an_image_or_a_clear_error() -> None:
    content = base64.b64decode(image_url(PICTURE)[len(PNG_URL) :])
    chance = random.Random(1)
    for _ in range(150):
        damaged = bytearray(content)
        for _ in range(chance.randint(1, 4)):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        try:
            assert image_from(url(bytes(damaged))).shape == (364, 364, 3)
        except BadPayload:
            continue


def test_text_that_unpacks_to_megabytes_is_refused() -> None:
    content = base64.b64decode(image_url(PICTURE)[len(PNG_URL) :])
    text = chunk(b"zTXt", b"k\0\0" + zlib.compress(b"\0" * 5_000_000, 9))
    with pytest.raises(BadPayload, match="broken or truncated"):
        image_from(url(content[:33] + text + content[33:]))


@pytest.mark.parametrize("mode", ["L", "LA", "P", "1", "RGBA", "I;16"])
def test_a_png_of_any_colour_type_is_read_as_rgb_on_black(mode: str) -> None:
    image = image_from(url(file(Image.new(mode, (364, 364)))))
    assert image.shape == (364, 364, 3)
    assert image.dtype == np.uint8


def test_a_colour_that_a_png_declares_transparent_is_black() -> None:
    image = Image.new("RGB", (364, 364), (200, 100, 50))
    image.info["transparency"] = (200, 100, 50)
    assert not image_from(url(file(image))).any()


def test_a_drawing_carries_the_number_that_its_page_gave_it() -> None:
    assert [getattr(drawing_from({**GOOD, **turn}), "turn", 0) for turn in ({"turn": 12}, {})] == [12, None]


def test_what_is_transparent_is_black() -> None:
    image = Image.new("RGBA", (364, 364), (255, 255, 255, 0))
    image.putpixel((5, 5), (200, 100, 50, 128))
    image = image_from(url(file(image)))
    assert image[0, 0].tolist() == [0, 0, 0]
    assert image[5, 5].tolist() == [100, 50, 25]


def test_the_component_answers_with_an_error_of_gradio() -> None:
    pad = Sketchpad()
    with pytest.raises(gr.Error, match=r"This is not a drawing: the image is 1 x 1 px"):
        pad.preprocess({**GOOD, "image": url(file(Image.new("RGB", (1, 1))))})
    assert pad.preprocess("") is None
    assert pad.postprocess(None) is None


def test_the_components_configuration_can_be_sent() -> None:
    config = json.loads(json.dumps(Sketchpad(Drawing.of(LINE), live_ms=80).get_config()))
    settings = json.loads(config["props"]["settings"])
    assert settings["liveMs"] == 80
    assert settings["presets"]["classic"] == PRESETS["classic"].to_dict()
    assert "${" not in config["html_template"]
    assert "{{" not in config["html_template"]
    assert "`" not in config["html_template"]


def test_the_api_describes_what_the_pad_takes() -> None:
    pad = Sketchpad()
    assert set(pad.api_info()["properties"]) == {"image", "strokes", "pen", "pens"}
    assert pad.preprocess(pad.example_payload()) is not None
    assert pad.postprocess(pad.example_value()) is not None


def test_an_example_shows_the_drawing() -> None:
    shown = Sketchpad().process_example(Drawing.of(LINE, label=1))
    assert shown.startswith('<img src="data:image/png;base64,')
    assert 'alt="a 1"' in shown
    assert Sketchpad().process_example(None) == "empty pad"
