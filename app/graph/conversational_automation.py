"""Welcome messages, prompts and commands of a number's chats.

Source: Meta docs, "Conversational components" page, read 2026-09.
"""

from __future__ import annotations

from dataclasses import dataclass

from app.graph import reading
from app.graph.calls import Caller, node, post
from app.graph.checking import Spot, no_repeats
from app.graph.problems import Problem, refuse

MOST_PROMPTS = 4
MOST_PROMPT_CHARACTERS = 80
MOST_COMMANDS = 30
MOST_COMMAND_CHARACTERS = 32
MOST_DESCRIPTION_CHARACTERS = 256


@dataclass(frozen=True, slots=True)
class Command:
    """A word after a slash, and what it is for."""

    name: str
    description: str


@dataclass(frozen=True, slots=True)
class ConversationalAutomation:
    """None in an update leaves a part as it is; a list replaces the whole list.

    Up to 4 prompts of 80 characters; up to 30 commands of 32, described in 256; no emoji.
    """

    is_welcome_enabled: bool | None = None
    prompts: tuple[str, ...] | None = None
    commands: tuple[Command, ...] | None = None


class ConversationalAutomations:
    """`client.conversational_automations`"""

    def __init__(self, call: Caller) -> None:
        self._call = call

    def get(self, phone_number_id: str) -> ConversationalAutomation:
        """What the number has; an empty one if nothing was ever set."""
        answer = self._call("GET", node(phone_number_id), params={"fields": "conversational_automation"})
        found = reading.mapping(answer.data.get("conversational_automation"))
        return ConversationalAutomation(
            is_welcome_enabled=reading.boolean(found.get("enable_welcome_message")),
            prompts=reading.texts(found.get("prompts")),
            commands=tuple(
                Command(
                    reading.text(one.get("command_name")) or "",
                    reading.text(one.get("command_description")) or "",
                )
                for one in reading.mappings(found.get("commands"))
            ),
        )

    def update(self, phone_number_id: str, wanted: ConversationalAutomation) -> bool:
        """Change the parts that are not None. Raises InvalidPayload."""
        refuse(check_automation(wanted))
        body = {
            "enable_welcome_message": wanted.is_welcome_enabled,
            "prompts": None if wanted.prompts is None else [*wanted.prompts],
            "commands": None if wanted.commands is None else _commands(wanted.commands),
        }
        return post(self._call, f"{node(phone_number_id)}/conversational_automation", body)


def check_automation(wanted: ConversationalAutomation) -> list[Problem]:
    """What Meta would refuse."""
    problems: list[Problem] = []
    prompts = Spot([*(wanted.prompts or ())], "prompts", problems).list("Prompts", most=MOST_PROMPTS)
    for prompt in prompts:
        prompt.text("The prompt", MOST_PROMPT_CHARACTERS)
        prompt.no_emoji("The prompt")
    listed = Spot(_commands(wanted.commands or ()), "commands", problems)
    commands = listed.list("Commands", most=MOST_COMMANDS)
    for command in commands:
        command["command_name"].text("The command", MOST_COMMAND_CHARACTERS)
        command["command_name"].no_emoji("The command")
        command["command_description"].text("The description", MOST_DESCRIPTION_CHARACTERS)
        command["command_description"].no_emoji("The description")
    no_repeats([command["command_name"] for command in commands], "Two commands have the same name.")
    return problems


def _commands(commands: tuple[Command, ...]) -> list[dict[str, str]]:
    return [{"command_name": one.name, "command_description": one.description} for one in commands]
