"""A fictional company with a month behind it, so that every page has something worth looking at."""

from app.services.demo.creation import HasAccounts, create_demo, require_possible

__all__ = ["HasAccounts", "create_demo", "require_possible"]
