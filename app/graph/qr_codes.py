"""QR codes and short links that open a chat. Source: Meta docs, "QR codes" page, read 2026-09."""

from __future__ import annotations

import builtins
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from app.graph import reading
from app.graph.calls import Caller, each, node, succeeded
from app.graph.checking import Spot
from app.graph.errors import GraphRejected
from app.graph.problems import Problem, refuse

MOST_MESSAGE_CHARACTERS = 140
MOST_CODES = 2000
IMAGE_FORMATS = ("SVG", "PNG")
_PAGE = 25


@dataclass(frozen=True, slots=True)
class QrCode:
    """A short link `https://wa.me/message/CODE` whose chat begins with `prefilled_message`.

    `image_url` comes only when an image was asked for; the address does not live long.
    """

    code: str
    prefilled_message: str = ""
    deep_link_url: str | None = None
    image_url: str | None = None


class QrCodes:
    """`client.qr_codes`"""

    def __init__(self, call: Caller) -> None:
        self._call = call

    def create(self, phone_number_id: str, message: str, *, image: str = "SVG") -> QrCode:
        """Make a code with its picture (SVG or PNG); 2,000 a number, 140 characters of message."""
        refuse(check_qr_code(message, image))
        body = {"prefilled_message": message, "generate_qr_image": image}
        return _qr_code(self._call("POST", _edge(phone_number_id), body=body).data)

    def update(self, phone_number_id: str, code: str, message: str) -> QrCode:
        """Change the message; code, link and picture stay."""
        refuse(check_qr_code(message))
        body = {"code": node(code), "prefilled_message": message}
        return _qr_code(self._call("POST", _edge(phone_number_id), body=body).data)

    def each(self, phone_number_id: str, *, image: str = "SVG") -> Iterator[QrCode]:
        """The number's codes one by one, newest first."""
        refuse(check_qr_code(".", image))
        wanted = f"code,prefilled_message,deep_link_url,qr_image_url.format({image})"
        for found in each(self._call, _edge(phone_number_id), {"fields": wanted, "limit": _PAGE}):
            yield _qr_code(found)

    def list(self, phone_number_id: str, *, image: str = "SVG") -> builtins.list[QrCode]:
        """All codes of the number."""
        return [*self.each(phone_number_id, image=image)]

    def get(self, phone_number_id: str, code: str) -> QrCode:
        """One code, which Meta answers as a list of one. Raises GraphRejected if there is none."""
        answer = self._call("GET", f"{_edge(phone_number_id)}/{node(code)}")
        found = next(iter(reading.mappings(answer.data.get("data"))), None)
        if found is None:
            raise GraphRejected("There is no such QR code", info=answer.info)
        return _qr_code(found)

    def delete(self, phone_number_id: str, code: str) -> bool:
        """Delete a code; what was printed with it no longer works."""
        return succeeded(self._call("DELETE", f"{_edge(phone_number_id)}/{node(code)}"))


def check_qr_code(message: str, image: str = "SVG") -> list[Problem]:
    """What Meta would refuse in a QR code."""
    problems: list[Problem] = []
    Spot(message, "prefilled_message", problems).text("The message", MOST_MESSAGE_CHARACTERS)
    Spot(image, "generate_qr_image", problems).choice("The picture", IMAGE_FORMATS)
    return problems


def _edge(phone_number_id: str) -> str:
    return f"{node(phone_number_id)}/message_qrdls"


def _qr_code(found: Mapping[str, Any]) -> QrCode:
    return QrCode(
        code=reading.text(found.get("code")) or "",
        prefilled_message=reading.text(found.get("prefilled_message")) or "",
        deep_link_url=reading.text(found.get("deep_link_url")),
        image_url=reading.text(found.get("qr_image_url")),
    )
