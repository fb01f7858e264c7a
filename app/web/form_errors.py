"""Puts what a service refused beside the fields it concerns."""

from __future__ import annotations

from wtforms import Form

from app.errors import InvalidFields


def show_problems(form: Form, error: InvalidFields) -> None:
    """Each problem goes to the field of its name, or to the form as a whole when there is none."""
    for problem in error.problems:
        field = form._fields.get(problem.field)
        if field is None:
            form.form_errors.append(problem.message)
        else:
            field.errors = [*field.errors, problem.message]
