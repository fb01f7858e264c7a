"""The languages of one message template: adding one, and all of them side by side."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response, flash, make_response, render_template, request, url_for

from app.errors import DomainError
from app.message_templates.blueprint import blueprint
from app.models import MessageTemplate
from app.models import MessageTemplateStatus as State
from app.queries import message_templates as queries
from app.services import message_templates
from app.services.message_templates import LANGUAGES
from app.services.message_templates.sheets import Sheet, list_variables, sheet_of
from app.web.identity import current_actor
from app.web.permissions import permission_required
from app.web.responses import go_to

_MANAGE = "message_templates.manage"


@dataclass(frozen=True)
class Variant:
    """One language, and the variables that others have and it has not."""

    row: MessageTemplate
    sheet: Sheet
    missing: list[str]

    @property
    def language(self) -> str:
        return LANGUAGES.get(self.row.language, self.row.language)


@blueprint.post("/<int:message_template_id>/languages/")
@permission_required("message_templates.manage")
def add_language(message_template_id: int) -> Response:
    """A draft in another language, with this one's text to translate."""
    row = queries.get_message_template(message_template_id, current_actor().scope(_MANAGE))
    language = request.form.get("language", "")
    try:
        made = message_templates.add_language(message_template=row, language=language, actor=current_actor())
    except DomainError as error:
        flash(error.message, "bad")
        return go_to(url_for("message_templates.detail", message_template_id=message_template_id))
    flash(f"{LANGUAGES[language]} is added with the text of the other language. Translate it now.", "ok")
    return go_to(url_for("message_templates.edit", message_template_id=made.id))


@blueprint.get("/<int:message_template_id>/languages/")
@permission_required("message_templates.view")
def compare_languages(message_template_id: int) -> Response:
    """All languages side by side, part by part."""
    scope = current_actor().scope("message_templates.view")
    row = queries.get_message_template(message_template_id, scope)
    rows = [
        one for one in queries.list_by_names(row.account_id, [row.name]) if one.status is not State.DELETED
    ]
    page = render_template("message_templates/languages.html", row=row, variants=_variants(rows))
    return make_response(page)


def _variants(rows: list[MessageTemplate]) -> list[Variant]:
    sheets = [(row, sheet_of(message_templates.draft_of(row))) for row in rows]
    known = {key for _, sheet in sheets for key, _ in list_variables(sheet)}
    return [
        Variant(row, sheet, sorted(known - {key for key, _ in list_variables(sheet)}))
        for row, sheet in sorted(sheets, key=lambda pair: pair[0].language)
    ]
