"""All languages of one message template, and what they share: tags, who may send it, the fallback."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response, flash, make_response, render_template, request, url_for
from wtforms import SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Optional

from app.errors import DomainError, InvalidFields
from app.message_templates.blueprint import blueprint
from app.message_templates.listing import MANAGE, VIEW
from app.models import MessageTemplate, Role
from app.queries import message_template_families as queries
from app.queries.message_template_names import NameRow, build_rows
from app.queries.message_templates import get_message_template
from app.services.message_templates.families import (
    LONGEST_TAG,
    FamilySettings,
    set_family,
    settings_of,
)
from app.services.message_templates.reading import LANGUAGES
from app.web.form_errors import show_problems
from app.web.identity import current_actor
from app.web.page_forms import PageForm
from app.web.permissions import permission_required
from app.web.responses import go_to

_ROLES = [
    SelectChoice(Role.AGENT.value, "Agents, managers and owners"),
    SelectChoice(Role.MANAGER.value, "Managers and owners"),
    SelectChoice(Role.OWNER.value, "Owners only"),
]
_NO_FALLBACK = "None: whoever sends it names the language"


class FamilyForm(PageForm):
    """`tags` are those to add, with commas between them; each of the others has a button to remove it."""

    tags = StringField(
        "Add tags", [Optional()], render_kw={"autocomplete": "off", "dir": "auto", "maxlength": 200}
    )
    least_role = SelectField("Who may send it by hand", choices=_ROLES)
    fallback_language = SelectField("Fallback language", choices=[])

    def offer(self, languages: list[str]) -> FamilyForm:
        named = [SelectChoice(code, f"{LANGUAGES.get(code, code)}, {code}") for code in languages]
        self.fallback_language.choices = [SelectChoice("", _NO_FALLBACK), *named]
        return self


@dataclass(frozen=True)
class Family:
    """The page. `message_template` is the language it was reached by."""

    message_template: MessageTemplate
    row: NameRow
    settings: FamilySettings
    form: FamilyForm
    known_tags: list[str]
    may_manage: bool


@blueprint.get("/<int:message_template_id>/family/")
@permission_required("message_templates.view")
def family(message_template_id: int) -> Response:
    row = get_message_template(message_template_id, current_actor().scope(VIEW))
    settings = settings_of(row.account_id, row.name)
    form = FamilyForm(
        formdata=None,
        data={"least_role": settings.least_role.value, "fallback_language": settings.fallback_language},
    )
    return _page(row, settings, form, 200)


@blueprint.post("/<int:message_template_id>/family/")
@permission_required("message_templates.manage")
def save_family(message_template_id: int) -> Response:
    row = get_message_template(message_template_id, current_actor().scope(MANAGE))
    settings = settings_of(row.account_id, row.name)
    form = _offering(FamilyForm(), row)
    if not form.validate_on_submit():
        return _page(row, settings, form, 422)
    added = (form.tags.data or "").split(",")
    kept = [tag for tag in settings.tags if tag not in request.form.getlist("remove")]
    wanted = FamilySettings((*kept, *added), Role(form.least_role.data), form.fallback_language.data)
    try:
        set_family(message_template=row, settings=wanted, actor=current_actor())
    except InvalidFields as error:
        show_problems(form, error)
        return _page(row, settings, form, 422)
    except DomainError as error:
        form.form_errors.append(error.message)
        return _page(row, settings, form, 422)
    flash("Saved for all languages.", "ok")
    return go_to(url_for("message_templates.family", message_template_id=message_template_id))


def _offering(form: FamilyForm, row: MessageTemplate) -> FamilyForm:
    return form.offer([each.language for each in queries.list_variants(row.account_id, row.name)])


def _page(row: MessageTemplate, settings: FamilySettings, form: FamilyForm, status: int) -> Response:
    is_deleted = not queries.list_variants(row.account_id, row.name)
    built = Family(
        message_template=row,
        row=build_rows([(row.account_id, row.name)], with_deleted=is_deleted)[0],
        settings=settings,
        form=_offering(form, row),
        known_tags=queries.list_tags(current_actor().scope(VIEW), row.account_id),
        may_manage=current_actor().may(MANAGE, row.account_id),
    )
    page = render_template(
        "message_templates/family.html", family=built, languages=LANGUAGES, longest_tag=LONGEST_TAG
    )
    return make_response(page, status)
