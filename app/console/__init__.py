"""The door to conversations: list, thread, composer, new conversations."""

from app.console import (
    attaching,
    bot_bar,
    changing,
    desk,
    drafting,
    media,
    passport,
    planning,
    saving_views,
    sending,
    starting,
    teamwork,
    views,
)
from app.console.blueprint import blueprint

__all__ = [
    "attaching",
    "blueprint",
    "bot_bar",
    "changing",
    "desk",
    "drafting",
    "media",
    "passport",
    "planning",
    "saving_views",
    "sending",
    "starting",
    "teamwork",
    "views",
]
