"""Addresses of static files, and icons inlined into the page.

Own files carry `?v=<content hash>`; vendor files carry their fingerprint in the name (the manifest
written when they were installed maps the plain name to it). Both may therefore be cached for good.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from flask import url_for
from markupsafe import Markup, escape

VENDOR = "vendor/"
FOREVER = "public, max-age=31536000, immutable"
A_WEEK = "public, max-age=604800"
_ICON_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_SVG_BODY = re.compile(r"<svg[^>]*>(.*)</svg>", re.DOTALL)
_BOUNDING_BOX = re.compile(r'<path\s+stroke="none"\s+d="M0 0h24v24H0z"\s+fill="none"\s*/>')


class MissingAsset(LookupError):
    """A static file or icon that a page asks for is not there; the text says how to get it."""


@dataclass
class Assets:
    """The files below one static folder, each read at most once (again when changed, if `is_live`)."""

    folder: Path
    is_live: bool = False
    _hashes: dict[str, tuple[int, str]] = field(default_factory=dict, repr=False)
    _icons: dict[str, Markup] = field(default_factory=dict, repr=False)
    _hidden_icons: dict[tuple[str, str], Markup] = field(default_factory=dict, repr=False)
    _manifest: dict[str, str] | None = field(default=None, repr=False)

    def path(self, name: str) -> str:
        """The file behind a logical name: `vendor/htmx.min.js` may be `vendor/htmx.min.1a2b3c4d.js`."""
        if not name.startswith(VENDOR):
            return name
        plain = name.removeprefix(VENDOR)
        return VENDOR + self.manifest().get(plain, plain)

    def manifest(self) -> dict[str, str]:
        """Plain vendor name -> fingerprinted name; empty when the files keep their names."""
        if self._manifest is None or self.is_live:
            file = self.folder / VENDOR / "manifest.json"
            self._manifest = cast(dict[str, str], json.loads(file.read_text())) if file.is_file() else {}
        return self._manifest

    def content_hash(self, path: str) -> str:
        """Ten hex digits of the file's SHA-256. Raises MissingAsset."""
        known = self._hashes.get(path)
        if known is not None and not self.is_live:
            return known[1]
        file = self.folder / path
        if not file.is_file():
            raise MissingAsset(f"No static file {path}. Front-end files are installed by: make setup")
        changed_at = file.stat().st_mtime_ns
        if known is None or known[0] != changed_at:
            known = (changed_at, hashlib.sha256(file.read_bytes()).hexdigest()[:10])
            self._hashes[path] = known
        return known[1]

    def url(self, name: str) -> str:
        """The address of a static file, changing with its content. Raises MissingAsset."""
        path = self.path(name)
        return url_for("static", filename=path, v=self.content_hash(path))

    def cache_control(self, path: str, version: str | None) -> str | None:
        """How long an answer with this path and `v` may be kept; None leaves it to the server's default."""
        if not (self.folder / path).is_file():
            return None
        if version is not None:
            return FOREVER if version == self.content_hash(path) else None
        if path.startswith(VENDOR) and path.removeprefix(VENDOR) in self.manifest().values():
            return FOREVER
        # Named by fonts.css, so without a fingerprint; the file names change with the typeface only.
        return A_WEEK if path.startswith(VENDOR + "fonts/") else None

    def icon(self, name: str, label: str | None = None, css: str = "") -> Markup:
        """An icon as inline SVG; hidden from screen readers unless `label` names it.

        name: an icon's file name without `.svg`. css: further classes. Raises MissingAsset.
        """
        if label is None:
            # A page shows some two hundred of them, again and again the same.
            if (name, css) not in self._hidden_icons:
                self._hidden_icons[name, css] = self._hidden_icon(name, css)
            return self._hidden_icons[name, css]
        head, body = _classes(css), self._icon_body(name)
        named = Markup('role="img" aria-label="{}"').format(label)
        return _SVG.format(head, named, Markup("<title>{}</title>").format(label), body)

    def _hidden_icon(self, name: str, css: str) -> Markup:
        return _SVG.format(_classes(css), Markup('aria-hidden="true"'), "", self._icon_body(name))

    def _icon_body(self, name: str) -> Markup:
        if name not in self._icons:
            self._icons[name] = self._read_icon(name)
        return self._icons[name]

    def _read_icon(self, name: str) -> Markup:
        file = self.folder / VENDOR / "icons" / f"{name}.svg"
        if not _ICON_NAME.fullmatch(name) or not file.is_file():
            raise MissingAsset(f"No icon {escape(name)}. Add its name to icons.txt, then: make setup")
        found = _SVG_BODY.search(file.read_text())
        if found is None:
            raise MissingAsset(f"The icon {name} is not an SVG file. Install it again: make setup")
        body = " ".join(_BOUNDING_BOX.sub("", found[1]).split()).replace("> <", "><")
        return Markup(body)  # noqa: S704  (from the checked vendor folder, never from a user)


def _classes(css: str) -> str:
    return f"ti {css}" if css else "ti"


_SVG = Markup(
    '<svg class="{}" viewBox="0 0 24 24" width="24" height="24" fill="none" stroke="currentColor" '
    'stroke-width="2" stroke-linecap="round" stroke-linejoin="round" focusable="false" {}>{}{}</svg>'
)
