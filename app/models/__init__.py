"""All tables. Import models from here or from their own file; nothing here needs Flask."""

from app.models.accounts import (
    Account,
    AccountHealthLog,
    NumberActiveHour,
    PhoneNumber,
)
from app.models.api_requests import RepeatableRequest
from app.models.base import Base, hour_of, utcnow
from app.models.bot import BotConversation, BotRule, BotSettings, BotTrace
from app.models.conversations import WINDOW, Contact, Conversation
from app.models.enums import (
    CHOSEN_EVENTS,
    AccountStatus,
    ArticleSource,
    AttemptOutcome,
    BotOutcome,
    CheckState,
    DeliveryState,
    Direction,
    EventState,
    ImportItemState,
    ImportState,
    MediaState,
    MessagePriority,
    MessageStatus,
    MessageTemplateStatus,
    OutgoingEvent,
    Role,
    RuleMatch,
)
from app.models.flows import Flow, FlowAnswer, FlowEvent
from app.models.graph_calls import GraphCall
from app.models.knowledge import (
    KnowledgeArticle,
    KnowledgeBase,
    KnowledgeImport,
    KnowledgeImportItem,
    KnowledgeTerms,
)
from app.models.media import MEDIA_KINDS, MediaChunk, MediaDeletion, MediaFile
from app.models.message_templates import MessageTemplate
from app.models.messages import Message, MessageAttempt, MessageStatusEvent
from app.models.outgoing_webhooks import (
    OutgoingAttempt,
    OutgoingDelivery,
    OutgoingWebhook,
    OutgoingWebhookAccount,
)
from app.models.pacing import InitiatedContact, NumberPace
from app.models.people import (
    ApiKey,
    ApiKeyAccount,
    AuditEntry,
    Membership,
    SignInAttempt,
    User,
    UserSession,
)
from app.models.search import SearchChange, SearchContact, SearchMessage, SearchProgress
from app.models.usage import AccountUsageLog, UsageChange, UsageDirtyDay, UsageHour
from app.models.webhook_events import WebhookEvent, WebhookEventKey
from app.models.worker import JobRun, WorkerHeartbeat

__all__ = [
    "CHOSEN_EVENTS",
    "MEDIA_KINDS",
    "WINDOW",
    "Account",
    "AccountHealthLog",
    "AccountStatus",
    "AccountUsageLog",
    "ApiKey",
    "ApiKeyAccount",
    "ArticleSource",
    "AttemptOutcome",
    "AuditEntry",
    "Base",
    "BotConversation",
    "BotOutcome",
    "BotRule",
    "BotSettings",
    "BotTrace",
    "CheckState",
    "Contact",
    "Conversation",
    "DeliveryState",
    "Direction",
    "EventState",
    "Flow",
    "FlowAnswer",
    "FlowEvent",
    "GraphCall",
    "ImportItemState",
    "ImportState",
    "InitiatedContact",
    "JobRun",
    "KnowledgeArticle",
    "KnowledgeBase",
    "KnowledgeImport",
    "KnowledgeImportItem",
    "KnowledgeTerms",
    "MediaChunk",
    "MediaDeletion",
    "MediaFile",
    "MediaState",
    "Membership",
    "Message",
    "MessageAttempt",
    "MessagePriority",
    "MessageStatus",
    "MessageStatusEvent",
    "MessageTemplate",
    "MessageTemplateStatus",
    "NumberActiveHour",
    "NumberPace",
    "OutgoingAttempt",
    "OutgoingDelivery",
    "OutgoingEvent",
    "OutgoingWebhook",
    "OutgoingWebhookAccount",
    "PhoneNumber",
    "RepeatableRequest",
    "Role",
    "RuleMatch",
    "SearchChange",
    "SearchContact",
    "SearchMessage",
    "SearchProgress",
    "SignInAttempt",
    "UsageChange",
    "UsageDirtyDay",
    "UsageHour",
    "User",
    "UserSession",
    "WebhookEvent",
    "WebhookEventKey",
    "WorkerHeartbeat",
    "hour_of",
    "utcnow",
]
