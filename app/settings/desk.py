"""What a person wants to be told while a page is open, and whether single keys do something."""

from __future__ import annotations

from flask import Response, flash, make_response, render_template, url_for
from flask_login import current_user
from wtforms import BooleanField

from app.queries.desks import settings_of
from app.services.desks import OWN_SWITCHES, change_own
from app.settings.blueprint import blueprint
from app.web.page_forms import PageForm
from app.web.permissions import permission_required
from app.web.responses import go_to


class DeskForm(PageForm):
    """Named as the columns."""

    tells_assigned = BooleanField("A conversation is given to me")
    tells_mentions = BooleanField("A note names me")
    tells_own = BooleanField("A customer writes in a conversation of mine")
    tells_unassigned = BooleanField("A customer writes, and nobody has the conversation")
    tells_sound = BooleanField("Play a sound")
    tells_browser = BooleanField("Show a notification of the browser")
    tells_content = BooleanField("Say who wrote, and what")
    has_shortcuts = BooleanField("Single keys do something")


@blueprint.get("/desk")
@permission_required("console.use")
def desk() -> Response:
    row = settings_of(current_user.user.id)
    form = DeskForm(data={name: getattr(row, name) for name in OWN_SWITCHES})
    return make_response(render_template("settings/desk.html", form=form))


@blueprint.post("/desk")
@permission_required("console.use")
def save_desk() -> Response:
    form = DeskForm()
    change_own(user_id=current_user.user.id, switches={name: form[name].data for name in OWN_SWITCHES})
    flash("Saved. Other open pages follow when they are loaded again.")
    return go_to(url_for("settings.desk"))
