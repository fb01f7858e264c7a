"""Static addresses that may be cached for good, and icons inlined into pages."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from flask import Flask

from app.web.assets import Assets, MissingAsset
from tests.web.conftest import APP

ICON = (
    '<svg\n  xmlns="http://www.w3.org/2000/svg"\n  class="icon"\n>\n'
    '  <path stroke="none" d="M0 0h24v24H0z" fill="none" />\n  <path d="M5 12l5 5l10 -10" />\n</svg>'
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "vendor/icons").mkdir(parents=True)
    (tmp_path / "vendor/fonts").mkdir()
    (tmp_path / "app.js").write_text("one")
    (tmp_path / "vendor/htmx.min.1a2b3c4d5e.js").write_text("htmx")
    (tmp_path / "vendor/fonts/plex.woff2").write_text("font")
    (tmp_path / "vendor/manifest.json").write_text(json.dumps({"htmx.min.js": "htmx.min.1a2b3c4d5e.js"}))
    (tmp_path / "vendor/icons/check.svg").write_text(ICON)
    return tmp_path


def test_address_changes_with_the_content(kit: Flask, folder: Path) -> None:
    with kit.test_request_context():
        first = Assets(folder).url("app.js")
        (folder / "app.js").write_text("two")
        second = Assets(folder).url("app.js")
    assert re.fullmatch(r"/static/app\.js\?v=[0-9a-f]{10}", first)
    assert first != second


def test_a_file_is_read_once_and_again_only_when_live(kit: Flask, folder: Path) -> None:
    still, live = Assets(folder), Assets(folder, is_live=True)
    with kit.test_request_context():
        before = (still.url("app.js"), live.url("app.js"))
        (folder / "app.js").write_text("two")
        after = (still.url("app.js"), live.url("app.js"))
    assert before[0] == after[0]
    assert before[1] != after[1]


def test_vendor_file_has_the_name_of_the_manifest(folder: Path) -> None:
    assert Assets(folder).path("vendor/htmx.min.js") == "vendor/htmx.min.1a2b3c4d5e.js"


def test_missing_file_says_how_to_get_it(kit: Flask, folder: Path) -> None:
    with kit.test_request_context(), pytest.raises(MissingAsset, match="make setup"):
        Assets(folder).url("vendor/other.js")


def test_only_what_can_never_change_is_cached_for_good(folder: Path) -> None:
    assets = Assets(folder)
    right = assets.content_hash("app.js")
    kept = {
        "right hash": assets.cache_control("app.js", right),
        "wrong hash": assets.cache_control("app.js", "0000000000"),
        "no hash": assets.cache_control("app.js", None),
        "fingerprint": assets.cache_control("vendor/htmx.min.1a2b3c4d5e.js", None),
        "font": assets.cache_control("vendor/fonts/plex.woff2", None),
        "nothing there": assets.cache_control("other.js", "0000000000"),
    }
    assert {name: bool(value and "immutable" in value) for name, value in kept.items()} == {
        "right hash": True,
        "wrong hash": False,
        "no hash": False,
        "fingerprint": True,
        "font": False,
        "nothing there": False,
    }
    assert kept["font"] == "public, max-age=604800"


def test_static_answers_carry_these_headers(kit: Flask) -> None:
    client = kit.test_client()
    with kit.test_request_context():
        address = Assets(APP / "static").url("app.js")
    for_good, without = client.get(address), client.get("/static/app.js")
    assert for_good.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert without.headers["Cache-Control"] == "no-cache"
    for_good.close()
    without.close()


def test_icon_is_hidden_from_screen_readers_unless_named(folder: Path) -> None:
    assets = Assets(folder)
    assert 'aria-hidden="true"' in assets.icon("check")
    named = assets.icon("check", label='Sent & "read"')
    assert "aria-hidden" not in named
    assert 'role="img" aria-label="Sent &amp; &#34;read&#34;"' in named
    assert "<title>Sent &amp; &#34;read&#34;</title>" in named


def test_icon_brings_only_its_paths(folder: Path) -> None:
    svg = str(Assets(folder).icon("check", css="wc-big"))
    assert svg.startswith('<svg class="ti wc-big" viewBox="0 0 24 24"')
    assert svg.endswith('><path d="M5 12l5 5l10 -10" /></svg>')


@pytest.mark.parametrize("name", ["unknown", "../../secret", "check.svg", "", "Check"])
def test_icon_that_is_not_there_is_refused(folder: Path, name: str) -> None:
    with pytest.raises(MissingAsset):
        Assets(folder).icon(name)
