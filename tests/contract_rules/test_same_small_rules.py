"""Profiles, Flows, QR codes, automation, block lists, user names, files: one verdict on both sides."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.graph.conversational_automation import Command, ConversationalAutomation, check_automation
from app.graph.flows import CATEGORIES, check_flow
from app.graph.identifiers import is_user_id, phone_with_plus
from app.graph.media_limits import HANDLE_LIMITS, KILOBYTE, MEDIA_LIMITS, check_media
from app.graph.profiles import VERTICALS, BusinessProfile, check_profile
from app.graph.qr_codes import check_qr_code
from app.graph.usernames import check_username
from app.sandbox.graph import block_users, flows, media, uploads
from app.sandbox.graph.business_profiles import VERTICALS as TAKEN_VERTICALS
from app.sandbox.graph.usernames import is_well_formed
from tests.contract_rules.door import Door, words_of
from tests.contract_rules.profile import same_cases

Part = dict[str, Any]


def text(*limits: int) -> st.SearchStrategy[str]:
    """Texts one short of a limit, at it and over it, and odd ones."""
    lengths = st.sampled_from([length + by for length in limits for by in (-1, 0, 1)])
    odd = st.sampled_from(["", " ", "Hello", "ü" * 5, "Hi 🎉", "Hi ⭐", "a\nb"])
    return st.one_of(lengths.map(lambda length: ("ab " * length)[: length - 1] + "z"), odd)


def optional(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(st.none(), strategy)


SITES = st.sampled_from(
    ["https://shop.example", "http://shop.example/" + "a" * 236, "http://shop.example/" + "a" * 237,
     "shop.example", "https://", "https://a b", "HTTPS://shop.example"]
)  # fmt: skip
EMAILS = st.sampled_from(["a@shop.example", "a@shop", "a b@shop.example", "a" * 115 + "@shop.example",
                          "a" * 116 + "@shop.example"])  # fmt: skip


@same_cases
@given(
    st.builds(
        BusinessProfile,
        about=optional(text(1, 139)),
        address=optional(text(256)),
        description=optional(text(512)),
        email=optional(EMAILS),
        websites=optional(st.lists(SITES, max_size=3).map(tuple)),
        vertical=optional(st.sampled_from([*VERTICALS, "SPACE", ""])),
    )
)
def test_profiles(door: Door, profile: BusinessProfile) -> None:
    given_fields = {
        name: value
        for name in ("about", "address", "description", "email", "websites", "vertical")
        if (value := getattr(profile, name)) is not None and not (name in ("about", "vertical") and not value)
    }
    body = {"messaging_product": "whatsapp", **given_fields}
    mine, theirs = check_profile(profile), door.post(f"{door.number_id}/whatsapp_business_profile", body)
    assert bool(mine) == (theirs is not None), (profile, mine, theirs)
    if theirs is not None:
        assert any(one.field.split("[")[0] in words_of(theirs) for one in mine), (profile, mine, theirs)


def test_lines_of_business_are_the_same() -> None:
    assert set(VERTICALS) == set(TAKEN_VERTICALS)


@same_cases
@given(text(200), st.lists(st.sampled_from([*CATEGORIES, "SPACE"]), max_size=3))
def test_flows(door: Door, name: str, categories: list[str]) -> None:
    mine = check_flow(name=name, categories=categories)
    theirs = door.post(f"{door.waba_id}/flows", {"name": name, "categories": categories})
    is_taken_name = theirs is not None and theirs.get("error_subcode") == 4016019  # by an earlier case
    assert bool(mine) == (theirs is not None and not is_taken_name) or is_taken_name, (mine, theirs)
    if theirs is not None and not is_taken_name:
        assert any(one.field.split("[")[0] in words_of(theirs) for one in mine), (mine, theirs)


def test_flow_categories_are_the_same() -> None:
    assert set(CATEGORIES) == set(flows.CATEGORIES)


@same_cases
@given(text(1, 140), st.sampled_from(["SVG", "PNG", "svg", "GIF"]))
def test_qr_codes(door: Door, message: str, image: str) -> None:
    body = {"prefilled_message": message, "generate_qr_image": image}
    mine, theirs = check_qr_code(message, image), door.post(f"{door.number_id}/message_qrdls", body)
    if theirs is not None and "at most 2000" in words_of(theirs):
        return  # the number is full, by earlier cases
    assert bool(mine) == (theirs is not None), (mine, theirs)
    if theirs is not None:
        assert any(one.field in words_of(theirs) for one in mine), (mine, theirs)


COMMANDS = st.lists(st.builds(Command, text(1, 32), text(1, 256)), max_size=3).flatmap(
    lambda listed: st.sampled_from([listed, [Command(f"c{n}", "x") for n in range(30)],
                                    [Command(f"c{n}", "x") for n in range(31)]])
)  # fmt: skip


@same_cases
@given(optional(st.lists(text(1, 80), max_size=5).map(tuple)), optional(COMMANDS.map(tuple)))
def test_automation(
    door: Door, prompts: tuple[str, ...] | None, commands: tuple[Command, ...] | None
) -> None:
    body: Part = {} if prompts is None else {"prompts": [*prompts]}
    if commands is not None:
        body["commands"] = [
            {"command_name": one.name, "command_description": one.description} for one in commands
        ]
    mine = check_automation(ConversationalAutomation(None, prompts, commands))
    theirs = door.post(f"{door.number_id}/conversational_automation", body)
    assert bool(mine) == (theirs is not None), (mine, theirs)
    if theirs is not None:
        assert any(one.field.split(".")[-1].split("[")[0] in words_of(theirs) for one in mine), (mine, theirs)


PEOPLE = st.one_of(
    st.from_regex(r"\A\+?[1-9][0-9]{4,17}\Z"),
    st.sampled_from(["+44 7700 900900", "+1 (555) 010-0101", "15550100001", "US.7310000000000000101", "Ann",
                     "+44770090090x", "us.731"]),
)  # fmt: skip


@same_cases
@given(PEOPLE)
def test_block_list_entries(door: Door, person: str) -> None:
    """Whether somebody wrote lately, or is known at all, is a matter of the day, not of form."""
    is_known_form = is_user_id(person) or phone_with_plus(person) is not None
    entry = {"user_id" if is_user_id(person) else "user": phone_with_plus(person) or person}
    answer = door.ask(
        "POST",
        f"{door.number_id}/block_users",
        json={"messaging_product": "whatsapp", "block_users": [entry]},
    ).get_json()
    problem = answer["block_users"]["failed_users"][0]["errors"][0]
    is_refused = problem["code"] == block_users.NOT_FOUND and "not valid" in problem["message"]
    assert is_known_form != is_refused, (person, problem)


USERNAMES = st.one_of(
    st.text(alphabet="ab1._", min_size=1, max_size=6),
    st.integers(1, 37).map(lambda length: "a" * length),
    st.sampled_from(
        ["www.shop", "wwwshop", "shop.com", "shop.io", "shop.html", "123", "shöp", "a b c", "shop-1"]
    ),
    st.sampled_from(["com", "io", "us", "app", "zzz"]).map(lambda end: f"shop.{end}"),
)


@same_cases
@given(USERNAMES)
def test_usernames(name: str) -> None:
    assert (check_username(name) == []) == is_well_formed(name)


SIZES = {mime: limit.most_bytes for limit in MEDIA_LIMITS.values() for mime in limit.mime_types}


def test_file_types_and_sizes_are_the_same() -> None:
    assert SIZES == media.LONGEST
    assert {mime for limit in HANDLE_LIMITS.values() for mime in limit.mime_types} == set(uploads.TYPES)


@pytest.mark.parametrize("mime_type", sorted(SIZES))
def test_files_around_their_limit(mime_type: str) -> None:
    """The sandbox knows a sticker that moves by its bytes; ours sees type and size only."""
    for size in (0, 1, SIZES[mime_type] - 1, SIZES[mime_type], SIZES[mime_type] + 1):
        is_taken = 1 <= size <= media._longest(mime_type, b"ANIM")
        assert (check_media(mime_type, size) == []) == is_taken, size


def test_a_still_sticker_has_less_room_in_the_sandbox() -> None:
    """The one place where our check is the looser one: it would have to read the file."""
    assert check_media("image/webp", 200 * KILOBYTE) == []
    assert media._longest("image/webp", b"RIFF") == 100 * KILOBYTE
