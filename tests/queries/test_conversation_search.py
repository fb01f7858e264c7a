"""Searching conversations: the index, what is not in it yet, and a plain look at every row say the same."""

from __future__ import annotations

import random
import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, update

from app.extensions import db
from app.models import Contact, Conversation, Message, SearchProgress, utcnow
from app.queries import conversation_lists as queries
from app.queries import conversation_search
from app.queries.access import EVERYTHING, AccountScope
from app.queries.conversation_filters import ConversationFilters
from app.queries.search import who
from app.queries.search.folding import fold, is_dense, is_in_words
from app.services.search_index import Indexer

NAMES = [
    "José Álvarez", "Jose Alvares", "Zoë Quinn", "Łukasz Żak", "Groß & Söhne", "O'Brien, Áine",
    "100% Bio",
    "احمد علي", "أَحْمَد", "कुल दीप", "काल", "王小明", "小明", "山田がく", "山田かく", "한글 이름", "Ёлка Ель",
    "😀 Mia", "",
    "a_b", "axb", "al", "Al Bo", "Anne-Marie", "anna", "ANNA K.",
]  # fmt: skip
SEARCHES = [
    "jose", "JOSÉ", "alvare", "lvar", "zoe", "oe q", "lukasz zak", "zak", "gross", "& so", "o'b",
    "brien, a",
    "100%", "%", "_", "a_b", "احمد", "أحمد ع", "कुल", "कु", "小明", "王", "明", "がく", "かく", "이름",
    "елка", "😀", "😀 m",
    "al", "a", "an", "ann", "e-m", "k.", "0770090", "07700 900-00", "+44 7700 9000", "(0)7", "44",
    "0", "00000",
    "@user_1", "user_1", "@", "GB.12345678", "gb.1234", "nobody", "\x00", "\ud800", "*",
    '"', "' OR 1=1 --", "\\",
]  # fmt: skip


def plain_match(contact: Contact, typed: str) -> bool:
    """Without any index: what stands in a line, or at a word's beginning where it is short."""
    folded = fold(typed)
    needles = {folded, folded.removeprefix("@").strip()}
    if not re.search(r"[^\d\s()+./-]", folded):
        needles.add(re.sub(r"\D", "", folded).lstrip("0"))
    lines = [fold(contact.profile_name), fold(contact.username), contact.wa_id or ""]
    return contact.user_id == typed or any(
        stands_in(needle, line) for needle in needles if needle for line in lines
    )


def stands_in(needle: str, line: str) -> bool:
    if len(needle) >= 3:
        return needle in line
    return any(
        line.startswith(needle, place)
        for place in range(len(line))
        if place == 0
        or is_dense(line[place])
        or not is_in_words(line[place - 1])
        or is_dense(line[place - 1])
    )


def search(typed: str, limit: int = 1_000, **filters: Any) -> list[int]:
    """The ids of all that is found, page by page."""
    found: list[int] = []
    cursor = None
    while True:
        page = queries.list_conversations(
            EVERYTHING, ConversationFilters(search=typed, **filters), cursor, limit
        )
        found += [row.id for row in page.conversations]
        cursor = page.next_cursor
        if cursor is None:
            return found


def index_everything() -> None:
    indexer = Indexer()
    while indexer.step():
        continue


@pytest.fixture
def crowd(make: Any) -> dict[int, Contact]:
    """People with a conversation each, by its id."""
    account, other = make.account(), make.account()
    chance = random.Random(7)
    rows: dict[int, Contact] = {}
    for number in range(60):
        home = chance.choice((account, other))
        contact = make.contact(
            home,
            profile_name=chance.choice(NAMES),
            username=chance.choice(("", f"user_{number}", "anna.k")),
            user_id=f"GB.{12345678 + number}",
        )
        at = utcnow() - timedelta(minutes=number // 2)
        rows[make.conversation(home, contact=contact, last_message_at=at).id] = contact
    return rows


@pytest.fixture(params=["few", "many", "many and rare"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """The three ways to an answer, each of which any search may take."""
    if request.param != "few":
        monkeypatch.setattr(who, "FEW", 0)
        monkeypatch.setattr(conversation_search, "_WINDOW", 1_000 if request.param == "many" else 3)
    return str(request.param)


@pytest.mark.timeout(240)
def test_people_are_found_as_a_plain_look_finds_them_in_the_index_beside_it_and_half_in_it(
    crowd: dict[int, Contact], way: str
) -> None:
    def compare() -> None:
        for typed in SEARCHES:
            wanted = {id_ for id_, contact in crowd.items() if plain_match(contact, typed)}
            found = search(typed)
            assert len(found) == len(set(found)), typed
            assert set(found) == wanted, typed

    compare()
    Indexer().step()
    compare()
    renamed = list(crowd.values())[::7]
    for place, contact in enumerate(renamed):
        contact.profile_name = NAMES[place]
        contact.wa_id = f"33612{place:05d}"
    db.session.commit()
    compare()
    index_everything()
    compare()


def test_pages_of_a_search_join_without_a_gap_or_a_repeat(crowd: dict[int, Contact], way: str) -> None:
    index_everything()
    for typed in ("a", "ann", "0770", "user"):
        rows = [db.session.get_one(Conversation, id_) for id_ in crowd if plain_match(crowd[id_], typed)]
        rows.sort(key=lambda row: (row.last_message_at, row.id), reverse=True)
        assert search(typed, limit=3) == search(typed) == [row.id for row in rows]


@pytest.fixture
def letters(make: Any) -> dict[str, Conversation]:
    """Conversations with a message or two each, the newest first."""
    account = make.account()
    texts = {
        "first": ["The blue order was shipped", "Thank you"],
        "second": ["A red order", "Blue is the sky"],
        "third": ["Où est ma commande ?", "Rückfrage: 100 % Öl"],
        "fourth": ["明日は雨です", "स्थिति क्या है"],
    }
    at = utcnow()
    rows = {}
    for age, (name, lines) in enumerate(texts.items()):
        contact = make.contact(account, profile_name=name, wa_id=f"1555000{age}")
        moment = at - timedelta(hours=age)
        rows[name] = make.conversation(account, contact=contact, last_message_at=moment)
        for place, line in enumerate(lines):
            make.message(
                rows[name], text_content=line, outbound=False, occurred_at=moment + timedelta(seconds=place)
            )
    return rows


def names(typed: str, **filters: Any) -> list[str]:
    page = queries.list_conversations(EVERYTHING, ConversationFilters(search=typed, **filters))
    rows = queries.load_listed([one.id for one in page.conversations])
    return [rows[one.id].contact.profile_name for one in page.conversations]


@pytest.mark.parametrize(
    "typed, wanted",
    [
        ("order", ["first", "second"]),
        ("blue order", ["first"]),
        ("shipped ord", ["first"]),
        ("BLUE", ["first", "second"]),
        ("blu", ["first", "second"]),
        ("ou", ["third"]),
        ("ruckfrage oel", []),
        ("rückfrage öl", ["third"]),
        ("ruckfrage: (ol)", ["third"]),
        ("100 %", ["third"]),
        ("明日", ["fourth"]),
        ("雨", ["fourth"]),
        ("स्थिति", ["fourth"]),
        ("hipped", []),
        ("is", ["second"]),
        ("th", ["third"]),
        ('"blue" AND order', []),
        ('"blue" order*', ["first"]),
        ("blue NOT order", []),
        ("'); DROP TABLE contacts; --", []),
        ("{order}:^2 !()&|<->", []),
        ("order !()&|<->:*", ["first", "second"]),
    ],
)
def test_messages_are_found_by_all_words_wherever_they_stand_in_the_conversation(
    letters: dict[str, Conversation], way: str, typed: str, wanted: list[str]
) -> None:
    assert names(typed) == wanted
    index_everything()
    assert names(typed) == wanted


HOSTILE = [
    "x" * 100_000,
    "x " * 50_000,
    '"' * 500,
    "\x00" * 100,
    "\ud800\udfff",
    "%_\\" * 100,
    "-" * 300,
    "NEAR(a b)",
    "a:b*c^d",
    "\u0301" * 500,
    "王" * 3_000,
    "\u202e\u2066",
    "\ue000\ue0ff",
    "0" * 400,
]


@pytest.mark.parametrize("typed", HOSTILE, ids=range(len(HOSTILE)))
def test_whatever_is_typed_gets_an_answer(letters: dict[str, Conversation], typed: str) -> None:
    assert names(typed) == []
    index_everything()
    assert names(typed) == []


def test_the_newest_message_with_the_words_is_the_one_to_show(
    make: Any, letters: dict[str, Conversation], way: str
) -> None:
    def shown() -> str:
        page = queries.list_conversations(EVERYTHING, ConversationFilters(search="blue"))
        return page.found[letters["second"].id].text

    assert shown() == "Blue is the sky"
    index_everything()
    assert shown() == "Blue is the sky"
    make.message(letters["second"], text_content="Blue again")
    assert shown() == "Blue again"


def test_a_search_stays_within_account_number_and_scope(make: Any, way: str) -> None:
    one, other = make.account(), make.account()
    mine = make.conversation(one, unread_count=1)
    theirs = make.conversation(other)
    for row in (mine, theirs):
        make.message(row, text_content="the same word")
    index_everything()
    assert set(search("same word")) == {mine.id, theirs.id}
    assert search("same word", account_id=one.id) == [mine.id]
    assert search("same word", number_id=other.phone_numbers[0].id) == [theirs.id]
    assert search("same word", is_unread=True) == [mine.id]
    filters = ConversationFilters(search="same word")
    only_other = AccountScope(frozenset({other.id}))
    assert [row.id for row in queries.list_conversations(only_other, filters).conversations] == [theirs.id]


def test_a_text_that_changes_is_found_as_it_is_now(letters: dict[str, Conversation], way: str) -> None:
    index_everything()
    db.session.execute(
        update(Message).where(Message.text_content == "A red order").values(text_content="A green one")
    )
    db.session.commit()
    assert (names("red order"), names("green")) == ([], ["second"])
    index_everything()
    assert (names("red order"), names("green")) == ([], ["second"])


def test_what_is_deleted_is_found_no_more(letters: dict[str, Conversation], way: str) -> None:
    index_everything()
    db.session.execute(delete(Message).where(Message.text_content == "A red order"))
    db.session.execute(delete(Contact).where(Contact.profile_name == "third"))
    db.session.commit()
    assert names("order") == ["first"]
    assert names("third") == []


def test_while_an_old_installation_is_made_searchable_the_page_says_what_is_missing(
    letters: dict[str, Conversation], monkeypatch: pytest.MonkeyPatch
) -> None:
    def page() -> queries.ConversationPage:
        return queries.list_conversations(EVERYTHING, ConversationFilters(search="order"))

    assert page().is_complete
    monkeypatch.setattr("app.queries.search.live.MOST", 3)
    assert not page().is_complete
    index_everything()
    assert page().is_complete


def test_rows_beyond_a_first_stretch_are_looked_at_too(
    letters: dict[str, Conversation], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.queries.search.live._AT_ONCE", 2)
    assert names("order") == ["first", "second"]
    db.session.execute(update(SearchProgress).values(done_to=3))
    db.session.commit()
    assert names("rückfrage") == ["third"]
