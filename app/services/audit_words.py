"""The audit log in plain words: what was done, to what, and what it was before and after."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

ACTIONS = {
    "session.signed_in": "Signed in",
    "session.signed_out": "Signed out, or a browser was signed out",
    "session.others_signed_out": "Signed out everywhere else",
    "person.added": "Person added",
    "person.profile_changed": "Profile changed",
    "person.rights_changed": "Rights of a person changed",
    "person.switched_off": "Person switched off",
    "person.switched_on": "Person switched on",
    "person.password_changed": "Password changed",
    "person.password_reset": "One-time password given",
    "second_factor.started": "Setting up a second factor started",
    "second_factor.turned_on": "Second factor turned on",
    "second_factor.turned_off": "Second factor turned off",
    "second_factor.codes_made": "Recovery codes made anew",
    "second_factor.reset": "Second factor of a person reset",
    "second_factor.required": "Who needs a second factor changed",
    "passkey.added": "Passkey added",
    "passkey.removed": "Passkey removed",
    "invitation.made": "Person invited",
    "invitation.renewed": "New link made for an invitation",
    "invitation.withdrawn": "Invitation withdrawn",
    "api_key.created": "API key made",
    "api_key.revoked": "API key revoked",
    "account.setup_started": "Set-up of an account started",
    "account.step_saved": "Step of a set-up saved",
    "account.step_refused": "Step of a set-up kept, with values still to correct",
    "account.setup_discarded": "Set-up of an account discarded",
    "account.connected": "Account connected",
    "account.changed": "Account changed",
    "account.reopened": "Account taken up again after it was archived",
    "account.archived": "Account archived",
    "account.webhook_connected": "Webhook connected",
    "account.numbers_synced": "Numbers fetched from Meta",
    "account.time_zone_changed": "Time zone of an account changed",
    "account.limits_changed": "Limits of an account changed",
    "account.receipts_changed": "Read receipts of an account changed",
    "media.uploaded": "File for sending uploaded",
    "records.exported": "Records taken along as a file",
    "account.test_message": "Test message sent",
    "phone_number.added": "Phone number added",
    "phone_number.changed": "Phone number changed",
    "phone_number.removed": "Phone number removed",
    "message_template.created": "Message template created",
    "message_template.saved": "Message template saved",
    "message_template.submitted": "Message template submitted to Meta",
    "message_template.resubmitted": "Message template submitted to Meta again",
    "message_template.change_discarded": "Unsent change of a message template discarded",
    "message_template.file_added": "Sample file of a message template uploaded",
    "message_template.deleted": "Message template deleted",
    "message_template.restored": "Earlier version of a message template taken up again",
    "message_template.unpaused": "Pause of a message template ended",
    "message_template.archived": "Message template put into Meta’s archive",
    "message_template.unarchived": "Message template taken out of Meta’s archive",
    "message_template.draft_deleted": "Draft of a message template deleted",
    "message_template.status": "Meta decided about a message template",
    "message_template.quality": "Quality of a message template changed",
    "message_template.category": "Category of a message template changed",
    "message_template.category_announced": "Meta announced another category for a message template",
    "message_template.imported": "Draft of a message template taken from a file or another account",
    "message_template.family_changed": "Tags, sender or fallback language of a message template changed",
    "message_templates.synced": "Message templates fetched from Meta",
    "flow.created": "Flow created",
    "flow.saved": "Flow saved",
    "flow.sent": "Flow sent to Meta",
    "flow.published": "Flow published",
    "flow.deprecated": "Flow retired",
    "flow.deleted": "Flow deleted",
    "flow.reverted": "Flow set back to what Meta has",
    "flows.synced": "Flows fetched from Meta",
    "contact.changed": "Contact changed",
    "contact.data_exported": "Everything held about a customer taken along",
    "contact_field.created": "Field of contacts added",
    "contact_field.changed": "Field of contacts changed",
    "contact_field.retired": "Field of contacts retired",
    "contact_field.restored": "Field of contacts offered again",
    "contact_field.moved": "Fields of contacts put in another order",
    "contact_import.brought": "File of contacts brought",
    "contact_import.started": "Import of contacts started",
    "contact_import.discarded": "File of contacts discarded",
    "contact_import.undone": "Import of contacts being undone",
    "contact.erased": "Erasing of a customer asked for",
    "contacts.exported": "Contacts taken along as a file",
    "contact.opted_out": "Customer taken off marketing",
    "contact.opted_in": "Customer put back on marketing",
    "contact.joined": "Two contacts joined: one person",
    "contact.join_undone": "Join of two contacts undone",
    "contact.join_dismissed": "Two contacts said to be two people",
    "contact.address_refused": "Address of a contact said to be somebody else’s",
    "contact.blocked": "Meta asked to block a customer",
    "contact.unblocked": "Meta asked to unblock a customer",
    "contacts.blocked_fetched": "List of the blocked fetched from Meta",
    "bot.settings_changed": "Settings of the bot changed",
    "bot.switched_on": "Bot switched on",
    "bot.switched_off": "Bot switched off",
    "account.teamwork_changed": "Teamwork of an account changed",
    "team.created": "Team made",
    "team.changed": "Team changed",
    "team.deleted": "Team deleted",
    "canned_reply.created": "Canned reply created",
    "canned_reply.changed": "Canned reply changed",
    "canned_reply.deleted": "Canned reply deleted",
    "bot.rule_created": "Rule of the bot created",
    "bot.rule_changed": "Rule of the bot changed",
    "bot.rule_moved": "Rule of the bot moved",
    "bot.rule_switched_on": "Rule of the bot switched on",
    "bot.rule_switched_off": "Rule of the bot switched off",
    "bot.rule_deleted": "Rule of the bot deleted",
    "bot.taken_over": "Conversation taken over from the bot",
    "bot.given_back": "Conversation given back to the bot",
    "conversations.changed": "Many conversations changed at once",
    "conversations.change_undone": "Change of many conversations undone",
    "conversation_view.saved": "View of the conversation list saved",
    "conversation_view.deleted": "View of the conversation list deleted",
    "knowledge_article.created": "Article written",
    "knowledge_article.changed": "Article changed",
    "knowledge_article.deleted": "Article deleted",
    "knowledge_article.switched_on": "Article switched on",
    "knowledge_article.switched_off": "Article switched off",
    "knowledge_import.started": "Import of knowledge started",
    "outgoing_webhook.created": "Outgoing webhook added",
    "outgoing_webhook.changed": "Outgoing webhook changed",
    "outgoing_webhook.deleted": "Outgoing webhook deleted",
    "outgoing_webhook.switched_on": "Outgoing webhook switched on",
    "outgoing_webhook.switched_off": "Outgoing webhook switched off",
    "outgoing_webhook.secret_changed": "Secret of an outgoing webhook made anew",
    "outgoing_webhook.tested": "Outgoing webhook tested",
    "outgoing_webhook.replayed": "Events sent to an outgoing webhook once more",
    "webhook_event.replayed": "Webhook event replayed",
    "webhook_events.replayed": "Webhook events replayed",
    "webhook_event.set_aside": "Webhook event set aside",
}
_SHOWN = 300


def action_words(action: str) -> str:
    """An action without a sentence of its own shows its name, readable."""
    return ACTIONS.get(action) or action.replace("_", " ").replace(".", ": ").capitalize()


def detail_lines(details: Mapping[str, Any]) -> list[str]:
    """`role: agent → manager` for what changed, `name: Desk` for what is just told."""
    if "before" in details and "after" in details:
        rest = {name: value for name, value in details.items() if name not in {"before", "after"}}
        if "fields" in rest:
            hidden = [name for name in rest.pop("fields") if name not in details["after"]]
            rest |= {"changed": hidden} if hidden else {}
        return [*_changes(details["before"], details["after"]), *detail_lines(rest)]
    if "to" in details:
        rest = {name: value for name, value in details.items() if name not in {"from", "to"}}
        return [f"{_text(details.get('from'))} → {_text(details['to'])}", *detail_lines(rest)]
    return [f"{_label(name)}: {_text(value)}" for name, value in details.items() if value not in ("", None)]


def _changes(before: Any, after: Any) -> Iterator[str]:
    if not (isinstance(before, Mapping) and isinstance(after, Mapping)):
        yield f"{_text(before)} → {_text(after)}"
        return
    for name in dict.fromkeys([*before, *after]):
        if before.get(name) != after.get(name):
            yield f"{_label(name)}: {_text(before.get(name))} → {_text(after.get(name))}"


def _label(name: str) -> str:
    return str(name).replace("_", " ")


def _text(value: Any) -> str:
    if value is None or value in ("", [], {}):
        return "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        text = ", ".join(f"{_label(name)} {_text(part)}" for name, part in value.items())
    elif isinstance(value, list | tuple):
        text = ", ".join(_text(part) for part in value)
    else:
        text = str(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
