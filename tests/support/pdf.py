"""PDFs for tests: pages of plain text, with bookmarks, or with something nasty in them."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from io import BytesIO

from pypdf import PdfWriter
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject, StreamObject


def pdf(pages: Sequence[Sequence[str]], bookmarks: dict[str, int] | None = None, password: str = "") -> bytes:
    """Each page is its lines."""
    writer = PdfWriter()
    for lines in pages:
        page = writer.add_blank_page(595, 842)
        content = DecodedStreamObject()
        shown = "".join(f"({line}) Tj 0 -20 Td\n" for line in lines)
        content.set_data(f"BT /F1 12 Tf 50 780 Td\n{shown}ET".encode("latin-1"))
        font = DictionaryObject(
            {
                NameObject("/Type"): NameObject("/Font"),
                NameObject("/Subtype"): NameObject("/Type1"),
                NameObject("/BaseFont"): NameObject("/Helvetica"),
            }
        )
        fonts = DictionaryObject({NameObject("/F1"): font})
        page[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): fonts})
        page[NameObject("/Contents")] = writer._add_object(content)
    for title, number in (bookmarks or {}).items():
        writer.add_outline_item(title=title, page_number=number)
    if password:
        writer.encrypt(password, algorithm="RC4-128")
    return _written(writer)


def pdf_bomb(megabytes: int) -> bytes:
    """A small file whose only page unpacks to so much."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    # After a full flush each block comes out the same: packed once, repeated. Nobody reads to the checksum.
    block = packer.compress(b" " * 1024 * 1024) + packer.flush(zlib.Z_FULL_FLUSH)
    packed = b"\x78\xda" + block * megabytes + b"\x03\x00" + bytes(4)
    writer = PdfWriter()
    page = writer.add_blank_page(595, 842)
    stream = StreamObject()
    stream._data = packed
    stream[NameObject("/Filter")] = NameObject("/FlateDecode")
    page[NameObject("/Contents")] = writer._add_object(stream)
    return _written(writer)


def _written(writer: PdfWriter) -> bytes:
    out = BytesIO()
    writer.write(out)
    return out.getvalue()
