"""A run of a Flow between the page, the player and the table: start it, tap in it, send its answer."""

from dataclasses import asdict
from typing import Any

from .. import flow_targets
from ..context import Sandbox
from ..database import Row
from ..flow_json.reading import BrokenFlow, parse
from ..flow_player import endpoint
from ..flow_player.asking import EndpointTrouble, Question
from ..flow_player.entries import Posted
from ..flow_player.items import Page
from ..flow_player.player import Player
from ..flow_player.state import SENT, Setup, State, from_json
from ..store import flow_runs, flows, phone_numbers
from . import flow_files
from .flow_messages import Opening

Part = dict[str, Any]
MOVED_ON = "This form went on in another tab or window; here it is as it stands now."


def start(sandbox: Sandbox, number: Row, opening: Opening, *, wamid: str | None, wa_id: str | None) -> Row:
    """Open the Flow anew; a run of the same message that was there is forgotten."""
    state = State()
    _Session(sandbox, number, opening.row, opening.text, opening.setup, state).open()
    return flow_runs.insert(
        sandbox.db,
        number["waba_id"],
        opening.text,
        asdict(opening.setup),
        state.as_json(),
        flow_id=opening.row["id"] if opening.row else None,
        phone_number_id=number["id"],
        wamid=wamid,
        wa_id=wa_id,
    )


def press(sandbox: Sandbox, run: Row, place: str, posted: Posted) -> State:
    """The state after a tap; nothing is kept yet."""
    session = _of_run(sandbox, run)
    session.press(place, posted)
    return session.state


def page_of(sandbox: Sandbox, run: Row) -> Page | None:
    return _of_run(sandbox, run).page()


def answer_of(state: State) -> Part | None:
    """What the business gets, once the form is sent."""
    if state.status != SENT or state.answer is None:
        return None
    answer: Part = flow_files.as_media_ids(state.answer)
    return answer


class _Session:
    def __init__(
        self, sandbox: Sandbox, number: Row, row: Row | None, text: str, setup: Setup, state: State
    ) -> None:
        self.state = state
        self._sandbox, self._number, self._row, self._setup = sandbox, number, row, setup
        self._broken = ""
        self._flow: Part = {}
        try:
            self._flow = parse(text)
        except BrokenFlow as error:
            self._broken = str(error)
        self._player = Player(self._flow, setup, state, self._ask)

    def open(self) -> None:
        if self._broken:
            self.state.close(self._broken)
        else:
            self._player.open()

    def press(self, place: str, posted: Posted) -> None:
        self._player.press(place, posted)

    def page(self) -> Page | None:
        return self._player.page()

    def _ask(self, question: Question) -> Part:
        if self._row is None:
            raise EndpointTrouble("this Flow has no endpoint", error="endpoint_missing")
        target = flow_targets.of_flow(
            self._sandbox.db,
            self._row,
            self._flow,
            phone_number_id=None if self._setup.is_preview else self._number["id"],
            flow_token=self._setup.token,
            note=self.state.note,
        )
        base_url = self._sandbox.base_url()
        data = flow_files.as_encrypted(self._sandbox, self._number, base_url, question.data)
        return endpoint.ask(target, Question(question.action, question.screen, data))


def _of_run(sandbox: Sandbox, run: Row) -> _Session:
    row = flows.find(sandbox.db, run["flow_id"]) if run["flow_id"] else None
    number = phone_numbers.find(sandbox.db, run["phone_number_id"]) or {"id": "", "waba_id": run["waba_id"]}
    return _Session(sandbox, number, row, run["flow_json"], Setup(**run["setup"]), from_json(run["state"]))
