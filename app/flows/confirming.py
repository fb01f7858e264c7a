"""The questions before what cannot be undone, each on a page: publish, retire, delete, give up a text."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask import Response, flash, make_response, render_template, url_for

from app.errors import DomainError
from app.flows.blueprint import blueprint
from app.flows.views import MANAGE, managed
from app.models import Flow
from app.queries.access import Actor
from app.services import flows
from app.web.identity import current_actor
from app.web.permissions import permission_required
from app.web.responses import go_to


@dataclass(frozen=True)
class Question:
    """What is asked. `verb` names the rule that must allow it; `done` is said afterwards."""

    verb: str
    endpoint: str
    title: str
    text: str
    do_text: str
    keep_text: str
    done: str
    is_dangerous: bool = True


PUBLISH = Question(
    "publish",
    "flows.publish",
    "Publish “{}”?",
    "From then on it can be sent to every customer. A published Flow can no longer be deleted, only retired. "
    "It can be changed: customers keep this version until you publish the next one.",
    "Publish Flow",
    "Not yet",
    "{} is published. It can be sent now.",
    is_dangerous=False,
)
RETIRE = Question(
    "deprecate",
    "flows.deprecate",
    "Retire “{}”?",
    "It can no longer be sent, and messages that were sent no longer open it. Message templates with a "
    "button to it cannot be sent either. This cannot be undone. Its answers stay here.",
    "Retire Flow",
    "Keep it",
    "{} is retired.",
)
DELETE = Question(
    "delete",
    "flows.delete",
    "Delete “{}”?",
    "The draft is deleted here and at Meta, with its text. This cannot be undone. Answers to it that are "
    "here stay in the list of all answers, without the Flow’s name.",
    "Delete Flow",
    "Keep it",
    "{} is deleted.",
)
REVERT = Question(
    "edit",
    "flows.revert",
    "Give up your text of “{}”?",
    "What stands in the editor is replaced by the text Meta has. What was written since then is gone.",
    "Take Meta’s text",
    "Keep my text",
    "The editor has Meta’s text of {} again.",
)


@blueprint.get("/<int:flow_id>/publish")
@permission_required(MANAGE)
def ask_publish(flow_id: int) -> Response:
    return _ask(flow_id, PUBLISH)


@blueprint.post("/<int:flow_id>/publish")
@permission_required(MANAGE)
def publish(flow_id: int) -> Response:
    return _do(flow_id, PUBLISH, flows.publish)


@blueprint.get("/<int:flow_id>/deprecate")
@permission_required(MANAGE)
def ask_deprecate(flow_id: int) -> Response:
    return _ask(flow_id, RETIRE)


@blueprint.post("/<int:flow_id>/deprecate")
@permission_required(MANAGE)
def deprecate(flow_id: int) -> Response:
    return _do(flow_id, RETIRE, flows.deprecate)


@blueprint.get("/<int:flow_id>/delete")
@permission_required(MANAGE)
def ask_delete(flow_id: int) -> Response:
    return _ask(flow_id, DELETE)


@blueprint.post("/<int:flow_id>/delete")
@permission_required(MANAGE)
def delete(flow_id: int) -> Response:
    def remove(*, flow: Flow, actor: Actor) -> None:
        flows.delete(flow=flow, actor=actor)

    return _do(flow_id, DELETE, remove, back=url_for("flows.index"))


@blueprint.get("/<int:flow_id>/revert")
@permission_required(MANAGE)
def ask_revert(flow_id: int) -> Response:
    return _ask(flow_id, REVERT)


@blueprint.post("/<int:flow_id>/revert")
@permission_required(MANAGE)
def revert(flow_id: int) -> Response:
    return _do(flow_id, REVERT, flows.take_metas_text)


def _ask(flow_id: int, question: Question) -> Response:
    flow = managed(flow_id)
    reason = flows.forbids(flow, question.verb)
    if reason:
        flash(reason, "info")
        return go_to(url_for("flows.detail", flow_id=flow_id))
    return make_response(render_template("flows/confirm.html", flow=flow, question=question, refusal=None))


def _do(flow_id: int, question: Question, act: Callable[..., object], back: str = "") -> Response:
    """A refusal is shown where the question stood, so that it can be tried again."""
    flow = managed(flow_id)
    name = flow.name
    try:
        act(flow=flow, actor=current_actor())
    except DomainError as error:
        page = render_template("flows/confirm.html", flow=flow, question=question, refusal=error)
        return make_response(page, error.status)
    flash(question.done.format(name), "ok")
    return go_to(back or url_for("flows.detail", flow_id=flow_id))
