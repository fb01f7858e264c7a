"""A Flow that is being filled in: open it, tap something, go back.

Source: Meta docs, "Flow JSON" and "Data endpoint" pages, read 2026-05.
"""

from typing import Any

from ..flow_json.reading import Part, first_screen, is_modest, routes_of, screens_of
from . import entries
from .asking import BACK, EXCHANGE, INIT, Ask, EndpointTrouble, Question
from .drawing import draw
from .entries import Posted
from .items import Item, Option, Page
from .scope import Scope
from .state import CLOSED, OPEN, SENT, Frame, Setup, State

SUCCESS = "SUCCESS"
# So many screens deep nobody goes; a Flow that leads in circles must not grow for ever.
MOST_FRAMES = 60
TOO_MUCH = "The Flow holds more than a phone would take."
REFRESH, GO_BACK = "refresh", "back"


class Player:
    """Changes `state` in place. flow: the parsed Flow JSON, checked or not."""

    def __init__(self, flow: Part, setup: Setup, state: State, ask: Ask) -> None:
        self._flow = flow
        self._screens = screens_of(flow)
        self._setup = setup
        self._state = state
        self._ask_endpoint = ask

    def open(self) -> None:
        """The first screen; the endpoint chooses it when the Flow was sent so."""
        setup, state = self._setup, self._state
        if setup.action == EXCHANGE and setup.is_interactive:
            self._exchange(Question(INIT))
            if not state.frames and state.status == OPEN:
                state.close(state.notice)
            return
        screen = setup.screen or first_screen(self._flow)
        if screen is None or screen not in self._screens:
            state.close("The Flow has no screen of that name." if screen else "The Flow has no screens.")
            return
        examples = _examples(self._screens[screen]) if setup.is_preview else {}
        self._show(screen, examples | (setup.data or {}))

    def page(self) -> Page | None:
        """What is shown; None when the Flow is over."""
        if self._state.status != OPEN or not self._state.frames:
            return None
        return draw(self._screens[self._state.frame.screen], self._state)

    def press(self, place: str, posted: Posted) -> None:
        """place: of the component that was tapped, `place:option` for a row of a list, REFRESH or GO_BACK."""
        page = self.page()
        if page is None:
            return
        state = self._state
        state.notice, state.errors = "", {}
        if place == GO_BACK:
            self._back()
            return
        before = dict(state.frame.form)
        state.frame.form |= entries.read(page, posted)
        if self._select(page, before):
            return
        name, _, option_id = place.partition(":")
        item = page.at(name)
        if item is not None:
            self._tap(item, option_id)

    def _tap(self, item: Item, option_id: str) -> None:
        if item.kind == "list":
            option = next((option for option in item.options if option.id == option_id), None)
            if option is not None and option.is_enabled:
                self._state.frame.form[item.name] = option.id
                self._act(option.action or item.action)
        elif item.kind == "footer":
            self._leave(item)
        elif item.kind in {"link", "check"}:
            self._act(item.action)

    def _leave(self, footer: Item) -> None:
        """The footer sends what is entered; the phone holds back what is not right."""
        page = self.page()
        if page is None or not footer.is_enabled:
            return
        self._state.errors = entries.check(page, self._state.frame.form)
        if not self._state.errors:
            self._act(footer.action)

    def _select(self, page: Page, before: Part) -> bool:
        """Actions of fields whose entry changed; True when one asked the endpoint: one looks again."""
        asked = False
        entered = self._state.frame.form
        for item in page.fields:
            old, new = before.get(item.name), entered.get(item.name)
            for action in _selections(item, old, new) if old != new and item.kind != "list" else ():
                self._act(action)
                asked = asked or action.get("name") == EXCHANGE
        return asked

    def _act(self, action: Part | None) -> None:
        if action is None or self._state.status != OPEN:
            return
        scope = Scope(self._state.frames)
        payload = scope.resolve(action.get("payload"))
        payload = payload if isinstance(payload, dict) else {}
        if not is_modest([payload, self._state.frame.data]):
            self._state.close(TOO_MUCH)
            return
        name = action.get("name")
        if name == "navigate":
            self._navigate(action.get("next"), payload)
        elif name == "update_data":
            self._state.frame.data |= payload
        elif name == "complete":
            self._finish(payload)
        elif name == EXCHANGE:
            self._exchange(Question(EXCHANGE, self._state.frame.screen, payload))
        elif name == "open_url":
            self._state.notice = f"A phone would open {scope.text(action.get('url'), 2000)}"

    def _navigate(self, goal: Any, payload: Part) -> None:
        screen = goal.get("name") if isinstance(goal, dict) else None
        if not isinstance(screen, str) or screen not in self._screens:
            self._state.notice = "This leads to a screen that the Flow does not have."
        else:
            self._show(screen, payload)

    def _finish(self, payload: Part) -> None:
        self._state.answer = {"flow_token": self._setup.token} | payload
        self._state.status = SENT

    def _show(self, screen: str, data: Part) -> None:
        """A further screen, or one of those before it."""
        state = self._state
        if len(state.frames) >= MOST_FRAMES or not is_modest(data):
            state.close(TOO_MUCH)
            return
        earlier = [frame for frame in state.frames if frame.screen == screen]
        if earlier:
            del state.frames[state.frames.index(earlier[0]) :]
        kept = earlier[0].form if earlier else {}
        state.frames.append(Frame(screen, data, dict(kept)))

    def _back(self) -> None:
        """To the screen before; with refresh_on_back the endpoint is asked what to show.

        Which screen the question names, the one that is left, is (unverified).
        """
        state = self._state
        if len(state.frames) < 2:
            return
        left = state.frame.screen
        is_asked = self._screens[left].get("refresh_on_back") is True
        if is_asked and self._setup.is_interactive:
            self._exchange(Question(BACK, left))
        else:
            state.frames.pop()

    def _exchange(self, question: Question) -> None:
        if not self._setup.is_interactive:
            self._state.notice = "Here the endpoint would be asked; this preview is not interactive."
            return
        try:
            self._take(self._ask_endpoint(question), question)
        except EndpointTrouble as trouble:
            self._state.notice = f"{trouble.shown} ({trouble})"
            if trouble.is_over:
                self._state.status = CLOSED

    def _take(self, answer: Part, question: Question) -> None:
        """What the endpoint answered. Raises EndpointTrouble."""
        screen, data = answer.get("screen"), answer.get("data")
        data = data if isinstance(data, dict) else {}
        if screen == SUCCESS:
            self._succeed(data)
            return
        if not isinstance(screen, str) or screen not in self._screens:
            why = f"the endpoint answered the screen '{screen}', which the Flow does not have"
            raise self._complaint(question, "INVALID_SCREEN", why)
        shown = self._state.frame.screen if self._state.frames else ""
        if shown and screen != shown and not self._may_follow(shown, screen):
            why = f"the routing_model has no way from {shown} to {screen}"
            raise self._complaint(question, "INVALID_SCREEN_TRANSITION", why)
        message = data.pop("error_message", None)
        if screen == shown:
            self._state.frame.data |= data
        else:
            self._show(screen, data)
        if isinstance(message, str):
            self._state.notice = message[:1000]

    def _may_follow(self, shown: str, screen: str) -> bool:
        is_behind = any(frame.screen == screen for frame in self._state.frames)
        return is_behind or screen in routes_of(self._flow).get(shown, [screen])

    def _succeed(self, data: Part) -> None:
        response = data.get("extension_message_response")
        params = response.get("params") if isinstance(response, dict) else None
        self._finish(params if isinstance(params, dict) else {})

    def _complaint(self, question: Question, error: str, why: str) -> EndpointTrouble:
        """Tells the endpoint what is wrong with its answer, as a phone does; gives the error to raise."""
        told = question.__class__(question.action, question.screen, {"error": error, "error_message": why})
        try:
            self._ask_endpoint(told)
        except EndpointTrouble as trouble:
            why = f"{why}; it did not take the error notification: {trouble}"
        return EndpointTrouble(why, error=error)


def _selections(item: Item, old: Any, new: Any) -> list[Part]:
    """The actions that a changed entry calls for: of the items chosen and left, then of the field."""
    found = [option.unselect for option in item.options if _is_in(option, old) and not _is_in(option, new)]
    found += [option.action for option in item.options if _is_in(option, new) and not _is_in(option, old)]
    found.append(item.select if new or item.unselect is None else item.unselect)
    return [action for action in found if action is not None]


def _is_in(option: Option, entry: Any) -> bool:
    return option.id in entry if isinstance(entry, list) else option.id == entry


def _examples(screen: Part) -> Part:
    """What the Flow JSON gives as examples; shown when the Flow is opened without data."""
    data = screen.get("data")
    specs = data.items() if isinstance(data, dict) else ()
    return {
        name: spec["__example__"] for name, spec in specs if isinstance(spec, dict) and "__example__" in spec
    }
