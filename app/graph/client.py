"""The one client for Meta's Graph API: `client.<resource>.<verb>(…)`."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping

import requests
from urllib3.exceptions import HTTPError

from app.graph import call_info, exchanges, refusals
from app.graph.accounts import Accounts
from app.graph.analytics import Analytics
from app.graph.apps import Apps
from app.graph.assigned_users import AssignedUsers
from app.graph.authentication_message_templates import AuthenticationMessageTemplates
from app.graph.batch import Batch
from app.graph.block_list import BlockList
from app.graph.bodies import AnswerTooLong, read_body
from app.graph.businesses import Businesses
from app.graph.call_info import CallInfo
from app.graph.calls import Answer, Params, Wire
from app.graph.commerce import Commerce
from app.graph.conversational_automation import ConversationalAutomations
from app.graph.downloads import Downloader
from app.graph.encryption import Encryption
from app.graph.errors import GraphAuthError, GraphError, GraphRejected
from app.graph.exchanges import Asked, Observer
from app.graph.flows import Flows
from app.graph.health import Health
from app.graph.marketing_messages import MarketingMessages
from app.graph.media import Media
from app.graph.message_template_insights import MessageTemplateInsights
from app.graph.message_template_library import MessageTemplateLibrary
from app.graph.message_templates import MessageTemplates
from app.graph.messages import Messages
from app.graph.migrations import Migrations
from app.graph.number_settings import NumberSettingsEdge
from app.graph.phone_numbers import PhoneNumbers
from app.graph.profiles import Profiles
from app.graph.qr_codes import QrCodes
from app.graph.signatures import appsecret_proof
from app.graph.tokens import Tokens
from app.graph.uploads import Uploads
from app.graph.usernames import Usernames

CONNECT_TIMEOUT_S = 5.0
READ_TIMEOUT_S = 30.0
# A few edges stand on another host of Meta's, without a version; the sandbox has them on its own.
_UNVERSIONED_HOSTS = {"https://graph.facebook.com": "https://api.facebook.com"}
_SECRET_PARAMETERS = ("appsecret_proof", "input_token", "client_secret", "code")


class GraphClient:
    """Calls Meta with one token. Cheap to make: the session holds the connections.

    Every failure is a GraphError (see `errors`). A call is repeated only if it is a GET (by the
    session of `transport.build_session`); a send is tried exactly once. `last_call` tells the
    headers of the last answer, of whichever thread. The token stands in no repr, log or error.
    `observer` is told each exchange, with secrets blanked.
    """

    def __init__(
        self,
        session: requests.Session,
        *,
        base_url: str,
        version: str,
        token: str,
        app_secret: str | None = None,
        connect_timeout_s: float = CONNECT_TIMEOUT_S,
        read_timeout_s: float = READ_TIMEOUT_S,
        observer: Observer | None = None,
    ) -> None:
        self._session = session
        self._observer = observer
        base_url = base_url.rstrip("/")
        self._root = f"{base_url}/{version}"
        self._unversioned_root = _UNVERSIONED_HOSTS.get(base_url, base_url)
        self._token = token
        self._app_secret = app_secret or None
        self._timeouts = (connect_timeout_s, read_timeout_s)
        self.version = version
        self.last_call: CallInfo | None = None
        self.messages = Messages(self._call)
        self.accounts = Accounts(self._call)
        self.assigned_users = AssignedUsers(self._call)
        self.businesses = Businesses(self._call)
        self.phone_numbers = PhoneNumbers(self._call)
        self.profiles = Profiles(self._call)
        self.message_templates = MessageTemplates(self._call)
        self.tokens = Tokens(self._call)
        self.apps = Apps(self._call)
        self.marketing_messages = MarketingMessages(self._call)
        downloader = Downloader(session, base_url=base_url, token=token, timeouts=self._timeouts)
        self.media = Media(self._call, downloader)
        self.uploads = Uploads(self._call)
        self.message_template_library = MessageTemplateLibrary(self._call)
        self.authentication_message_templates = AuthenticationMessageTemplates(self._call)
        self.message_template_insights = MessageTemplateInsights(self._call)
        self.flows = Flows(self._call)
        self.migrations = Migrations(self._call)
        self.encryption = Encryption(self._call)
        self.number_settings = NumberSettingsEdge(self._call)
        self.block_list = BlockList(self._call)
        self.qr_codes = QrCodes(self._call)
        self.conversational_automations = ConversationalAutomations(self._call)
        self.commerce = Commerce(self._call)
        self.usernames = Usernames(self._call)
        self.analytics = Analytics(self._call)
        self.health = Health(self._call)
        self.batch = Batch(self._call)

    def __repr__(self) -> str:
        return f"GraphClient({self._root})"

    def _call(
        self,
        method: str,
        path: str,
        *,
        params: Params | None = None,
        body: Mapping[str, object] | None = None,
        token: str | None = None,
        app_secret: str | None = None,
        wire: Wire | None = None,
    ) -> Answer:
        """One call; `token` and `app_secret` stand in for the client's own."""
        access_token = _sendable(token or self._token)
        wire = wire or _as_json(body)
        proven_by = (app_secret or self._app_secret) if wire.scheme else None
        query = _with_proof(params or {}, proven_by, access_token)
        known = [access_token, app_secret, self._app_secret, *map(query.get, _SECRET_PARAMETERS)]
        secrets = [str(secret) for secret in known if secret]
        asked = Asked.now(params or {}, wire, secrets)
        started = time.monotonic()
        outcome = self._exchange(method, path, query, wire, access_token)
        took_s = round(time.monotonic() - started, 3)
        path = path.partition("?")[0]  # an upload's id has a signature behind it
        if isinstance(outcome, Exception):
            # Raised out here, so that the library's error, whose text has the URL, is not chained.
            info = CallInfo(method, path, duration_s=took_s)
            failure = refusals.from_failure(outcome, method=method, info=info)
            exchanges.tell(self._observer, asked, info, None, failure)
            raise failure
        response, content = outcome
        info = call_info.read_headers(response, method=method, path=path, duration_s=took_s)
        self.last_call = info
        found = refusals.read_answer(content, info, secrets, wire.is_list)
        error = found if isinstance(found, GraphError) else None
        exchanges.tell(self._observer, asked, info, content, error)
        if isinstance(found, GraphError):
            raise found
        return Answer(found, info)

    def _exchange(
        self, method: str, path: str, query: Params, wire: Wire, token: str
    ) -> tuple[requests.Response, bytes | None] | Exception:
        """The answer with its body (None: broken off; empty: too long), or why there is none."""
        authorization = {"Authorization": f"{wire.scheme} {token}"} if wire.scheme else {}
        root = self._unversioned_root if wire.is_unversioned else self._root
        patience_s = self._timeouts[1] * wire.patience
        try:
            response = self._session.request(
                method,
                f"{root}/{path}",
                params=query,
                data=wire.content,
                headers={**authorization, **wire.headers},
                timeout=(self._timeouts[0], patience_s),
                allow_redirects=False,
                stream=True,
            )
        except (OSError, HTTPError) as failure:  # all of requests' errors are OSErrors
            return failure
        with response:
            try:
                return response, read_body(response, patience_s)
            except AnswerTooLong:
                return response, b""
            except (OSError, HTTPError):
                return response, None


def _with_proof(params: Params, app_secret: str | None, access_token: str) -> Params:
    """The parameters with `appsecret_proof`, which Meta can be told to insist on."""
    if not app_secret:
        return params
    return {**params, "appsecret_proof": appsecret_proof(app_secret, access_token)}


def _sendable(token: str) -> str:
    """Refuse what cannot stand in a header, before a library error quotes it."""
    if not token or not token.isascii() or not token.isprintable() or " " in token:
        raise GraphAuthError(
            "The access token cannot be right",
            details="It is empty or has characters that no token of Meta's has.",
        )
    return token


def _as_json(body: Mapping[str, object] | None) -> Wire:
    if body is None:
        return Wire()
    try:
        return Wire(json.dumps(body, allow_nan=False).encode(), {"Content-Type": "application/json"})
    except ValueError:
        raise GraphRejected("This cannot be sent to Meta", details="It is not valid JSON.") from None
