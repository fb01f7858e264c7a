"""The blueprint, and how its addresses name a table and one of its rows."""

from __future__ import annotations

from flask import Blueprint
from flask.blueprints import BlueprintSetupState
from werkzeug.routing import BaseConverter, ValidationError

from app.admin.declared import Declared
from app.admin.tables import BY_NAME

blueprint = Blueprint("admin", __name__, url_prefix="/admin")


class TableConverter(BaseConverter):
    """A declared table by its name."""

    def to_python(self, value: str) -> Declared:
        try:
            return BY_NAME[value]
        except KeyError:
            raise ValidationError from None

    def to_url(self, value: Declared | str) -> str:
        return value.name if isinstance(value, Declared) else str(value)


class KeyConverter(BaseConverter):
    """The key of a row, its parts with `~` between; what it means is the table's affair."""

    regex = r"[^/]{1,300}"
    part_isolating = True


@blueprint.record
def add_converters(state: BlueprintSetupState) -> None:
    """Before any route is added: what is recorded first is carried out first."""
    state.app.url_map.converters.update(table=TableConverter, key=KeyConverter)
