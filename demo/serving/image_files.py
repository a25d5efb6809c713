"""An image file from anywhere -> the image the nets are fed from: uint8 (H, W, 3), light ink on black.

Images of this project have a black ground already. Others are brought to it:
- transparency is laid on black, or on white when the ink itself is black;
- the ground is the median colour of the outermost pixels. A light ground means dark ink: it is inverted;
- what is left of the ground is subtracted, so that grey paper becomes black.
"""

from __future__ import annotations

import base64
import io
import re

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from architectures.input.mnist_like import RGBImage, ink_mask

FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP")
LARGEST_PIXELS = 4_000_000  # told from the header: a net sees 28x28 of them, and a small file can hold a great many
SMALLEST_SIDE_PX = 8
LONGEST_TO_SHORTEST = 10
WORKING_SIDE_PX = 1024  # larger images are reduced: a net sees 28x28 of them
DATA_URL = re.compile(r"data:image/[a-z.+-]+;base64,", re.IGNORECASE)


class BadImageFile(ValueError):
    """The bytes cannot be used as an image; the message says why."""


def from_data_url(text: str) -> RGBImage:
    """The image in `data:image/png;base64,...`; raises BadImageFile for any other text."""
    prefix = DATA_URL.match(text)
    if prefix is None:
        raise BadImageFile('an image given as text is a data URL that begins with "data:image/png;base64,"')
    try:
        return from_bytes(base64.b64decode(text[prefix.end() :], validate=True))
    except ValueError as error:  # binascii's own is one; characters outside ASCII raise a plain one
        raise BadImageFile(f"the data URL is not valid base64: {error}") from error


def from_bytes(content: bytes) -> RGBImage:
    """The image in a file's content, turned as its EXIF says, uint8 (H, W, 3) on black ground.

    Raises BadImageFile for a file that is no image, is cut short, has too many pixels or too odd a shape.
    """
    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as image:
            check_size(*image.size)
            image.load()
            upright = ImageOps.exif_transpose(eight_bits(image))
    except BadImageFile:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise BadImageFile(f"the image has more than {LARGEST_PIXELS:,} pixels") from error
    except Exception as error:  # Pillow's decoders raise about anything at broken files, OSError to struct.error
        raise BadImageFile(f"not a whole {', '.join(FORMATS)} image") from error
    upright.thumbnail((WORKING_SIDE_PX, WORKING_SIDE_PX))
    return on_black(upright)


def check_size(width: int, height: int) -> None:
    """Raise BadImageFile for an image too large to open, or too small or thin to hold a digit."""
    if width * height > LARGEST_PIXELS:
        raise BadImageFile(f"the image is {width}x{height}, more than {LARGEST_PIXELS:,} pixels")
    if min(width, height) < SMALLEST_SIDE_PX:
        raise BadImageFile(f"the image is {width}x{height}; each side needs at least {SMALLEST_SIDE_PX} pixels")
    if max(width, height) > LONGEST_TO_SHORTEST * min(width, height):
        raise BadImageFile(
            f"the image is {width}x{height}; one side may be at most {LONGEST_TO_SHORTEST} times the other"
        )


def eight_bits(image: Image.Image) -> Image.Image:
    """16-bit grey as 8-bit grey, any other image as it is: Pillow would clip it, and cannot make it smaller."""
    if not image.mode.startswith("I"):
        return image
    exif = image.getexif()
    grey = Image.fromarray((np.asarray(image).astype(np.int64) >> 8).clip(0, 255).astype(np.uint8))
    grey.info["exif"] = exif.tobytes()
    return grey


def on_black(image: Image.Image) -> RGBImage:
    """The image as light ink on a black ground, uint8 (H, W, 3)."""
    if not image.has_transparency_data:
        return without_ground(np.asarray(image.convert("RGB")))
    layer = image.convert("RGBA")
    laid = _laid_on(layer, "black")
    if not ink_mask(laid).any():
        laid = _laid_on(layer, "white")
    return without_ground(laid)


def without_ground(image: RGBImage) -> RGBImage:
    """The image with its ground made black: inverted when the ground is light, then the ground subtracted."""
    ground = ground_of(image)
    if ground.mean() > 127:
        image, ground = 255 - image, 255 - ground
    if not ground.any():
        return image
    lifted = (image.astype(np.float32) - ground).clip(0) * (255 / (255 - ground.astype(np.float32)).clip(1))
    return lifted.clip(0, 255).astype(np.uint8)


def ground_of(image: RGBImage) -> NDArray[np.uint8]:
    """Median colour of the outermost pixels, uint8 (3,)."""
    edge = np.concatenate([image[0], image[-1], image[:, 0], image[:, -1]])
    return np.median(edge, axis=0).astype(np.uint8)


def _laid_on(layer: Image.Image, colour: str) -> RGBImage:
    ground = Image.new("RGBA", layer.size, colour)
    return np.asarray(Image.alpha_composite(ground, layer).convert("RGB"))
