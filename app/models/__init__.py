"""All tables. Import models from here or from their own file; nothing here needs Flask."""

from app.models.accounts import (
    Account,
    AccountHealthLog,
    AccountUsageLog,
    NumberActiveHour,
    PhoneNumber,
    UsageDirtyDay,
)
from app.models.base import Base, utcnow
from app.models.conversations import WINDOW, Contact, Conversation
from app.models.enums import (
    AccountStatus,
    ArticleSource,
    AttemptOutcome,
    CheckState,
    Direction,
    EventState,
    ImportItemState,
    ImportState,
    MessagePriority,
    MessageStatus,
    MessageTemplateStatus,
    Role,
)
from app.models.flows import Flow
from app.models.graph_calls import GraphCall
from app.models.knowledge import (
    KnowledgeArticle,
    KnowledgeBase,
    KnowledgeImport,
    KnowledgeImportItem,
    KnowledgeTerms,
)
from app.models.message_templates import MessageTemplate
from app.models.messages import Message, MessageAttempt, MessageStatusEvent
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
from app.models.webhook_events import WebhookEvent, WebhookEventKey
from app.models.worker import JobRun, WorkerHeartbeat

__all__ = [
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
    "CheckState",
    "Contact",
    "Conversation",
    "Direction",
    "EventState",
    "Flow",
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
    "PhoneNumber",
    "Role",
    "SignInAttempt",
    "UsageDirtyDay",
    "User",
    "UserSession",
    "WebhookEvent",
    "WebhookEventKey",
    "WorkerHeartbeat",
    "utcnow",
]
