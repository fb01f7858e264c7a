"""Which tables can be looked at. A new one appears by a line here, and a test says so when it is missing."""

from __future__ import annotations

from app import models
from app.admin.declared import Declared, Link


def _to(endpoint: str, **columns: str) -> Link:
    return lambda row: (endpoint, {name: getattr(row, column) for name, column in columns.items()})


_ACCOUNT = _to("accounts.overview", account_id="account_id")
_GROUPS = ("Accounts", "Conversations", "Messages", "Content", "People", "Events", "Figures", "Machinery")

TABLES: tuple[Declared, ...] = (
    Declared(
        models.Account,
        "Accounts",
        "Accounts",
        ("id", "name", "meta_id", "status", "time_zone", "last_event_at"),
        ("name", "meta_id", "business_name"),
        is_small=True,
        page=_to("accounts.overview", account_id="id"),
    ),
    Declared(
        models.PhoneNumber,
        "Phone numbers",
        "Accounts",
        ("id", "account_id", "phone_number", "verified_name", "status", "quality_rating"),
        ("phone_number", "display_number", "verified_name", "meta_id"),
        is_small=True,
        page=_ACCOUNT,
    ),
    Declared(
        models.AccountHealthLog,
        "Health checks",
        "Accounts",
        ("id", "account_id", "checked_at", "state"),
        page=_to("accounts.show_health", account_id="account_id"),
    ),
    Declared(models.HealthAlert, "Health alerts", "Accounts"),
    Declared(models.HealthAlertDismissal, "Alerts put away", "Accounts"),
    Declared(models.HealthChange, "Health changes", "Accounts"),
    Declared(models.HealthSignal, "News about accounts", "Accounts"),
    Declared(models.HealthWatch, "Health watches", "Accounts"),
    Declared(
        models.AccountQuota, "Used limits", "Accounts", page=_to("accounts.usage", account_id="account_id")
    ),
    Declared(
        models.Contact,
        "Contacts",
        "Conversations",
        ("id", "account_id", "profile_name", "wa_id", "user_id", "created_at"),
        ("wa_id", "user_id"),
        page=_to("contacts.detail", contact_id="id"),
    ),
    Declared(
        models.ContactConsent,
        "Marketing choices",
        "Conversations",
        ("id", "contact_id", "kind", "source", "at", "actor_name"),
    ),
    Declared(models.ContactAddress, "Addresses of contacts", "Conversations"),
    Declared(models.ContactJoin, "Contacts that are one person", "Conversations"),
    Declared(models.ContactBlock, "Blocked at Meta", "Conversations"),
    Declared(
        models.ContactField,
        "Fields of contacts",
        "Content",
        ("id", "account_id", "key", "name", "kind", "retired_at"),
        is_small=True,
    ),
    Declared(models.ContactValue, "Values in fields of contacts", "Conversations"),
    Declared(
        models.ContactImport,
        "Imports of contacts",
        "Conversations",
        ("id", "account_id", "file_name", "state", "total", "created_at"),
        is_small=True,
    ),
    Declared(models.ContactImportRow, "Lines of imports of contacts", "Conversations"),
    Declared(
        models.Erasure,
        "Erased people",
        "Conversations",
        ("id", "account_id", "state", "actor_name", "created_at", "finished_at"),
    ),
    Declared(models.ContactTag, "Tags of contacts", "Conversations", search=("tag",)),
    Declared(
        models.Conversation,
        "Conversations",
        "Conversations",
        ("id", "account_id", "contact_id", "phone_number_id", "last_message_at", "unread_count"),
        time="last_message_at",
        page=_to("console.thread", conversation_id="id"),
    ),
    Declared(models.ConversationEvent, "Conversations passed on and closed", "Conversations"),
    Declared(models.ConversationNote, "Notes in conversations", "Conversations"),
    Declared(models.Draft, "Drafts", "Conversations", masked=("fields",)),
    Declared(
        models.PlannedMessage,
        "Planned messages",
        "Messages",
        ("id", "account_id", "conversation_id", "state", "message_type", "send_at", "text_content"),
        page=_to("console.thread", conversation_id="conversation_id"),
    ),
    Declared(models.ReadReceipt, "Read receipts to customers", "Messages"),
    Declared(models.NoteMention, "People named in notes", "Conversations"),
    Declared(models.ConversationCase, "Times to answer and to close", "Conversations", time="began_at"),
    Declared(models.Team, "Teams", "People", ("id", "name", "has_hours", "time_zone"), is_small=True),
    Declared(models.TeamMember, "People in teams", "People", is_small=True),
    Declared(models.TeamPlace, "What teams serve", "People", is_small=True),
    Declared(models.AccountDesk, "Teamwork of accounts", "Accounts", is_small=True),
    Declared(models.DeskPresence, "Who is there", "People", is_small=True),
    Declared(models.DeskSettings, "What people want to be told", "People", is_small=True),
    Declared(
        models.ConversationView, "Saved views", "Conversations", ("id", "user_id", "account_id", "name")
    ),
    Declared(models.ConversationStart, "Views that lists begin with", "Conversations"),
    Declared(models.ListChange, "Changes of many conversations", "Conversations"),
    Declared(models.ListChangeItem, "Conversations changed with others", "Conversations"),
    Declared(models.CannedReply, "Canned replies", "Content", ("id", "account_id", "name"), is_small=True),
    Declared(models.InitiatedContact, "People written to first", "Conversations"),
    Declared(
        models.Message,
        "Messages",
        "Messages",
        ("id", "account_id", "direction", "status", "message_type", "text_content", "created_at"),
        ("wamid", "client_ref", "client_key"),
        page=_to("console.thread", conversation_id="conversation_id"),
    ),
    Declared(models.MessageAttempt, "Tries to send", "Messages"),
    Declared(models.MessageStatusEvent, "Statuses", "Messages", search=("wamid",)),
    Declared(
        models.MediaFile,
        "Files",
        "Messages",
        ("id", "account_id", "message_id", "state", "mime_type", "stored_at"),
    ),
    Declared(
        models.OutgoingFile,
        "Files chosen and not sent",
        "Messages",
        ("id", "account_id", "conversation_id", "user_id", "mime_type", "size_bytes", "stored_at"),
    ),
    Declared(models.MediaChunk, "Pieces of files", "Messages"),
    Declared(models.MediaDeletion, "Files to delete", "Messages"),
    Declared(
        models.MessageTemplate,
        "Message templates",
        "Content",
        ("id", "account_id", "name", "language", "category", "status"),
        ("name", "meta_id"),
        is_small=True,
        page=_to("message_templates.detail", message_template_id="id"),
    ),
    Declared(models.MessageTemplateVersion, "Versions of message templates", "Content"),
    Declared(models.MessageTemplateChange, "Changes of message templates under way", "Content"),
    Declared(
        models.MessageTemplateFamily,
        "Message templates by name",
        "Content",
        search=("name",),
        is_small=True,
    ),
    Declared(
        models.MessageTemplateTag, "Tags of message templates", "Content", search=("tag",), is_small=True
    ),
    Declared(models.MessageTemplateFile, "Sample files of message templates", "Content"),
    Declared(
        models.Flow,
        "Flows",
        "Content",
        ("id", "account_id", "name", "status", "meta_id"),
        ("name", "meta_id"),
        is_small=True,
        page=_to("flows.detail", flow_id="id"),
    ),
    Declared(models.FlowAnswer, "Flow answers", "Content"),
    Declared(models.FlowEvent, "News about Flows", "Content"),
    Declared(models.BotRule, "Bot rules", "Content", search=("name",), is_small=True),
    Declared(models.BotSettings, "Bot settings", "Content"),
    Declared(models.BotConversation, "Where the bot stands", "Content"),
    Declared(models.BotTrace, "Decisions of the bot", "Content", time="created_at"),
    Declared(
        models.KnowledgeArticle,
        "Knowledge articles",
        "Content",
        ("id", "account_id", "title", "language", "created_at"),
        ("title",),
        is_small=True,
    ),
    Declared(models.KnowledgeBase, "Knowledge bases", "Content"),
    Declared(models.KnowledgeImport, "Imports", "Content"),
    Declared(models.KnowledgeImportItem, "Lines of imports", "Content"),
    Declared(
        models.User,
        "People",
        "People",
        ("id", "email", "name", "role", "is_active", "last_sign_in_at"),
        ("email", "name"),
        is_small=True,
        page=_to("settings.person", user_id="id"),
    ),
    Declared(
        models.Membership, "Rights in accounts", "People", page=_to("settings.person", user_id="user_id")
    ),
    Declared(
        models.UserSession,
        "Sessions",
        "People",
        ("id", "user_id", "created_at", "last_seen_at", "ip_address", "revoked_at"),
    ),
    Declared(models.Invitation, "Invitations", "People", search=("email",), is_small=True),
    Declared(models.SecondFactor, "Second factors", "People", page=_to("settings.person", user_id="user_id")),
    Declared(models.ConsoleRules, "Rules of the console", "People"),
    Declared(models.RecoveryCode, "Recovery codes", "People"),
    Declared(models.Passkey, "Passkeys", "People", page=_to("settings.person", user_id="user_id")),
    Declared(models.SignInStep, "Sign-ins half done", "People"),
    Declared(models.UsedChallenge, "Used challenges of passkeys", "People"),
    Declared(models.SignInAttempt, "Tries to sign in", "People", search=("ip_address",)),
    Declared(
        models.ApiKey,
        "API keys",
        "People",
        ("id", "name", "role", "prefix", "last_used_at", "revoked_at"),
        ("name", "prefix"),
        is_small=True,
        page=_to("settings.revoke_key", api_key_id="id"),
    ),
    Declared(models.ApiKeyAccount, "Accounts of API keys", "People"),
    Declared(models.ApiKeyCalls, "Calls of API keys", "People"),
    Declared(
        models.RepeatableRequest,
        "Repeatable requests",
        "People",
        # An answer may be the one that showed a new key or secret.
        masked=("answer",),
        time="started_at",
    ),
    Declared(
        models.AuditEntry,
        "Audit log",
        "People",
        ("id", "at", "actor_name", "action", "object_type", "object_id", "ip_address"),
        time="at",
    ),
    Declared(
        models.WebhookEvent,
        "Webhook events",
        "Events",
        ("id", "account_id", "received_at", "state", "summary", "reason"),
        page=_to("webhook_events.detail", event_id="id"),
    ),
    Declared(models.WebhookEventKey, "What events are found by", "Events"),
    Declared(models.GraphCall, "Calls to Meta", "Events", time="at"),
    Declared(
        models.OutgoingWebhook,
        "Outgoing webhooks",
        "Events",
        search=("url", "description"),
        is_small=True,
        page=_to("settings.webhook", outgoing_webhook_id="id"),
    ),
    Declared(models.OutgoingWebhookAccount, "Accounts of outgoing webhooks", "Events"),
    Declared(
        models.OutgoingDelivery,
        "Deliveries",
        "Events",
        ("id", "webhook_id", "account_id", "event", "state", "created_at"),
        time="created_at",
        page=_to("settings.webhook_delivery", delivery_id="id"),
    ),
    Declared(models.OutgoingAttempt, "Tries to deliver", "Events"),
    Declared(models.Mail, "E-mails", "Events", time="created_at"),
    Declared(
        models.AccountUsageLog,
        "Usage by day",
        "Figures",
        ("id", "account_id", "phone_number_id", "day", "sent", "failed", "received"),
        page=_to("accounts.usage", account_id="account_id"),
    ),
    Declared(models.UsageHour, "Usage by hour", "Figures"),
    Declared(models.UsageChange, "Changes to count", "Figures"),
    Declared(models.UsageDirtyDay, "Days to count again", "Figures"),
    Declared(models.NumberActiveHour, "Active hours of numbers", "Figures"),
    Declared(models.NumberPace, "Paces of numbers", "Machinery"),
    Declared(models.JobRun, "Runs of jobs", "Machinery"),
    Declared(models.WorkerHeartbeat, "Workers", "Machinery"),
)
LEFT_OUT = {
    "conversation_looks": "how far each person has read; without an id, and of no use to anybody else",
    "knowledge_terms": "the words of articles, made again from them; PostgreSQL's own type",
    "search_changes": "the search index, made again from messages and contacts",
    "search_contacts": "the search index, made again from messages and contacts",
    "search_messages": "the search index, made again from messages and contacts",
    "search_progress": "the search index, made again from messages and contacts",
}

BY_NAME = {declared.name: declared for declared in TABLES}


def grouped() -> list[tuple[str, list[Declared]]]:
    """By group, in a fixed order."""
    return [(group, [each for each in TABLES if each.group == group]) for group in _GROUPS]
