"""Imports of files of contacts."""

from __future__ import annotations

from apiflask import Schema
from marshmallow import fields, validate

from app.api.blueprint import LARGEST_ID
from app.api.schemas.fields import Choice, Id, ListQuery, Moment, QueryInteger, Text, described, list_of
from app.models import ContactImportState
from app.services.contact_files.imports import MODES, WINS
from app.services.contact_files.reading import LARGEST_FILE, MOST_COLUMNS


class ContactImportIn(Schema):
    """A file as text, and how it is to be taken."""

    waba_account_id = Id(required=True, metadata=described("The account, by our id.", 1))
    file_name = Text(200, load_default="contacts.csv", metadata=described("For people.", "fair.csv"))
    text = Text(
        LARGEST_FILE,
        required=True,
        least=1,
        metadata=described("The file: CSV with a line of names.", "Phone,Name\n+447700900123,Ada\n"),
    )
    mapping = fields.List(
        Text(80),
        validate=validate.Length(min=1, max=MOST_COLUMNS),
        metadata=described(
            "What each column means: number, name, language, tags, note, time_zone, consent, consent_on, "
            "consent_source, field:<key>, or an empty text. Without it: guessed by the columns’ names.",
            ["number", "name"],
        ),
    )
    mode = Choice(
        *MODES, load_default="both", metadata=described("new: known people stay as they are.", "both")
    )
    wins = Choice(*WINS, load_default="file", metadata=described("Where both say something.", "file"))
    country = Text(
        2, load_default="", metadata=described("Of numbers without a country code, in two letters.", "GB")
    )
    consent_source = Text(
        500, load_default="", metadata=described("How you know who agreed to marketing.", "Spring fair")
    )
    consent_on = fields.Date(metadata=described("Since when.", "2026-03-09"))


class FailedLineOut(Schema):
    """A line that was not taken."""

    line = fields.Integer(required=True, attribute="position", metadata=described("In the file, from 1.", 3))
    problem = fields.String(required=True, attribute="error", metadata=described("In words for people."))


class ContactImportOut(Schema):
    """How far an import is."""

    id = fields.Integer(required=True, metadata=described("Our id.", 2))
    waba_account_id = fields.Integer(
        required=True, attribute="account_id", metadata=described("The account, by our id.", 1)
    )
    file_name = fields.String(required=True, metadata=described("", "fair.csv"))
    state = Choice(*ContactImportState, required=True)
    error = fields.String(required=True, metadata=described("Why nothing was taken.", ""))
    total = fields.Integer(required=True, allow_none=True, metadata=described("Lines of contacts.", 200))
    created = fields.Integer(required=True, metadata=described("New people.", 180))
    updated = fields.Integer(required=True, metadata=described("Changed ones.", 12))
    unchanged = fields.Integer(required=True, metadata=described("As they were.", 5))
    failed = fields.Integer(required=True, metadata=described("Not taken.", 3))
    undone = fields.Integer(required=True, metadata=described("Taken back.", 0))
    kept = fields.Integer(
        required=True, metadata=described("Not taken back: somebody changed them meanwhile.", 0)
    )
    created_at = Moment(required=True)
    finished_at = Moment(required=True, allow_none=True)


class ContactImportDetail(ContactImportOut):
    """With the first lines that were not taken."""

    failed_lines = fields.List(fields.Nested(FailedLineOut), required=True)


ContactImportList = list_of(ContactImportOut, "ContactImportList")


class ContactImportQuery(ListQuery):
    """Filters of the list."""

    account = QueryInteger(1, LARGEST_ID, metadata=described("Our account id.", 1))
