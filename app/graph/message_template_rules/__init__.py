"""What Meta accepts as a message template, and how its values are filled in.

Source: Meta docs, "Message templates" pages, read 2026-09; rules that only integrators report are
warnings, except where nothing else explains Meta's refusals.
"""

from __future__ import annotations

from app.graph.message_template_rules.checks import check
from app.graph.message_template_rules.draft import MessageTemplateDraft
from app.graph.message_template_rules.filling import send_components
from app.graph.message_template_rules.languages import LANGUAGES
from app.graph.message_template_rules.previews import Preview, PreviewButton, render_preview
from app.graph.message_template_rules.send_checks import check_send
from app.graph.message_template_rules.slots import (
    ExpectedComponent,
    Variable,
    expected_parameters,
    variables,
)
from app.graph.problems import Problem

CATEGORIES = {
    "MARKETING": "Marketing",
    "UTILITY": "Utility",
    "AUTHENTICATION": "Authentication",
}

__all__ = [
    "CATEGORIES",
    "LANGUAGES",
    "ExpectedComponent",
    "MessageTemplateDraft",
    "Preview",
    "PreviewButton",
    "Problem",
    "Variable",
    "check",
    "check_send",
    "expected_parameters",
    "render_preview",
    "send_components",
    "variables",
]
