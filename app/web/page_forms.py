"""What all forms of pages are built on."""

from __future__ import annotations

from typing import Any

from flask import request
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from werkzeug.datastructures import CombinedMultiDict, MultiDict
from wtforms import SelectMultipleField
from wtforms.widgets import CheckboxInput, ListWidget


class Boxes(SelectMultipleField):  # type: ignore[misc]
    """Things to tick, any number of them."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class PageForm(FlaskForm):  # type: ignore[misc]
    """A file goes to fields for files only: sent as any other field it would be taken for its text."""

    class Meta(FlaskForm.Meta):  # type: ignore[misc]
        """How what was sent reaches the fields."""

        def wrap_formdata(self, form: Any, formdata: Any) -> Any:
            found = super().wrap_formdata(form, formdata)
            if not isinstance(found, CombinedMultiDict):
                return found
            names = {field.name for field in form if isinstance(field, FileField)}
            files = [(name, file) for name, file in request.files.items(multi=True) if name in names]
            return CombinedMultiDict((MultiDict(files), request.form))
