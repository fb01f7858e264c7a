"""Where the values of each step are found in Meta's own pages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

_DASHBOARD = "developers.facebook.com"
_MENU = ["Dashboard", "App settings", "WhatsApp", "API Setup", "Configuration"]


_API_SETUP = (_DASHBOARD, "My apps", "your app", "WhatsApp", "API Setup")


@dataclass(frozen=True)
class FindCard:
    """Where a value stands in Meta's pages: the path, a plain sketch, and what to watch out for."""

    title: str
    path: tuple[str, ...]
    sketch: dict[str, Any] | None = None
    help: str = ""
    steps: tuple[str, ...] = ()
    url: str = ""
    url_text: str = ""


FIND_CARDS: dict[int, tuple[FindCard, ...]] = {
    1: (
        FindCard(
            "Where to find the account ID",
            _API_SETUP,
            {
                "label": "Sketch of Meta’s API Setup page. The WhatsApp Business Account ID is the "
                "second value, below the Phone number ID.",
                "menu": _MENU,
                "on": "API Setup",
                "rows": [
                    {"label": "Step 1: Select phone numbers"},
                    {"label": "Phone number ID", "value": "1082…0164"},
                    {"label": "WhatsApp Business Account ID", "value": "1048…6453", "is_hit": True},
                ],
            },
            "The App ID is in the top bar of the same page, so it is easily copied by mistake.",
            url="https://developers.facebook.com/apps/",
            url_text="Open My apps at Meta",
        ),
        FindCard(
            "Where to find the App Secret",
            (_DASHBOARD, "My apps", "your app", "App settings", "Basic"),
            help="Choose Show next to App Secret. If it is greyed out, ask the person who created the "
            "app: only an admin of the app may see it.",
        ),
    ),
    2: (
        FindCard(
            "Where to find the phone number ID",
            _API_SETUP,
            {
                "label": "Sketch of Meta’s API Setup page. The Phone number ID is the first value.",
                "menu": _MENU,
                "on": "API Setup",
                "rows": [
                    {"label": "From: +44 20 7946 0112"},
                    {"label": "Phone number ID", "value": "1082…0164", "is_hit": True},
                    {"label": "WhatsApp Business Account ID", "value": "1048…6453"},
                ],
            },
            "Choose your number under From first: the ID changes with it. Meta’s test number works "
            "too, for up to five recipients.",
        ),
    ),
    3: (
        FindCard(
            "How to create a permanent token",
            ("business.facebook.com", "Settings", "Users", "System users"),
            steps=(
                "Add a system user named waba-console with the role Admin.",
                "Assign assets: your app and your WhatsApp account, both with full control.",
                "Choose Generate token, pick the app, and set the expiration to Never.",
                "Tick whatsapp_business_messaging and whatsapp_business_management.",
                "Copy the token at once. Meta shows it a single time.",
            ),
            url="https://business.facebook.com/settings/system-users",
            url_text="Open System users at Meta",
        ),
        FindCard(
            "Not the temporary token",
            (_DASHBOARD, "API Setup"),
            help="The token on the API Setup page stops after 24 hours. It is fine for a first try; the "
            "account page warns you before it runs out.",
        ),
    ),
    6: (
        FindCard(
            "If you prefer to paste them at Meta",
            (_DASHBOARD, "My apps", "your app", "WhatsApp", "Configuration"),
            {
                "label": "Sketch of Meta’s Configuration page with the two fields Callback URL and "
                "Verify token.",
                "menu": _MENU,
                "on": "Configuration",
                "rows": [
                    {"label": "Webhook"},
                    {"label": "Callback URL", "value": "https://…/webhooks", "is_hit": True},
                    {"label": "Verify token", "value": "mrd-7Qw2-…", "is_hit": True},
                    {"label": "Verify and save", "is_button": True},
                ],
            },
            "Connect the webhook does the same for you. By hand, choose Manage under Webhook fields "
            "after it and subscribe to messages, message_template_status_update and flows; for a number that "
            "stays in the WhatsApp Business app also to smb_message_echoes and history.",
        ),
        FindCard(
            "If the webhook stays grey",
            ("This console", "PUBLIC_BASE_URL"),
            help="Meta must reach the address from the internet, over https with a public certificate. "
            "The setting PUBLIC_BASE_URL says which address this console has.",
        ),
    ),
}
