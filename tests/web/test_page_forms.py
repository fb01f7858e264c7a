"""Forms of pages, sent as no page of ours sends them."""

from __future__ import annotations

import io
from typing import Any

from app.console.forms import ButtonsForm, TextForm
from app.contacts.forms import ContactForm


def test_a_file_in_the_place_of_a_text_is_not_taken_for_the_text(app: Any) -> None:
    for form_class, name in (
        (TextForm, "body"),
        (ButtonsForm, "body"),
        (ContactForm, "own_name"),
    ):
        data = {name: (io.BytesIO(b"x"), "a.csv"), "header_file": (io.BytesIO(b"y"), "b.png")}
        with app.test_request_context(method="POST", data=data):
            form = form_class()
            form.validate()
            assert not form[name].data
            if "header_file" in form:
                assert form["header_file"].data.filename == "b.png"
