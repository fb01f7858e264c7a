"""Walks every route: as anybody, with ids of one account or of another.

A new parameter in an address needs a factory here, or the walkers fail and say so.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from flask import Flask
from sqlalchemy import inspect, select
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from app.extensions import db
from app.models import (
    Account,
    AccountStatus,
    ApiKey,
    AuditEntry,
    ConversationView,
    ListAction,
    ListChange,
    Passkey,
    Role,
    User,
    UserSession,
)
from app.queries.access import SYSTEM
from app.services.invitations import invite
from app.services.message_templates.sample_files import keep_sample
from app.services.teams import save_team
from tests.support.factories import Factory
from tests.support.flows import claim_json
from tests.support.pages import IsolatedClient, PageClient

API = "/api/whatsapp/api/"
WEBHOOK = "webhook.receive"
CANARY = "CANARY-of-another-account"
UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})

NOT_OF_AN_ACCOUNT = frozenset(
    {
        "user_id",
        "invitation_id",
        "passkey_id",
        "token",
        "api_key_id",
        "session_id",
        "outgoing_webhook_id",
        "delivery_id",
        "number",
        "filename",
    }
)
"""People, keys and outgoing webhooks belong to the installation, sessions to a person, steps and files to
nobody."""


# What the JSON API looks at before it looks for the object: bodies of a right shape.
BODIES: dict[str, dict[str, Any]] = {
    "api.send_message": {
        "to_phone_number": "+447700900123",
        "message_type": "text",
        "text_content": "Hello",
    },
    "api.join_contact": {"contact_id": 1},
    "api.change_phone_number": {"display_number": "+44 20 7946 0101"},
    "api.change_canned_reply": {"name": "Hours", "body": "From 8 to 18."},
    "api.change_team": {"name": "Sales", "serves": [{"waba_account_id": 1}]},
    "api.change_bot_rule": {"name": "Price", "phrases": ["price"], "hands_over": True},
    "api.change_article": {"title": "A title", "short_answer": "An answer", "language": "en"},
    "api.change_template": {
        "name": "a_new_name",
        "language": "en_US",
        "category": "UTILITY",
        "components": [{"type": "BODY", "text": "Hello"}],
    },
}


@dataclass(frozen=True)
class Step:
    """One address with one method."""

    method: str
    rule: Rule

    @property
    def name(self) -> str:
        return f"{self.method} {self.rule.rule}"

    @property
    def is_api(self) -> bool:
        return self.rule.rule.startswith(API) and self.rule.endpoint != WEBHOOK


def steps(app: Flask) -> list[Step]:
    """Every method of every rule, by address; HEAD and OPTIONS answer by themselves."""
    found = [
        Step(method, rule)
        for rule in app.url_map.iter_rules()
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
    ]
    return sorted(found, key=lambda step: (step.rule.rule, step.method))


@dataclass
class World:
    """A live account with one of everything that an address can name, and one that is being set up."""

    account: Account
    draft: Account
    draft_id: int
    ids: dict[str, Any] = field(default_factory=dict)

    def values_for(self, step: Step) -> dict[str, Any]:
        """Set-up is walked with an account that is still in it, all else with one that is live."""
        ids = {**self.ids, "account_id": self.draft_id} if step.rule.rule.startswith("/setup/") else self.ids
        missing = step.rule.arguments - set(ids)
        assert not missing, f"{step.rule.rule}: tests/rules/walking.py has no value for {sorted(missing)}"
        return {name: ids[name] for name in step.rule.arguments}


def build_world(make: Factory, mark: str) -> World:
    """`mark` stands in every text of this account, so that a leak can be seen."""
    account = make.account(name=f"{mark} account", business_name=f"{mark} business")
    draft = make.account(name=f"{mark} draft", status=AccountStatus.SETUP, setup_step=5)
    contact = make.contact(account, profile_name=f"{mark} customer")
    conversation = make.conversation(account, contact=contact)
    inbound = make.message(conversation, outbound=False, text_content=f"{mark} message")
    message_template = make.message_template(account, name=f"{mark.lower().replace('-', '_')}_template")
    make.message_template_version(message_template, actor_name=f"{mark} writer")
    synced = AuditEntry(action="message_templates.synced", account_id=account.id, actor_name=f"{mark} sync")
    db.session.add(synced)
    db.session.commit()
    flow = make.flow(account, claim_json().replace("Claim", f"{mark} screen"), name=f"{mark} flow")
    make.flow_answer(flow, {"place": f"{mark} place"}, conversation=conversation)
    event = make.webhook_event(account, body=f'{{"entry": "{mark} event"}}'.encode(), summary=f"{mark} event")
    article = make.article(account, title=f"{mark} article")
    knowledge_import = make.knowledge_import(account, file_name=f"{mark}.md")
    user = make.user(role="viewer", accounts=[account, draft], name=f"{mark} person")
    make.session_token(user)
    make.api_key(role="viewer", accounts=[account])
    latest_key = db.session.scalars(select(ApiKey.id).order_by(ApiKey.id.desc())).first()
    latest_session = db.session.scalars(select(UserSession.id).order_by(UserSession.id.desc())).first()
    make.bot_trace(inbound, reason=f"{mark} reason")
    rule = make.bot_rule(account, name=f"{mark} rule")
    planned = make.planned_message(conversation, text_content=f"{mark} plan")
    canned = make.canned_reply(account, name=f"{mark} canned")
    outgoing = make.outgoing_webhook(accounts=[account], description=f"{mark} system", is_on=False)
    delivery = make.outgoing_delivery(outgoing, account_id=account.id, body=f'{{"data":"{mark}"}}')
    view = ConversationView(user_id=user.id, account_id=account.id, name=f"{mark} view", query={"unread": 1})
    change = ListChange(user_id=user.id, action=ListAction.CLOSE, changed=1, details={"mark": mark})
    db.session.add_all([view, change])
    passkey = Passkey(user_id=user.id, name=f"{mark} device", credential_id=f"{mark} id", public_key="")
    db.session.add(passkey)
    invitation, token = invite(
        email=f"{account.id}@example.com", name="", role=Role.AGENT, account_ids=[], actor=SYSTEM
    )
    sample = keep_sample(
        account=account,
        header="DOCUMENT",
        content=f"%PDF- {mark} sample".encode(),
        file_name=f"{mark}.pdf",
        actor=SYSTEM,
    )
    team = save_team(
        team=None,
        name=f"{mark} team",
        user_ids=[user.id],
        places=[(account.id, None)],
        hours={},
        actor=SYSTEM,
    )
    ids = {
        "account_id": account.id,
        "team_id": team.id,
        "file_id": sample.id,
        "canned_reply_id": canned.id,
        "field_id": make.contact_field(account, name=f"{mark} field").id,
        "contact_import_id": make.contact_import(account, file_name=f"{mark}.csv").id,
        "erasure_id": make.erasure(account, actor_name=f"{mark} eraser").id,
        "rule_id": rule.id,
        "outgoing_webhook_id": outgoing.id,
        "delivery_id": delivery.id,
        "number_id": account.phone_numbers[0].id,
        "contact_id": contact.id,
        "address_id": make.contact_address(contact).id,
        "join_id": make.contact_join(make.contact(account, profile_name=f"{mark} twin"), contact).id,
        "conversation_id": conversation.id,
        "planned_id": planned.id,
        "message_id": inbound.id,
        "media_id": make.thumbnail(
            make.media_file(inbound, f"{mark} file".encode(), file_name=f"{mark} file.png"),
            f"{mark} small".encode(),
        ).id,
        "outgoing_file_id": make.outgoing_file(conversation, user, f"{mark} words".encode()).id,
        "event_id": event.id,
        "article_id": article.id,
        "import_id": knowledge_import.id,
        "message_template_id": message_template.id,
        "template_id": message_template.id,
        "entry_id": synced.id,
        "flow_id": flow.id,
        "user_id": user.id,
        "invitation_id": invitation.id,
        "passkey_id": passkey.id,
        "view_id": view.id,
        "change_id": change.id,
        "token": token.reveal(),
        "api_key_id": latest_key,
        "session_id": latest_session,
        "number": 1,
        "alert_id": make.health_alert(account, title=f"{mark} trouble").id,
        "filename": "app.js",
        "slug": "messages",
        "table": "whatsapp_messages",
        "key": str(inbound.id),
    }
    return World(account, draft, draft.id, ids)


class Walker:
    """Somebody with a browser, an API key, both, or neither."""

    def __init__(self, app: Flask, *, user: User | None = None, key: str | None = None) -> None:
        self._app = app
        self._page = PageClient(app)
        self._key = key
        if user is not None:
            self._page.sign_in(user)
        self._csrf = self._page.csrf_token()

    def take(self, step: Step, values: dict[str, Any], **options: Any) -> TestResponse:
        """Ask as this person would: with their cookie and form token, under the API's path with the key."""
        headers = options.pop("headers", {})
        if step.is_api and self._key:
            headers = {"Authorization": f"Bearer {self._key}", **headers}
        if not step.is_api and step.method in UNSAFE:
            headers = {"X-CSRFToken": self._csrf, **headers}
        if step.is_api and step.method in UNSAFE and "json" not in options:
            options["json"] = BODIES.get(step.rule.endpoint, {})
        answer: TestResponse = self.client.open(
            self._page.url(step.rule.endpoint, **values), method=step.method, headers=headers, **options
        )
        answer.get_data()
        answer.close()
        return answer

    @property
    def session_token(self) -> str:
        """What the cookie holds, signed."""
        with self._page.cookie() as cookie:
            return str(cookie["_user_id"])

    @property
    def client(self) -> IsolatedClient:
        client = self._page._client
        assert isinstance(client, IsolatedClient)
        return client


def everything_stored() -> dict[str, list[str]]:
    """All rows of all tables, as text: what must be the same before and after."""
    db.session.rollback()
    with db.engine.connect() as connection:
        names = inspect(connection).get_table_names()  # not the models': a table without one counts too
        return {
            name: sorted(map(str, connection.exec_driver_sql(f'SELECT * FROM "{name}"'))) for name in names
        }


def changes(before: dict[str, list[str]], after: dict[str, list[str]]) -> Iterator[str]:
    for table in before.keys() | after.keys():
        if before.get(table) != after.get(table):
            yield table
