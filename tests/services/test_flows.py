"""Flows against the sandbox: drafts, faults with their lines, publishing, retiring, deleting, sync."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from app.errors import InvalidFields, NotFound, NotReady
from app.extensions import db
from app.models import Flow, utcnow
from app.queries import flows as queries
from app.queries.access import EVERYTHING, SYSTEM
from app.sandbox.flow_json.check import check
from app.services import flow_sync, flow_texts, flows
from app.services.flow_starting_forms import STARTING_FORMS
from app.services.meta_refusals import RefusedByMeta
from tests.support.flows import claim_json
from tests.support.graph import client_of


@pytest.fixture
def account(sandbox: Any, make: Any) -> Any:
    return make.sandbox_account(sandbox.new_account())


def drafted(account: Any, text: str | None = None, name: str = "claim") -> Flow:
    return flows.create_draft(
        account=account,
        name=name,
        categories=["CUSTOMER_SUPPORT"],
        text=claim_json() if text is None else text,
        actor=SYSTEM,
    )


def sent(account: Any, text: str | None = None, name: str = "claim") -> Flow:
    return flows.send(flow=drafted(account, text, name), actor=SYSTEM)


def changed(flow: Flow, text: str, **values: Any) -> Flow:
    given: dict[str, Any] = {"name": flow.name, "categories": flow.categories, **values}
    return flows.update_draft(flow=flow, text=text, actor=SYSTEM, **given)


def text_at_meta(account: Any, flow: Flow) -> str:
    from io import BytesIO

    client = client_of(account)
    url = client.flows.list_assets(flow.meta_id or "")[0].download_url
    file = BytesIO()
    client.media.download(url or "", file)
    return file.getvalue().decode()


def again(flow: Flow) -> Flow:
    db.session.expire_all()
    return queries.get_flow(flow.id, EVERYTHING)


# --- making and saving ----------------------------------------------------------------------------------


@pytest.mark.parametrize("form", STARTING_FORMS, ids=lambda form: form.key)
def test_every_starting_form_has_no_fault_and_names_its_questions(form: Any) -> None:
    assert check(form.text) == []
    names = [question["name"] for question in flow_texts.outline_of(form.text)["questions"]]
    assert names
    assert all(name.isidentifier() and name.islower() for name in names)


def test_a_new_flow_is_made_at_meta_with_its_text_and_a_preview(account: Any) -> None:
    flow = sent(account)
    assert (flow.status, flow.has_unsent_text, flow.validation_errors) == ("DRAFT", False, [])
    assert text_at_meta(account, flow) == claim_json()
    assert flow.preview_url.startswith("http")
    assert flow.preview_expires_at is not None
    assert flow.preview_expires_at > utcnow() + timedelta(days=20)
    assert flow.json_version == "7.3"
    assert flow.health["can_send_message"]
    assert [screen["id"] for screen in flow.outline["screens"]] == ["CLAIM"]


def test_faults_that_meta_finds_are_kept_with_their_lines_and_the_text_is_saved(account: Any) -> None:
    text = claim_json().replace('"TextInput"', '"TextInputt"')
    flow = sent(account, text)
    line = text.split("\n").index(next(row for row in text.split("\n") if "TextInputt" in row)) + 1
    assert [fault["line_start"] for fault in flow.validation_errors][:1] == [line]
    assert flow.validation_errors[0]["paths"][0].startswith("screens[0].layout.children[0]")
    assert text_at_meta(account, flow) == text
    with pytest.raises(NotReady, match="faults"):
        flows.publish(flow=flow, actor=SYSTEM)


@pytest.mark.parametrize(
    "text,place",
    [
        ("", (None, None)),
        ("no JSON at all", (1, 1)),
        ('{\n "version": "7.3",\n}', (3, 1)),
        ("[1]", (None, None)),
        ("[" * 100_000 + "]" * 100_000, (1, 65)),
        ('{"[{":\n' * 100_000 + "1" + "}" * 100_000, (65, 1)),
        ('{"version": "7.3", "screens": [\n"NaN", NaN]}', (2, 8)),
        ("x" * (10 * 1024 * 1024 + 1), (None, None)),
    ],
    ids=["empty", "words", "comma", "list", "deep list", "deep object", "constant", "too large"],
)
def test_what_is_no_flow_json_stays_here_and_meta_is_not_asked(
    account: Any, text: str, place: tuple[int | None, int | None]
) -> None:
    flow = drafted(account, text)
    with pytest.raises(InvalidFields) as refused:
        flows.send(flow=flow, actor=SYSTEM)
    line, column = place
    assert (f"Line {line}, column {column}." in refused.value.message) == (line is not None)
    kept = again(flow)
    assert kept.flow_json == text
    assert kept.meta_id is None
    assert [(fault["line_start"], fault["column_start"]) for fault in kept.validation_errors] == [place]
    assert client_of(account).flows.list(account.meta_id) == []


@pytest.mark.parametrize(
    "text,words",
    [
        ('{"screens: []}', "not closed with a double quote"),
        ('{"title": "Report\ndamage"}', "a text is not closed on its line"),
        ('{"version" "7.3"}', "a colon is missing before this"),
        ('{"version": tru}', "a value is missing or misspelt here"),
        ('{"n": ' + "9" * 5_000 + "}", ""),
    ],
)
def test_a_slip_in_the_json_is_told_in_words_for_people(account: Any, text: str, words: str) -> None:
    flow = drafted(account, text)
    if words:
        with pytest.raises(InvalidFields, match=words):
            flows.send(flow=flow, actor=SYSTEM)
    else:
        assert flows.send(flow=flow, actor=SYSTEM).validation_errors


def test_a_field_name_used_twice_is_said_in_metas_words(account: Any) -> None:
    found = json.loads(claim_json())
    children = found["screens"][0]["layout"]["children"]
    children.insert(0, dict(children[0]))
    flow = sent(account, json.dumps(found))
    assert "DUPLICATE_FORM_COMPONENT_NAMES" in [fault["error"] for fault in flow.validation_errors]


def test_a_changed_text_reaches_meta(account: Any) -> None:
    flow = sent(account)
    text = claim_json().replace("Where was it?", "Which place?")
    flows.send(flow=changed(flow, text, name="claim two", categories=["SURVEY"]), actor=SYSTEM)
    assert text_at_meta(account, flow) == text
    found = client_of(account).flows.get(flow.meta_id or "")
    assert (found.name, found.categories) == ("claim two", ("SURVEY",))


def test_what_meta_refuses_stays_in_the_editor(account: Any, sandbox: Any) -> None:
    flow = sent(account)
    text = claim_json().replace("Where was it?", "Which place?")
    changed(flow, text)
    client_of(account).flows.delete(flow.meta_id or "")
    with pytest.raises(RefusedByMeta) as refusal:
        flows.send(flow=flow, actor=SYSTEM)
    assert refusal.value.meta_code is not None
    assert refusal.value.trace_id
    kept = again(flow)
    assert (kept.flow_json, kept.has_unsent_text) == (text, True)


def test_an_unreachable_meta_costs_no_text(make: Any) -> None:
    flow = drafted(make.account())
    with pytest.raises(RefusedByMeta, match="could not be reached"):
        flows.send(flow=flow, actor=SYSTEM)
    assert again(flow).flow_json == claim_json()


def test_two_people_do_not_overwrite_each_other_unseen(account: Any) -> None:
    flow = drafted(account)
    begun = flow_texts.version_of(flow.flow_json)
    changed(flow, "{ }", begun_from=begun)
    with pytest.raises(flows.ChangedMeanwhile):
        changed(flow, "{  }", begun_from=begun)
    assert again(flow).flow_json == "{ }"
    changed(flow, "{  }", begun_from=flow_texts.version_of("{ }"))
    assert again(flow).flow_json == "{  }"


def test_a_name_is_free_only_once_in_an_account(account: Any) -> None:
    drafted(account)
    with pytest.raises(InvalidFields, match="already a Flow of this name"):
        drafted(account)


def test_a_name_taken_at_meta_only_is_metas_refusal(account: Any) -> None:
    client_of(account).flows.create(account.meta_id, name="claim", categories=["OTHER"])
    flow = drafted(account)
    with pytest.raises(RefusedByMeta, match="name"):
        flows.send(flow=flow, actor=SYSTEM)
    assert again(flow).meta_id is None


def test_a_program_gets_a_flow_or_nothing(account: Any) -> None:
    client_of(account).flows.create(account.meta_id, name="claim", categories=["OTHER"])
    with pytest.raises(RefusedByMeta):
        flows.create(account=account, name="claim", categories=["OTHER"], text=claim_json(), actor=SYSTEM)
    assert queries.list_of_account(account.id) == []


# --- publishing, retiring, deleting ---------------------------------------------------------------------


def test_a_flow_lives_from_draft_to_retired(account: Any) -> None:
    flow = sent(account)
    flows.publish(flow=flow, actor=SYSTEM)
    assert (again(flow).status, flow.is_served, flow.published_at is not None) == ("PUBLISHED", True, True)
    with pytest.raises(NotReady, match="Retire"):
        flows.delete(flow=flow, actor=SYSTEM)
    flows.deprecate(flow=flow, actor=SYSTEM)
    assert (again(flow).status, flow.is_sendable) == ("DEPRECATED", False)
    for verb in ("edit", "publish", "deprecate", "delete"):
        assert flows.forbids(flow, verb)


def test_a_published_flow_that_is_changed_is_a_draft_and_still_served(account: Any) -> None:
    flow = flows.publish(flow=sent(account), actor=SYSTEM)
    flows.send(flow=changed(flow, claim_json().replace('"CLAIM"', '"NEW_CLAIM"')), actor=SYSTEM)
    assert (flow.status, flow.is_served) == ("DRAFT", True)
    assert flow.published_outline["screens"][0]["id"] == "CLAIM"
    with pytest.raises(NotReady, match="published version"):
        flows.deprecate(flow=flow, actor=SYSTEM)
    flows.publish(flow=flow, actor=SYSTEM)
    assert flow.published_outline["screens"][0]["id"] == "NEW_CLAIM"


def test_publishing_says_what_meta_misses(account: Any) -> None:
    text = claim_json(data_api_version="3.0", routing_model={"CLAIM": []})
    flow = sent(account, text)
    assert flow.validation_errors == []
    with pytest.raises(RefusedByMeta, match="endpoint"):
        flows.publish(flow=flow, actor=SYSTEM)
    assert again(flow).status == "DRAFT"


def test_a_draft_is_deleted_at_meta_too(account: Any) -> None:
    flow = sent(account)
    flow_id = flow.id
    flows.delete(flow=flow, actor=SYSTEM)
    assert client_of(account).flows.list(account.meta_id) == []
    with pytest.raises(NotFound):
        queries.get_flow(flow_id, EVERYTHING)


def test_a_renewed_preview_ends_the_old_one(account: Any) -> None:
    flow = sent(account)
    before = flow.preview_url
    flows.renew_preview(flow=flow)
    assert again(flow).preview_url != before


# --- sync -----------------------------------------------------------------------------------------------


def test_sync_brings_what_was_made_elsewhere_with_its_text(account: Any) -> None:
    client = client_of(account)
    made = client.flows.create(
        account.meta_id, name="made there", categories=["SURVEY"], flow_json=claim_json()
    )
    result = flow_sync.sync(account=account, actor=SYSTEM)
    row = queries.find_by_meta_id(account.id, made.flow_id)
    assert result.created == 1
    assert row is not None
    assert (row.name, row.flow_json, row.has_unsent_text) == ("made there", claim_json(), False)
    assert row.preview_url
    assert flow_sync.sync(account=account, actor=SYSTEM).has_changes is False


def test_sync_tells_what_vanished_at_meta_and_keeps_the_row(account: Any) -> None:
    flow = sent(account)
    client_of(account).flows.delete(flow.meta_id or "")
    assert flow_sync.sync(account=account, actor=SYSTEM).gone == ["claim"]
    assert again(flow).gone_at is not None
    assert flows.forbids(flow, "edit")
    flows.delete(flow=flow, actor=SYSTEM)
    assert queries.list_of_account(account.id) == []


def test_a_text_that_changed_at_meta_does_not_replace_one_that_stands_only_here(account: Any) -> None:
    flow = sent(account)
    ours, theirs = claim_json() + "\n", claim_json() + "\n\n"
    changed(flow, ours)
    client_of(account).flows.upload_json(flow.meta_id or "", theirs)
    flow.meta_updated_at = None
    db.session.commit()
    flow_sync.sync(account=account, actor=SYSTEM)
    kept = again(flow)
    assert (kept.flow_json, kept.meta_json, kept.has_unsent_text) == (ours, theirs, True)
    flows.take_metas_text(flow=kept, actor=SYSTEM)
    assert (again(flow).flow_json, flow.has_unsent_text) == (theirs, False)


def test_one_whose_making_was_never_confirmed_is_known_by_its_name(account: Any) -> None:
    flow = drafted(account)
    made = client_of(account).flows.create(
        account.meta_id, name="claim", categories=["OTHER"], flow_json=claim_json()
    )
    assert flow_sync.sync(account=account, actor=SYSTEM).created == 0
    kept = again(flow)
    assert (kept.meta_id, kept.has_unsent_text) == (made.flow_id, False)


def test_sync_at_an_unreachable_meta_changes_nothing(make: Any) -> None:
    account = make.account()
    flow = make.flow(account)
    with pytest.raises(RefusedByMeta, match="could not be reached"):
        flow_sync.sync(account=account, actor=SYSTEM)
    assert again(flow).gone_at is None
