"""Rows for tests, with believable defaults; spell out only what the test is about."""

from __future__ import annotations

import hashlib
import itertools
import uuid
from datetime import timedelta
from typing import Any

from flask import Flask

from app.crypto import Secret, hash_token, new_api_key
from app.extensions import db
from app.media_store import new_key, open_store
from app.models import (
    CHOSEN_EVENTS,
    Account,
    AccountStatus,
    AddressKind,
    AddressSource,
    ApiKey,
    ApiKeyAccount,
    BotOutcome,
    BotRule,
    BotTrace,
    CannedReply,
    CheckState,
    Contact,
    ContactAddress,
    ContactField,
    ContactImport,
    ContactJoin,
    Conversation,
    Direction,
    Erasure,
    ErasureState,
    EventState,
    FieldKind,
    Flow,
    FlowAnswer,
    HealthAlert,
    JoinState,
    KnowledgeArticle,
    KnowledgeImport,
    MediaFile,
    MediaState,
    Membership,
    Message,
    MessageStatus,
    MessageTemplate,
    MessageTemplateStatus,
    MessageTemplateVersion,
    OutgoingDelivery,
    OutgoingEvent,
    OutgoingFile,
    OutgoingWebhook,
    OutgoingWebhookAccount,
    PhoneNumber,
    PlannedMessage,
    Role,
    Team,
    TeamMember,
    TeamPlace,
    ThumbnailState,
    User,
    UserSession,
    VersionOrigin,
    WebhookEvent,
    utcnow,
)
from app.queries.access import SYSTEM
from app.services import usage_changes
from app.services.flow_texts import outline_of
from app.services.knowledge.articles import create_article
from app.services.knowledge.contents import Contents
from app.services.knowledge.setup_text import follow
from app.services.outgoing.signing import new_secret

APP_SECRET = "CANARY-app-secret-0123456789abcdef"
ACCESS_TOKEN = "EAACANARYtoken0123456789"


class Factory:
    """Makes rows in one app context that it holds open until `close`."""

    def __init__(self, app: Flask) -> None:
        self._context = app.app_context()
        self._context.push()
        self._count = itertools.count(1)

    def close(self) -> None:
        db.session.remove()
        self._context.pop()

    def _save(self, row: Any) -> Any:
        db.session.add(row)
        db.session.commit()
        return row

    def user(self, role: str = "owner", accounts: list[Account] | None = None, **values: Any) -> User:
        number = next(self._count)
        base = {"email": f"person{number}@example.com", "name": f"Person {number}", "password_hash": "-"}
        user = User(role=Role(role), **{**base, **values})
        user.memberships = [Membership(account_id=account.id, role=Role(role)) for account in accounts or []]
        return self._save(user)

    def session_token(self, user: User) -> str:
        """A signed-in session's cookie value."""
        token = f"session-{next(self._count)}-{user.id}"
        self._save(UserSession(user_id=user.id, token_hash=hash_token(token)))
        return token

    def api_key(self, role: str = "owner", accounts: list[Account] | None = None, **values: Any) -> str:
        """The whole key, as it goes into the Authorization header."""
        key, prefix, digest = new_api_key()
        row = ApiKey(name="test", role=Role(role), prefix=prefix, key_hash=digest, **values)
        row.accounts = [ApiKeyAccount(account_id=account.id) for account in accounts or []]
        self._save(row)
        return key

    def account(self, *, number: bool = True, **values: Any) -> Account:
        count = next(self._count)
        base: dict[str, Any] = {
            "name": f"Account {count}",
            "meta_id": f"1048573920{count:05d}",
            "app_id": f"7312049884{count:05d}",
            "app_secret": Secret(APP_SECRET),
            "access_token": Secret(ACCESS_TOKEN),
            "webhook_verify_token": Secret(f"verify-{count}"),
            "status": AccountStatus.LIVE,
            "setup_step": 6,
            "is_sandbox": True,
        }
        account = Account(**{**base, **values})
        if number:
            account.phone_numbers = [self._number(count)]
        return self._save(account)

    def _number(self, count: int) -> PhoneNumber:
        return PhoneNumber(
            meta_id=f"1082930475{count:05d}",
            phone_number=f"+4420794601{count:02d}",
            display_number=f"+44 20 7946 01{count:02d}",
            status="CONNECTED",
            quality_rating="GREEN",
        )

    def sandbox_account(self, values: dict[str, str], **more: Any) -> Account:
        """Our row for an account that the sandbox made (`sandbox.new_account()`)."""
        account = self.account(
            number=False,
            name=values.get("name", "Sandbox"),
            meta_id=values["waba_id"],
            app_id=values["app_id"],
            app_secret=Secret(values["app_secret"]),
            access_token=Secret(values["access_token"]),
            **more,
        )
        number = PhoneNumber(
            account_id=account.id,
            meta_id=values["phone_number_id"],
            phone_number=values["phone_number"],
            display_number=values["display_number"],
        )
        self._save(number)
        db.session.refresh(account)
        return account

    def number(self, account: Account, **values: Any) -> PhoneNumber:
        row = self._number(next(self._count))
        row.account_id = account.id
        for name, value in values.items():
            setattr(row, name, value)
        return self._save(row)

    def contact(self, account: Account, **values: Any) -> Contact:
        count = next(self._count)
        base = {"wa_id": f"4477009{count:05d}", "profile_name": f"Customer {count}"}
        return self._save(Contact(account_id=account.id, **{**base, **values}))

    def contact_address(self, contact: Contact, **values: Any) -> ContactAddress:
        """An earlier number, unless told otherwise."""
        base: dict[str, Any] = {
            "kind": AddressKind.NUMBER,
            "value": f"4477008{next(self._count):05d}",
            "source": AddressSource.MESSAGE,
        }
        return self._save(
            ContactAddress(account_id=contact.account_id, contact_id=contact.id, **{**base, **values})
        )

    def contact_join(self, contact: Contact, into: Contact, **values: Any) -> ContactJoin:
        """A suggestion, unless told otherwise."""
        base: dict[str, Any] = {"state": JoinState.SUGGESTED, "reason": "They may be one person."}
        row = ContactJoin(account_id=into.account_id, contact_id=contact.id, into_id=into.id)
        for name, value in {**base, **values}.items():
            setattr(row, name, value)
        return self._save(row)

    def conversation(
        self, account: Account | None = None, *, window_open: bool = True, **values: Any
    ) -> Conversation:
        account = account or self.account()
        contact = values.pop("contact", None) or self.contact(account)
        written = utcnow() - (timedelta(minutes=5) if window_open else timedelta(hours=30))
        base = {"last_inbound_at": written, "last_message_at": written}
        number = account.phone_numbers[0]
        row = Conversation(
            account_id=account.id, phone_number_id=number.id, contact_id=contact.id, **{**base, **values}
        )
        return self._save(row)

    def message(self, conversation: Conversation, *, outbound: bool = True, **values: Any) -> Message:
        base: dict[str, Any] = {
            "direction": Direction.OUTBOUND if outbound else Direction.INBOUND,
            "status": MessageStatus.QUEUED if outbound else MessageStatus.RECEIVED,
            "message_type": "text",
            "text_content": "Hello",
            "content": {"body": "Hello"},
            "wamid": None if outbound else f"wamid.IN{next(self._count)}",
        }
        row = Message(
            account_id=conversation.account_id,
            phone_number_id=conversation.phone_number_id,
            contact_id=conversation.contact_id,
            conversation_id=conversation.id,
            **{**base, **values},
        )
        db.session.add(row)
        db.session.flush()
        usage_changes.note([(row.phone_number_id, row.created_at)])
        return self._save(row)

    def planned_message(self, conversation: Conversation, **values: Any) -> PlannedMessage:
        """A text that leaves in an hour."""
        at = values.get("send_at") or utcnow() + timedelta(hours=1)
        base: dict[str, Any] = {
            "message_type": "text",
            "content": {"body": "See you then"},
            "text_content": "See you then",
            "send_at": at,
            "next_look_at": at,
        }
        row = PlannedMessage(
            account_id=conversation.account_id, conversation_id=conversation.id, **{**base, **values}
        )
        return self._save(row)

    def media_file(self, message: Message, content: bytes | None = None, **values: Any) -> MediaFile:
        """The file of a message; with `content` stored on disk, without it still to be fetched."""
        base: dict[str, Any] = {
            "direction": message.direction,
            "meta_id": f"9900{next(self._count):05d}",
            "mime_type": "image/png",
        }
        file = self._save(
            MediaFile(account_id=message.account_id, message_id=message.id, **{**base, **values})
        )
        if content is not None:
            self._store(file, content)
        return file

    def thumbnail(self, file: MediaFile, content: bytes = b"small") -> MediaFile:
        """The small picture of a file that is stored."""
        key = new_key(file.id)
        store = open_store("disk", self._context.app.config["SETTINGS"], db.engine)
        store.put(key, iter([content]), size_bytes=len(content))
        file.thumbnail_state, file.thumbnail_key = ThumbnailState.MADE, key
        file.thumbnail_size_bytes, file.thumbnail_width, file.thumbnail_height = len(content), 64, 48
        db.session.commit()
        return file

    def outgoing_file(
        self, conversation: Conversation, user: User, content: bytes = b"text", **values: Any
    ) -> OutgoingFile:
        """A file that this person has chosen and not sent; Meta has it."""
        base: dict[str, Any] = {
            "key": uuid.uuid4().hex,
            "file_name": "note.txt",
            "kind": "document",
            "mime_type": "text/plain",
            "meta_id": f"9901{next(self._count):05d}",
            "store": "disk",
        }
        size = {"size_bytes": len(content), "received_bytes": len(content)}
        owner = {"conversation_id": conversation.id, "user_id": user.id}
        file = self._save(
            OutgoingFile(account_id=conversation.account_id, **owner, **size, **{**base, **values})
        )
        file.store_key = new_key(file.id)
        store = open_store("disk", self._context.app.config["SETTINGS"], db.engine)
        store.put(file.store_key, iter([content]), size_bytes=len(content))
        file.sha256, file.stored_at = hashlib.sha256(content).hexdigest(), utcnow()
        db.session.commit()
        return file

    def _store(self, file: MediaFile, content: bytes) -> None:
        key = new_key(file.id)
        store = open_store("disk", self._context.app.config["SETTINGS"], db.engine)
        store.put(key, iter([content]), size_bytes=len(content))
        file.state, file.store, file.store_key = MediaState.STORED, "disk", key
        file.size_bytes, file.sha256 = len(content), hashlib.sha256(content).hexdigest()
        file.stored_at, file.next_attempt_at = utcnow(), None
        db.session.commit()

    def bot_rule(self, account: Account, **values: Any) -> BotRule:
        base: dict[str, Any] = {
            "name": f"Rule {next(self._count)}",
            "phrases": ["price"],
            "message_type": "text",
            "content": {"body": "It costs 10."},
        }
        return self._save(BotRule(account_id=account.id, **{**base, **values}))

    def canned_reply(self, account: Account | None = None, **values: Any) -> CannedReply:
        base = {"name": f"Reply {next(self._count)}", "body": "Hello {{name}}, {{agent}} here."}
        return self._save(CannedReply(account_id=account.id if account else None, **{**base, **values}))

    def team(self, account: Account, *people: User, **values: Any) -> Team:
        """It serves all of the account's numbers."""
        row = Team(**{"name": f"Team {next(self._count)}", **values})
        row.members = [TeamMember(user_id=user.id) for user in people]
        row.places = [TeamPlace(account_id=account.id)]
        return self._save(row)

    def contact_field(self, account: Account, **values: Any) -> ContactField:
        count = next(self._count)
        base: dict[str, Any] = {
            "key": f"field_{count}",
            "name": f"Field {count}",
            "kind": FieldKind.TEXT,
            "position": count,
        }
        return self._save(ContactField(account_id=account.id, **{**base, **values}))

    def contact_import(self, account: Account, **values: Any) -> ContactImport:
        """A draft of one line."""
        base: dict[str, Any] = {
            "file_name": "contacts.csv",
            "size_bytes": 20,
            "content": b"Phone\n+447700900123\n",
            "reading": {"encoding": "utf-8", "delimiter": ",", "has_header": True},
            "columns": ["Phone"],
            "mapping": ["number"],
            "options": {
                "mode": "both",
                "wins": "file",
                "country": "",
                "consent_source": "",
                "consent_on": "",
            },
            "total": 1,
        }
        return self._save(ContactImport(account_id=account.id, **{**base, **values}))

    def erasure(self, account: Account, **values: Any) -> Erasure:
        """One that is done."""
        base: dict[str, Any] = {"state": ErasureState.DONE, "finished_at": utcnow()}
        return self._save(Erasure(account_id=account.id, **{**base, **values}))

    def health_alert(self, account: Account, **values: Any) -> HealthAlert:
        """An open one."""
        base: dict[str, Any] = {
            "key": f"trouble:{next(self._count)}",
            "level": 10,
            "state": CheckState.WARNING,
            "title": "Quality is low",
            "evidence": "Customers blocked it.",
        }
        return self._save(HealthAlert(account_id=account.id, **{**base, **values}))

    def bot_trace(self, message: Message, **values: Any) -> BotTrace:
        """What the bot made of an inbound message."""
        base: dict[str, Any] = {
            "outcome": BotOutcome.SILENT,
            "reason": "A person is writing.",
            "steps": [{"kind": "person", "result": "decided", "text": "A person is writing."}],
        }
        row = BotTrace(
            account_id=message.account_id,
            conversation_id=message.conversation_id,
            message_id=message.id,
            **{**base, **values},
        )
        return self._save(row)

    def outgoing_webhook(self, *, accounts: list[Account] | None = None, **values: Any) -> OutgoingWebhook:
        """For all accounts unless some are given."""
        base: dict[str, Any] = {
            "url": "https://shop.example.com/hooks",
            "events": [event.value for event in CHOSEN_EVENTS],
            "secret": new_secret(),
            "is_for_all": accounts is None,
        }
        row = OutgoingWebhook(**{**base, **values})
        row.accounts = [OutgoingWebhookAccount(account_id=account.id) for account in accounts or []]
        return self._save(row)

    def outgoing_delivery(self, webhook: OutgoingWebhook | None = None, **values: Any) -> OutgoingDelivery:
        webhook = webhook or self.outgoing_webhook()
        base: dict[str, Any] = {
            "webhook_id": webhook.id,
            "event_id": f"evt_{next(self._count):032d}",
            "event": OutgoingEvent.TEST,
            "body": "{}",
        }
        return self._save(OutgoingDelivery(**{**base, **values}))

    def webhook_event(self, account: Account | None = None, **values: Any) -> WebhookEvent:
        base: dict[str, Any] = {"body": b"{}", "body_sha256": "0" * 64, "state": EventState.PARKED}
        return self._save(WebhookEvent(account_id=account.id if account else None, **{**base, **values}))

    def flow(self, account: Account, text: str = "", **values: Any) -> Flow:
        """Published, with Meta's text the same as ours."""
        count = next(self._count)
        outline = outline_of(text)
        base: dict[str, Any] = {
            "meta_id": f"90020{count:05d}",
            "name": f"claim form {count}",
            "status": "PUBLISHED",
            "categories": ["CUSTOMER_SUPPORT"],
            "flow_json": text,
            "meta_json": text,
            "outline": outline,
            "published_outline": outline,
            "published_at": utcnow(),
        }
        return self._save(Flow(account_id=account.id, **{**base, **values}))

    def flow_answer(self, flow: Flow, answers: dict[str, Any] | None = None, **values: Any) -> FlowAnswer:
        conversation = values.pop("conversation", None) or self.conversation(flow.account)
        message = self.message(
            conversation,
            outbound=False,
            message_type="interactive",
            content={"type": "nfm_reply", "nfm_reply": {"name": "flow", "response_json": "{}"}},
        )
        base: dict[str, Any] = {
            "flow_id": flow.id,
            "answers": answers or {},
            "received_at": message.occurred_at,
        }
        row = FlowAnswer(
            account_id=flow.account_id,
            message_id=message.id,
            conversation_id=conversation.id,
            contact_id=conversation.contact_id,
            **{**base, **values},
        )
        return self._save(row)

    def knowing_account(self, **values: Any) -> Account:
        """Its text of step 5 (`knowledge_base`) has become articles, as it does when the step is saved."""
        account = self.account(**values)
        follow(account)
        db.session.commit()
        return account

    def article(self, account: Account, **values: Any) -> KnowledgeArticle:
        """A knowledge article that is in the index, as one that was written on its page."""
        base: dict[str, Any] = {
            "title": "Opening hours",
            "short_answer": "We are open from 8 to 18.",
            "language": "en",
            "questions": ["When are you open?"],
        }
        given = {**base, **values}
        is_on = given.pop("is_on", True)
        lists = {name: tuple(given.pop(name, ())) for name in ("tags", "questions")}
        contents = Contents(**given, **lists)
        return create_article(account_id=account.id, contents=contents, actor=SYSTEM, is_on=is_on)

    def knowledge_import(self, account: Account, **values: Any) -> KnowledgeImport:
        base: dict[str, Any] = {"file_name": "help.md", "kind": "markdown", "size_bytes": 2, "content": b"# "}
        return self._save(KnowledgeImport(account_id=account.id, **{**base, **values}))

    def message_template_version(self, row: MessageTemplate, **values: Any) -> MessageTemplateVersion:
        """How it stands, as version 1 unless another number is given."""
        text = ("category", "parameter_format", "components", "options")
        base: dict[str, Any] = {"number": 1, "origin": VersionOrigin.SAVED}
        base |= {name: getattr(row, name) for name in text}
        return self._save(MessageTemplateVersion(message_template_id=row.id, **{**base, **values}))

    def message_template(self, account: Account, **values: Any) -> MessageTemplate:
        count = next(self._count)
        base: dict[str, Any] = {
            "name": f"order_update_{count}",
            "language": "en_US",
            "category": "UTILITY",
            "status": MessageTemplateStatus.APPROVED,
            "meta_id": f"70010{count:05d}",
            "components": [
                {
                    "type": "BODY",
                    "text": "Hello {{1}}, your order {{2}} is on its way.",
                    "example": {"body_text": [["Grace", "BM-1"]]},
                }
            ],
        }
        return self._save(MessageTemplate(account_id=account.id, **{**base, **values}))
