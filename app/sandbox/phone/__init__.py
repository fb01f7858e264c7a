"""The page on the sandbox's port: a phone with which one plays the customer, and switches for faults."""

from datetime import UTC, datetime

from flask import Flask

from . import fault_words, flow_views, formatting, more_views, preview_views, views

# Their import registers the routes.
PAGES = (views, more_views, flow_views, preview_views)


def init_phone(app: Flask) -> None:
    app.register_blueprint(views.blueprint)
    app.jinja_env.filters |= {
        "clock": clock_time,
        "initials": initials,
        "duration": duration,
        "fault_words": fault_words.in_words,
        "wa": formatting.formatted,
        "wa_plain": formatting.plain,
    }


def clock_time(at: float) -> str:
    """`14:32` in the machine's time zone."""
    return datetime.fromtimestamp(at, UTC).astimezone().strftime("%H:%M")


def initials(name: str) -> str:
    words = [word for word in name.split() if word[0].isalnum()]
    return "".join(word[0] for word in words[:2]).upper()


def duration(seconds: float) -> str:
    """`23 h 59 min`."""
    minutes = max(1, int(seconds // 60))
    return f"{minutes // 60} h {minutes % 60} min" if minutes >= 60 else f"{minutes} min"
