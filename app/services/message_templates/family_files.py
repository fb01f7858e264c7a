"""The settings of names in a file: tags, who may send them, the fallback language."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from app.errors import FieldProblem
from app.graph.message_template_rules import LANGUAGES
from app.graph.problems import Problem
from app.models import Role
from app.services.message_templates.families import LEAST_ROLES, FamilySettings, check_settings

_MOST_WORDS = 100


@dataclass(frozen=True)
class NamedSettings:
    """Settings of one name."""

    name: str
    settings: FamilySettings


def read_families(given: Mapping[str, Any]) -> tuple[list[NamedSettings], list[Problem]]:
    """Those that can be taken, and what is wrong with the others, by their path in the file."""
    found: list[NamedSettings] = []
    problems: list[Problem] = []
    for path, one in given.items():
        faults = list(_faults(one))
        problems += [_problem(path, fault) for fault in faults]
        if not faults:
            found.append(NamedSettings(one["name"], _settings(one)))
    return found, problems


def _problem(path: str, fault: FieldProblem) -> Problem:
    place = ".".join(part for part in (path, fault.field) if part)
    return Problem(place, fault.message, "invalid", "warning")


def _faults(one: Any) -> Iterator[FieldProblem]:
    if not isinstance(one, dict):
        yield FieldProblem("", "Must be an object with name, tags, least_role and fallback_language.")
        return
    if not isinstance(one.get("name"), str):
        yield FieldProblem("name", "The name is missing.")
    tags = one.get("tags", [])
    if not isinstance(tags, list) or len(tags) > _MOST_WORDS or not all(isinstance(tag, str) for tag in tags):
        yield FieldProblem("tags", "Must be a list of words.")
        return
    if one.get("least_role", Role.AGENT.value) not in [role.value for role in LEAST_ROLES]:
        yield FieldProblem("least_role", "Must be agent, manager or owner.")
        return
    if not isinstance(one.get("fallback_language", ""), str):
        yield FieldProblem("fallback_language", "Must be a language’s code, or empty.")
        return
    yield from check_settings(_settings(one), LANGUAGES)


def _settings(one: Mapping[str, Any]) -> FamilySettings:
    return FamilySettings(
        tuple(one.get("tags", [])), Role(one.get("least_role", "agent")), one.get("fallback_language", "")
    )
