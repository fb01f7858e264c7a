"""All tables, the rows of one, one row, and the rows as a file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask import Response, abort, make_response, render_template, request, url_for
from sqlalchemy import Enum
from sqlalchemy.sql.sqltypes import Boolean

from app.admin.blueprint import blueprint
from app.admin.declared import Declared
from app.admin.narrowing import Narrowing, read_narrowing
from app.admin.shown import as_text, cell, key_of, read_key, write_key
from app.admin.tables import TABLES, grouped
from app.models import Account
from app.queries import records
from app.queries.access import EVERYTHING
from app.queries.accounts import list_accounts
from app.services.csv_lines import BYTE_ORDER_MARK, csv_line
from app.services.record_exports import note_export
from app.web.identity import current_actor
from app.web.permissions import permission_required
from app.web.responses import respond, stream

VIEW = "records.view"
sees_records = permission_required(VIEW)


@blueprint.get("/")
@sees_records
def index() -> Response:
    """Every table, by what it is about."""
    return make_response(render_template("admin/index.html", groups=grouped()))


@blueprint.get("/<table:table>/")
@sees_records
def table(table: Declared) -> Response:
    """Its rows, newest first, narrowed as the address says."""
    narrowing = read_narrowing(table, request.args)
    after = _place(table, narrowing)
    found = records.list_records(table.table, narrowing.columns, narrowing.wanted, after)
    place: dict[str, Any] = {"table": table, **narrowing.args(table)}
    next_url = (
        url_for("admin.table", **place, after=write_key(found.next_key))
        if found.next_key is not None
        else None
    )
    columns = [table.table.c[name] for name in narrowing.columns]
    accounts = list_accounts(EVERYTHING)
    return respond(
        page="admin/table.html",
        fragment="admin/_rows.html",
        table=table,
        narrowing=narrowing,
        columns=columns,
        sort_urls={name: _sort_url(table, narrowing, name) for name in table.sortable},
        rows=[
            (
                key_of(table, row),
                [cell(table, column, getattr(row, column.name), is_whole=False) for column in columns],
            )
            for row in found.rows
        ],
        choices=[(column.name, _options(column, accounts)) for column in table.choices],
        next_url=next_url,
        first_url=url_for("admin.table", **place) if after is not None else None,
        export_url=url_for("admin.export", **place),
    )


@blueprint.post("/<table:table>/export")
@sees_records
def export(table: Declared) -> Response:
    """All rows that the address asks for, with all columns. Who took them along is written down."""
    narrowing = read_narrowing(table, request.args)
    filters = {name: str(value) for name, value in narrowing.args(table).items() if name != "columns"}
    note_export(table=table.name, filters=filters, actor=current_actor())
    answer = stream(_lines(table, narrowing), "text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="{table.name}.csv"'
    return answer


@blueprint.get("/<table:table>/<key:key>/")
@sees_records
def record(table: Declared, key: str) -> Response:
    """One row: every column, what it names and what names it."""
    values = read_key(records.key_columns(table.table), key)
    row = records.get_record(table.table, values) if values is not None else None
    if row is None:
        abort(404)
    html = render_template(
        "admin/record.html",
        table=table,
        key=key,
        cells=[
            cell(table, column, getattr(row, column.name), is_whole=True) for column in table.table.columns
        ],
        page_url=_page_url(table, row),
        related=_related(table, row),
    )
    return make_response(html)


def _place(table: Declared, narrowing: Narrowing) -> records.Key | None:
    text = request.args.get("after", "")
    return read_key(records.key_types(table.table, narrowing.wanted), text) if text else None


def _sort_url(table: Declared, narrowing: Narrowing, name: str) -> tuple[str, str | None]:
    """(address, how it is sorted by this column now)."""
    direction = None
    if narrowing.sort.removeprefix("-") == name:
        direction = "descending" if narrowing.sort.startswith("-") else "ascending"
    args = narrowing.args(table) | {"sort": name if direction == "descending" else f"-{name}"}
    return url_for("admin.table", table=table, **args), direction


def _options(column: Any, accounts: list[Account]) -> list[tuple[str, str]]:
    """Of a filter; none: any id may be typed."""
    label = column.name.removesuffix("_id").replace("_", " ").capitalize()
    if isinstance(column.type, Boolean):
        return [("", f"{label}: any"), ("true", f"{label}: yes"), ("false", f"{label}: no")]
    if isinstance(column.type, Enum):
        return [("", f"{label}: any"), *((word, word.replace("_", " ")) for word in column.type.enums)]
    if column.name == "account_id":
        return [("", "All accounts"), *((str(account.id), account.name) for account in accounts)]
    return []


def _page_url(table: Declared, row: Any) -> str | None:
    if table.page is None:
        return None
    endpoint, values = table.page(row)
    return url_for(endpoint, **values) if all(value is not None for value in values.values()) else None


def _related(table: Declared, row: Any) -> list[tuple[str, str]]:
    """(label, address) of the rows of other tables that name this one, where an index finds them."""
    found = []
    for other in TABLES:
        for column in other.choices:
            for foreign in column.foreign_keys:
                if foreign.column.table is table.table:
                    value = getattr(row, foreign.column.name)
                    url = url_for("admin.table", table=other, **{column.name: value})
                    suffix = "" if column.name.removesuffix("_id") in table.name else f" ({column.name})"
                    found.append((other.label + suffix, url))
    return found


def _lines(table: Declared, narrowing: Narrowing) -> Iterator[str]:
    columns = list(table.table.columns)
    yield BYTE_ORDER_MARK + csv_line([column.name for column in columns])
    names = [column.name for column in columns]
    for rows in records.read_all(table.table, names, narrowing.wanted):
        yield "".join(
            csv_line([as_text(table, column, getattr(row, column.name)) for column in columns])
            for row in rows
        )
