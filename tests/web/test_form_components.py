"""Form macros: every control says what it is, what is wrong with it, and never shows a secret."""

from __future__ import annotations

from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import (
    BooleanField,
    FieldList,
    Form,
    FormField,
    PasswordField,
    RadioField,
    SelectChoice,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, Length, Optional

from app.web.rendering import summary_errors
from tests.web.conftest import Render

TOO_LONG = "The name is too long. Write at most 10 characters."


class Button(Form):
    text = StringField("Text of the button", [DataRequired("Write what the button says.")])


class Sample(FlaskForm):
    name = StringField("Name", [DataRequired("Give it a name."), Length(max=10, message=TOO_LONG)])
    website = StringField("Website", [Optional()])
    body = TextAreaField("Body", [Length(max=1024)])
    secret = StringField("App Secret", [DataRequired("Paste the App Secret.")])
    password = PasswordField("Password")
    kind = RadioField("Kind", choices=[SelectChoice("a", "First"), SelectChoice("b", "Second")], default="b")
    fields = SelectMultipleField(
        "Fields", choices=[SelectChoice("m", "messages"), SelectChoice("s", "statuses")], default=["s"]
    )
    language = SelectField("Language", choices=[SelectChoice("en", "English")])
    is_on = BooleanField("Reply automatically")
    buttons = FieldList(FormField(Button), min_entries=1)


FORMS = '{% import "components/forms.html" as forms %}'


def filled(**values: str) -> Sample:
    form = Sample(MultiDict({"kind": "b", "language": "en", **values}), meta={"csrf": False})
    form.validate()
    return form


def test_label_belongs_to_the_control(render: Render) -> None:
    page = render(FORMS + "{{ forms.field(form.name) }}", form=Sample())
    assert page.label["for"] == page.input["id"] == "name"


def test_right_field_carries_no_error_wiring(render: Render) -> None:
    page = render(FORMS + "{{ forms.field(form.name) }}", form=Sample())
    assert page.input["class"] == ["form-control"]
    assert not page.input.has_attr("aria-invalid")
    assert not page.input.has_attr("aria-describedby")


def test_wrong_field_points_to_its_error_then_its_help(render: Render) -> None:
    page = render(FORMS + '{{ forms.field(form.name, help="Small letters.") }}', form=filled(name="x" * 11))
    assert page.input["aria-invalid"] == "true"
    assert page.input["aria-describedby"] == "name-err name-help"
    assert page.select_one("#name-err strong").text == "The name is too long."
    assert "Write at most 10 characters." in page.select_one("#name-err").text
    assert page.select_one("#name-help").text == "Small letters."


def test_optional_is_said_and_required_is_not(render: Render) -> None:
    page = render(FORMS + "{{ forms.field(form.name) }}{{ forms.field(form.website) }}", form=Sample())
    assert [label.text for label in page.find_all("label")] == ["Name", "Website optional"]


def test_counter_shows_length_and_limit_and_is_found_by_the_script(render: Render) -> None:
    page = render(FORMS + "{{ forms.field(form.body, counter=true) }}", form=filled(body="hello"))
    assert page.select_one("#body-count").text == "5 of 1,024"
    assert page.textarea["data-count"] == "#body-count"
    assert page.textarea["aria-describedby"] == "body-count"


def test_secret_is_never_in_the_page_whether_saved_or_just_typed(render: Render) -> None:
    form = filled(secret="0123456789abcdef")
    page = render(FORMS + '{{ forms.secret_field(form.secret, tail="cdef") }}', form=form)
    assert "0123456789" not in str(page)
    assert page.input["type"] == "password"
    assert page.input["value"] == ""
    assert "ends in …cdef" in page.select_one("#secret-help").text


def test_saved_secret_may_be_left_empty(render: Render) -> None:
    page = render(FORMS + '{{ forms.secret_field(form.secret, tail="cdef") }}', form=Sample())
    assert not page.input.has_attr("required")


def test_show_button_names_its_field(render: Render) -> None:
    page = render(FORMS + "{{ forms.password_field(form.password) }}", form=Sample())
    assert page.button["aria-label"] == "Show Password"
    assert page.button["data-reveal"] == "#password"
    assert page.button["type"] == "button"


def test_choices_are_a_fieldset_with_the_chosen_one_checked(render: Render) -> None:
    page = render(
        FORMS + "{{ forms.radio_group(form.kind) }}{{ forms.checkbox_group(form.fields) }}", form=Sample()
    )
    assert [legend.text for legend in page.find_all("legend")] == ["Kind", "Fields"]
    assert [box["value"] for box in page.select("input[checked]")] == ["b", "s"]
    assert {box["type"] for box in page.select("#fields input")} == {"checkbox"}


def test_switch_is_a_checkbox_that_says_so(render: Render) -> None:
    page = render(FORMS + '{{ forms.switch_field(form.is_on, help="Off: messages wait.") }}', form=Sample())
    assert (page.input["type"], page.input["role"]) == ("checkbox", "switch")
    assert page.input["aria-describedby"] == "is_on-help"


def test_summary_links_to_every_wrong_field_nested_ones_too(render: Render) -> None:
    form = filled(name="x" * 11, **{"buttons-0-text": ""})
    page = render(FORMS + "{{ forms.error_summary(form) }}", form=form)
    assert page.select_one("#form-errors")["role"] == "alert"
    assert page.select_one("#form-errors")["tabindex"] == "-1"
    assert {link["href"]: link.text for link in page.find_all("a")} == {
        "#name": "Name: The name is too long.",
        "#secret": "App Secret: Paste the App Secret.",
        "#buttons-0-text": "Text of the button: Write what the button says.",
    }
    assert "3 values need correcting." in page.text


def test_summary_of_a_right_form_is_nothing(render: Render) -> None:
    assert render(FORMS + "{{ forms.error_summary(form) }}", form=Sample()).text.strip() == ""


def test_errors_of_the_whole_form_come_first(render: Render) -> None:
    form = filled(name="x" * 11, secret="s", **{"buttons-0-text": "Book"})
    form.form_errors = ["Meta did not answer. Try again."]
    assert [error.field_id for error in summary_errors(form)] == [None, "name"]
    assert "Meta did not answer." in render(FORMS + "{{ forms.error_summary(form) }}", form=form).text


def test_error_of_a_hidden_field_has_no_link_to_it(render: Render) -> None:
    form = Sample(MultiDict())
    form.validate()
    assert next(error for error in summary_errors(form) if "CSRF" in error.text).field_id is None


def test_what_was_typed_is_escaped_when_it_comes_back(render: Render) -> None:
    page = render(FORMS + "{{ forms.field(form.website) }}", form=filled(website='"><script>x</script>'))
    assert page.script is None
    assert page.input["value"] == '"><script>x</script>'


def test_copy_field_is_read_only_and_copied_whole(render: Render) -> None:
    page = render(FORMS + '{{ forms.copy_field("Callback URL", "https://a.example/w", "url") }}')
    assert page.input.has_attr("readonly")
    assert page.label["for"] == "url"
    assert page.button["data-copy"] == "#url"
