"""Pictures as customers send them, and what became of them."""

from __future__ import annotations

import io
from typing import Any

from PIL import Image

RED, BLUE = (200, 30, 30), (30, 30, 200)
_TURNED_RIGHT = 6
"""EXIF: to be seen upright it has to be turned by a quarter, clockwise."""


def photo(width: int = 1600, height: int = 1200, *, turned: bool = False, quality: int = 85) -> bytes:
    """Red above and noise below, as a JPEG of some hundred kilobytes; `turned`: as a phone held upright
    writes it, with the place where it was taken."""
    picture = Image.effect_noise((width, height), 90).convert("RGB")
    picture.paste(RED, (0, 0, width, height // 4))
    notes = Image.Exif()
    if turned:
        picture = picture.rotate(90, expand=True)
        notes[0x0112] = _TURNED_RIGHT
        notes[0x010F] = "CANARY camera"
        notes.get_ifd(0x8825)[1] = "N"
    return written(picture, "JPEG", exif=notes, quality=quality)


def moving_sticker() -> bytes:
    """512 × 512: first red, then blue, on a see-through ground."""
    frames = []
    for colour in (RED, BLUE):
        frame = Image.new("RGBA", (512, 512))
        frame.paste((*colour, 90), (0, 64, 512, 448))
        frame.paste((*colour, 255), (128, 128, 384, 384))
        frames.append(frame)
    return written(frames[0], "WEBP", save_all=True, append_images=frames[1:], duration=200, lossless=True)


def written(picture: Image.Image, kind: str, **how: Any) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, **how)
    return out.getvalue()


def opened(content: bytes) -> Image.Image:
    picture = Image.open(io.BytesIO(content))
    picture.load()
    return picture


def is_near(seen: Any, colour: tuple[int, int, int]) -> bool:
    return all(abs(one - other) < 25 for one, other in zip(seen[:3], colour, strict=True))
