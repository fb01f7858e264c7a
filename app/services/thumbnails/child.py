"""Run as a script by making.py: a stranger's picture on stdin, a small one on stdout. Knows nothing of ours.

`child.py SIDE`: the answer is at most SIDE points long and wide. A line of JSON comes first, with `width` and
`height`, after which the bytes follow (WebP, sRGB, without anything that the picture said of its making),
or with `problem`: why there are none, for people.
"""

from __future__ import annotations

import io
import json
import os
import resource
import sys
from contextlib import suppress

from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

_MEMORY = 768 * 1024 * 1024
_CPU_S = 15
_MOST_PIXELS = 40_000_000
"""A picture of WhatsApp's has up to 16 million; more than this is hostile, or of no use in a thread."""
_QUALITY = 75
_FORMATS = ("JPEG", "PNG", "WEBP")
_RESIZABLE = frozenset({"L", "LA", "RGB", "RGBA", "CMYK", "YCbCr"})


class Refused(Exception):
    """There will be no small picture; the text says why."""


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (_CPU_S, _CPU_S))
    # Messages go first, but somebody may be waiting for it.
    os.nice(5)
    data = b""
    head: dict[str, object]
    try:
        data, width, height = draw(sys.stdin.buffer.read(), int(sys.argv[1]))
        head = {"width": width, "height": height}
    except Refused as refusal:
        head = {"problem": str(refusal)}
    except UnidentifiedImageError:
        head = {"problem": "It is no picture, whatever its sender says."}
    except MemoryError:
        head = {"problem": "It needs more memory than a picture may have."}
    except Exception as error:  # noqa: BLE001 - whatever a broken file makes the library raise
        head = {"problem": f"It is damaged ({type(error).__name__})."}
    sys.stdout.buffer.write(json.dumps(head).encode() + b"\n" + data)


def draw(content: bytes, side: int) -> tuple[bytes, int, int]:
    """(bytes, width, height), upright. Of one that moves the first picture."""
    # Our own limit stands below; the library's warns at a size that cameras have.
    Image.MAX_IMAGE_PIXELS = None
    with Image.open(io.BytesIO(content), formats=_FORMATS) as picture:
        if picture.width * picture.height > _MOST_PIXELS:
            millions = picture.width * picture.height // 1_000_000
            raise Refused(f"It has {millions} million points; small pictures are made of up to 40 million.")
        small = _shrunk(picture, side)
    profile = small.info.get("icc_profile")
    with suppress(Exception):  # a broken note on how it was held says nothing about the picture
        small = ImageOps.exif_transpose(small)
    small = _in_srgb(small, profile)
    small.info.clear()
    written = io.BytesIO()
    small.save(written, "WEBP", quality=_QUALITY, method=4)
    return written.getvalue(), small.width, small.height


def _shrunk(picture: Image.Image, side: int) -> Image.Image:
    if picture.mode not in _RESIZABLE:
        # Before the colours of a palette are mixed they have to be colours.
        is_see_through = "transparency" in picture.info or picture.mode == "PA"
        picture = _with_notes(picture.convert("RGBA" if is_see_through else "RGB"), picture)
    # For a JPEG this also tells the decoder to read no more detail than is of use.
    picture.thumbnail((side, side), Image.Resampling.LANCZOS)
    picture.load()
    return picture


def _with_notes(changed: Image.Image, original: Image.Image) -> Image.Image:
    changed.info = dict(original.info)
    return changed


def _in_srgb(picture: Image.Image, profile: bytes | None) -> Image.Image:
    has_alpha = picture.mode in ("LA", "RGBA")
    mode = "RGBA" if has_alpha else "RGB"
    if profile and picture.mode in ("L", "RGB", "RGBA", "CMYK"):
        with suppress(ImageCms.PyCMSError, OSError):
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            target = ImageCms.createProfile("sRGB")
            changed = ImageCms.profileToProfile(picture, source, target, outputMode=mode)
            picture = changed or picture
    return picture if picture.mode == mode else picture.convert(mode)


if __name__ == "__main__":
    main()
