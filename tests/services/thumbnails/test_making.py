"""Small pictures: right way up, in the right colours, without a word of where they were taken; and none of
what is broken or built to do harm."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import pytest
from PIL import Image

from app.services.thumbnails import making
from app.services.thumbnails.making import CannotMake, NoThumbnail, make
from tests.support.pictures import RED, is_near, moving_sticker, opened, photo, written


def test_a_photo_becomes_small_upright_and_silent_about_where_it_was_taken() -> None:
    given = photo(1600, 1200, turned=True)
    assert b"CANARY" in given
    small = make(given, 640)
    assert (small.width, small.height) == (640, 480)
    assert len(small.data) < len(given) / 3
    seen = opened(small.data)
    assert (seen.format, seen.size, seen.mode) == ("WEBP", (640, 480), "RGB")
    assert is_near(seen.getpixel((320, 20)), RED), "what was above is above"
    assert not any(chunk in small.data for chunk in (b"EXIF", b"XMP ", b"ICCP", b"CANARY"))


def test_of_a_moving_sticker_the_first_picture_is_shown_see_through_as_it_was() -> None:
    seen = opened(make(moving_sticker(), 320).data)
    assert (seen.size, getattr(seen, "is_animated", False)) == ((320, 320), False)
    assert seen.getpixel((2, 2))[3] == 0
    assert is_near(seen.getpixel((160, 160)), RED)


@pytest.mark.parametrize("mode, kind", [("P", "PNG"), ("LA", "PNG"), ("1", "PNG"), ("CMYK", "JPEG")])
def test_colours_come_in_every_kind_of_spelling(mode: str, kind: str) -> None:
    picture = Image.new("RGB", (900, 600), "white").convert(mode)
    small = make(written(picture, kind), 640)
    assert (small.width, small.height) == (640, 427)
    assert is_near(opened(small.data).convert("RGB").getpixel((300, 200)), (255, 255, 255))


def test_other_colours_than_a_screens_are_changed_into_a_screens() -> None:
    from PIL import ImageCms

    # The profile says what 200, 30, 30 means in light; in sRGB that is something else.
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    gamma = bytearray(lab)
    at = gamma.find(b"para")
    # The curve's first parameter, as a 16.16 number: twice as steep.
    exponent = struct.unpack(">i", gamma[at + 12 : at + 16])[0]
    gamma[at + 12 : at + 16] = struct.pack(">i", exponent // 2)
    plain = written(Image.new("RGB", (900, 900), RED), "PNG")
    steep = written(Image.new("RGB", (900, 900), RED), "PNG", icc_profile=bytes(gamma))
    assert is_near(opened(make(plain, 640).data).getpixel((300, 300)), RED)
    assert not is_near(opened(make(steep, 640).data).getpixel((300, 300)), RED)


def test_a_small_picture_is_not_blown_up() -> None:
    small = make(written(Image.new("RGB", (64, 48), RED), "PNG"), 640)
    assert (small.width, small.height) == (64, 48)


def _bomb() -> bytes:
    """A PNG of a few bytes that claims to be 60,000 × 60,000 points."""
    data = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    head = struct.pack(">I", 13) + b"IHDR" + data + struct.pack(">I", zlib.crc32(b"IHDR" + data))
    return b"\x89PNG\r\n\x1a\n" + head + b"\0\0\0\0IEND" + struct.pack(">I", zlib.crc32(b"IEND"))


def _moving_bomb() -> bytes:
    """A moving WebP whose canvas would take more memory than there is."""
    content = bytearray(moving_sticker())
    content[24:30] = (16_000).to_bytes(3, "little") * 2
    return bytes(content)


@pytest.mark.parametrize(
    "content, words",
    [
        (b"", "It is no picture"),
        (b"GIF89a" + bytes(100), "It is no picture"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "It is no picture"),
        (photo()[:4000], "It is damaged"),
        (_bomb(), "It has 3600 million points"),
        (_moving_bomb(), "It "),
    ],
    ids=["nothing", "GIF", "SVG", "cut off", "bomb", "moving bomb"],
)
def test_what_is_broken_or_hostile_gets_none_and_the_reason(content: bytes, words: str) -> None:
    with pytest.raises(NoThumbnail, match=f"^{words}"):
        make(content, 640)


def test_a_picture_that_ends_its_process_or_takes_for_ever_gets_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    child = tmp_path / "child.py"
    monkeypatch.setattr(making, "_CHILD", child)
    child.write_text("import os; os.kill(os.getpid(), 11)")
    with pytest.raises(NoThumbnail, match="more memory or time"):
        make(photo(64, 48), 640)
    child.write_text("import a_package_that_is_missing")
    with pytest.raises(CannotMake, match="does not run"):
        make(photo(64, 48), 640)
    child.write_text("import time; time.sleep(9)")
    monkeypatch.setattr(making, "WITHIN_S", 0.5)
    with pytest.raises(NoThumbnail, match="more memory or time"):
        make(photo(64, 48), 640)
