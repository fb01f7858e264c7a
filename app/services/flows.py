"""Flows: the text in our editor, and their life at Meta by Meta's rules.

What somebody typed is committed before Meta is asked, so a refusal or a lost answer costs no text. Calls
to Meta are made with no transaction open: commit, call, then write down what came of it.
Source: Meta docs, "Flows API" and "Flows lifecycle" pages, read 2026-09.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from sqlalchemy import select

from app.errors import ChangedMeanwhile, DomainError, FieldProblem, InvalidFields, NotReady
from app.extensions import db
from app.graph.client import GraphClient
from app.graph.errors import GraphError, GraphUnconfirmed
from app.graph.flows import CATEGORIES, FlowSaved, check_flow
from app.graph.problems import InvalidPayload
from app.models import Account, Flow, utcnow
from app.queries import flows as queries
from app.queries.access import Actor
from app.services import audit, flow_texts
from app.services.connections import client_for
from app.services.flow_copies import copy_from_meta, mark_published
from app.services.meta_refusals import RefusedByMeta, refused

__all__ = [
    "CATEGORIES",
    "ChangedMeanwhile",
    "FlowNotReady",
    "create",
    "create_draft",
    "delete",
    "deprecate",
    "forbids",
    "publish",
    "renew_preview",
    "send",
    "take_metas_text",
    "update_draft",
]

EDITABLE = frozenset({"DRAFT", "PUBLISHED"})
"""Since 2025-12 a published Flow may be changed: a draft again, while customers keep what was published."""
RETIRABLE = frozenset({"PUBLISHED", "THROTTLED", "BLOCKED"})

_Found = TypeVar("_Found")


class FlowNotReady(NotReady):
    """The Flow, not its account, is in a state in which this cannot be done."""

    code = "flow_not_ready"


def create_draft(
    *,
    account: Account,
    name: str,
    categories: Sequence[str],
    text: str,
    actor: Actor,
    endpoint_uri: str = "",
) -> Flow:
    """Keep a new Flow here, finished or not; Meta has not seen it. Raises InvalidFields."""
    _check_facts(account.id, None, name, categories, endpoint_uri)
    flow = Flow(account_id=account.id, name=name.strip(), categories=list(categories))
    flow.flow_json, flow.endpoint_uri, flow.has_unsent_text = text, endpoint_uri, True
    flow.outline = flow_texts.outline_of(text)
    db.session.add(flow)
    db.session.flush()
    _record(actor, "flow.created", flow)
    db.session.commit()
    return flow


def update_draft(
    *,
    flow: Flow,
    name: str,
    categories: Sequence[str],
    text: str,
    actor: Actor,
    endpoint_uri: str = "",
    begun_from: str | None = None,
) -> Flow:
    """Keep what is in the editor; `send` brings it to Meta.

    `begun_from`: `version_of` the text that was opened. Raises ChangedMeanwhile when another one stands
    there by now, NotReady for a state in which Meta takes no changes, InvalidFields.
    """
    db.session.refresh(flow, with_for_update=True)
    require(flow, "edit")
    _check_facts(flow.account_id, flow.id, name, categories, endpoint_uri)
    if (
        begun_from is not None
        and begun_from != flow_texts.version_of(flow.flow_json)
        and flow.flow_json != text
    ):
        raise ChangedMeanwhile(
            "Somebody saved another text of this Flow while you were writing. Yours is still here, unsaved. "
            "Save again to replace theirs, or open the Flow in another window to see it first."
        )
    flow.name, flow.categories, flow.endpoint_uri = name.strip(), list(categories), endpoint_uri
    flow.flow_json = text
    flow.has_unsent_text = flow.meta_id is None or text != flow.meta_json
    _record(actor, "flow.saved", flow)
    db.session.commit()
    return flow


def send(*, flow: Flow, actor: Actor) -> Flow:
    """Bring what stands here to Meta: a new Flow, or changes of one. Faults that Meta finds are kept with it.

    Raises InvalidFields (Meta need not be asked about that), NotReady and RefusedByMeta; the text stays here.
    """
    require(flow, "edit")
    reading = flow_texts.read(flow.flow_json)
    if reading.faults:
        flow.validation_errors, flow.has_unsent_text = reading.faults, True
        db.session.commit()
        raise InvalidFields(
            [FieldProblem("flow_json", flow_texts.problem_of(fault)) for fault in reading.faults]
        )
    client, waba_id, text = client_for(flow.account), _waba_id(flow.account), flow.flow_json
    is_same_text, meta_id = text == flow.meta_json, flow.meta_id
    name, categories, endpoint_uri = flow.name, list(flow.categories), flow.endpoint_uri or None
    db.session.commit()

    def bring() -> FlowSaved | None:
        if meta_id is None:
            return client.flows.create(
                waba_id, name=name, categories=categories, flow_json=text, endpoint_uri=endpoint_uri
            )
        client.flows.update(meta_id, name=name, categories=categories, endpoint_uri=endpoint_uri)
        return None if is_same_text else client.flows.upload_json(meta_id, text)

    saved = _ask(bring)
    db.session.refresh(flow, with_for_update=True)
    if saved is not None:
        flow.meta_id = saved.flow_id
        _note_text(flow, text, saved)
    _record(actor, "flow.sent", flow)
    db.session.commit()
    _look(client, flow)
    return flow


def create(
    *,
    account: Account,
    name: str,
    categories: Sequence[str],
    text: str,
    actor: Actor,
    endpoint_uri: str = "",
) -> Flow:
    """Make it here and at Meta, or (for programs, which have their text) neither. Raises as `send` does.

    Only when Meta's answer was lost it stays here: the next sync tells whether it is there.
    """
    flow = create_draft(
        account=account, name=name, categories=categories, text=text, actor=actor, endpoint_uri=endpoint_uri
    )
    try:
        return send(flow=flow, actor=actor)
    except DomainError as error:
        if not isinstance(error.__cause__, GraphUnconfirmed):
            db.session.delete(flow)
            db.session.commit()
        raise


def publish(*, flow: Flow, actor: Actor) -> Flow:
    """Let every customer get it. Raises NotReady for what is not finished, RefusedByMeta."""
    require(flow, "publish")
    client, meta_id = client_for(flow.account), flow.meta_id or ""
    db.session.commit()
    _require_done(_ask(lambda: client.flows.publish(meta_id)))
    db.session.refresh(flow, with_for_update=True)
    mark_published(flow, utcnow())
    _record(actor, "flow.published", flow)
    db.session.commit()
    _look(client, flow)
    return flow


def deprecate(*, flow: Flow, actor: Actor) -> Flow:
    """Retire it for good: it can no longer be sent or opened. Raises NotReady, RefusedByMeta."""
    require(flow, "deprecate")
    client, meta_id = client_for(flow.account), flow.meta_id or ""
    db.session.commit()
    _require_done(_ask(lambda: client.flows.deprecate(meta_id)))
    db.session.refresh(flow, with_for_update=True)
    flow.status, flow.status_changed_at = "DEPRECATED", utcnow()
    _record(actor, "flow.deprecated", flow)
    db.session.commit()
    return flow


def delete(*, flow: Flow, actor: Actor) -> None:
    """Delete a draft at Meta and here; one that Meta does not have (any more) only here.

    Answers stay, without the Flow's name. Raises NotReady, RefusedByMeta.
    """
    require(flow, "delete")
    if flow.meta_id is not None and flow.gone_at is None:
        client, meta_id = client_for(flow.account), flow.meta_id
        db.session.commit()
        _require_done(_ask(lambda: client.flows.delete(meta_id)))
        db.session.refresh(flow, with_for_update=True)
    _record(actor, "flow.deleted", flow)
    db.session.delete(flow)
    db.session.commit()


def renew_preview(*, flow: Flow) -> Flow:
    """A new address of Meta's preview; the old one ends. Raises NotReady, RefusedByMeta."""
    require(flow, "preview")
    client, meta_id = client_for(flow.account), flow.meta_id or ""
    db.session.commit()
    preview = _ask(lambda: client.flows.preview(meta_id, renew=True))
    if preview is None:
        raise NotReady("Meta gave no preview of this Flow. Save it once more, then try again.")
    db.session.refresh(flow, with_for_update=True)
    flow.preview_url, flow.preview_expires_at = preview.url, preview.expires_at
    db.session.commit()
    return flow


def take_metas_text(*, flow: Flow, actor: Actor) -> Flow:
    """Give up what stands only here, and go on from the text that Meta has. Raises NotReady."""
    db.session.refresh(flow, with_for_update=True)
    if not flow.meta_json:
        raise NotReady(
            "Meta’s text of this Flow is not known here. Sync from Meta first. Nothing was changed."
        )
    flow.flow_json, flow.has_unsent_text = flow.meta_json, False
    reading = flow_texts.read(flow.flow_json)
    flow.validation_errors = reading.faults
    _record(actor, "flow.reverted", flow)
    db.session.commit()
    return flow


def forbids(flow: Flow, what: str) -> str:
    """Why this cannot be done in the Flow's present state; empty when it can. Meta may still say no."""
    if flow.gone_at is not None and what != "delete":
        return "Meta no longer has this Flow. It can only be taken off the list."
    return _FORBIDS[what](flow)


def require(flow: Flow, what: str) -> None:
    """Raises NotReady with the reason."""
    reason = forbids(flow, what)
    if reason:
        raise FlowNotReady(f"{reason} Nothing was changed.")


def _forbids_edit(flow: Flow) -> str:
    if flow.status in EDITABLE:
        return ""
    return f"Meta takes no changes to a Flow that is {flow.status.lower()}. Make a copy and change that."


def _forbids_publish(flow: Flow) -> str:
    if flow.status != "DRAFT":
        return f"Only a draft can be published; this Flow is {flow.status.lower()}."
    if flow.meta_id is None or flow.has_unsent_text:
        return "What stands in the editor is not at Meta yet. Save it first."
    if flow.validation_errors:
        return "Meta found faults in the Flow JSON. Correct them and save it first."
    return ""


def _forbids_deprecate(flow: Flow) -> str:
    if flow.status in RETIRABLE:
        return ""
    if flow.status == "DRAFT" and flow.published_at is not None:
        return "Its published version is still in use, but there is a newer draft. Publish the draft first."
    return f"Only a published Flow can be retired; this one is {flow.status.lower()}."


def _forbids_delete(flow: Flow) -> str:
    if flow.meta_id is None or flow.gone_at is not None:
        return ""
    if flow.status == "DRAFT" and flow.published_at is None:
        return ""
    return "Meta deletes only drafts that were never published. Retire this Flow instead."


def _forbids_preview(flow: Flow) -> str:
    return "" if flow.meta_id else "Meta does not have this Flow yet, so it has no preview. Save it first."


_FORBIDS: dict[str, Callable[[Flow], str]] = {
    "edit": _forbids_edit,
    "publish": _forbids_publish,
    "deprecate": _forbids_deprecate,
    "delete": _forbids_delete,
    "preview": _forbids_preview,
}


def _ask(call: Callable[[], _Found]) -> _Found:
    try:
        return call()
    except GraphError as error:
        raise refused(error) from error
    except InvalidPayload as error:
        raise InvalidFields(
            [FieldProblem(problem.field, problem.message) for problem in error.problems]
        ) from error


def _require_done(is_done: bool) -> None:
    if not is_done:
        raise RefusedByMeta("Meta did not confirm it", "It may not have happened.", "Sync from Meta to see.")


def _look(client: GraphClient, flow: Flow) -> None:
    """How it stands at Meta now. The change itself has succeeded, so a failure here is no news."""
    meta_id = flow.meta_id or ""
    db.session.commit()
    try:
        found = client.flows.get(meta_id)
    except GraphError:
        return
    db.session.refresh(flow, with_for_update=True)
    copy_from_meta(flow, found, utcnow())
    db.session.commit()


def _note_text(flow: Flow, text: str, saved: FlowSaved) -> None:
    """Meta has this text now. Somebody may have saved another one here meanwhile."""
    flow.meta_json = text
    flow.has_unsent_text = flow.flow_json != text
    flow.validation_errors = flow_texts.fault_values(saved.faults)
    flow.outline = flow_texts.outline_of(text)


def _check_facts(
    account_id: int, flow_id: int | None, name: str, categories: Sequence[str], endpoint_uri: str
) -> None:
    found = check_flow(name=name.strip(), categories=list(categories))
    problems = [FieldProblem(problem.field.partition("[")[0], problem.message) for problem in found]
    if endpoint_uri and not endpoint_uri.startswith("https://" if _needs_tls(account_id) else "http"):
        problems.append(FieldProblem("endpoint_uri", "The data endpoint’s address begins with https://."))
    other = queries.find_by_name(account_id, name.strip())
    if other is not None and other.id != flow_id:
        text = "There is already a Flow of this name in the account. Choose another name."
        problems.append(FieldProblem("name", text))
    if problems:
        raise InvalidFields(problems)


def _needs_tls(account_id: int) -> bool:
    """The sandbox calls an endpoint on this machine, too."""
    return not db.session.scalar(select(Account.is_sandbox).where(Account.id == account_id))


def _waba_id(account: Account) -> str:
    if not account.meta_id:
        raise NotReady("This account has no WhatsApp Business account id yet. Finish step 1 of its set-up.")
    return account.meta_id


def _record(actor: Actor, action: str, flow: Flow) -> None:
    audit.record(
        actor,
        action,
        account_id=flow.account_id,
        object_type="flow",
        object_id=flow.id,
        details={"name": flow.name},
    )
