"""An agent in a real browser, who knows only what the pages say."""

from __future__ import annotations

import contextlib
import random
import re
import threading
import time
from collections import Counter
from dataclasses import dataclass, field

from playwright.sync_api import Error, Page, expect, sync_playwright

_MARK = re.compile(r"^Q-\d+-\d+(?=:)")
_ANSWERED = re.compile(r"^Re (Q-\d+-\d+):")
# In the order of the thread: whether ours, what it says, the reason it did not arrive.
_READ_THREAD = """
() => [...document.querySelectorAll('#thread-log .wc-msg')].map(one => ({
  id: one.id,
  isOurs: one.classList.contains('out'),
  text: (one.querySelector('.wc-bub-t') || {textContent: ''}).textContent,
  isFailed: one.classList.contains('fail'),
  why: (one.querySelector('.wc-fail strong') || {textContent: ''}).textContent,
}))
"""
_RETRY = re.compile("^(Send again|Try again|Retry)$")
_UNSURE = "#thread-log .wc-msg:has(.wc-unsure)"
_WAITS_FOR_A_TICK_S = 45.0
"""What Meta took gets its ticks within seconds; so after this an agent takes it that it did not."""


@dataclass
class Seen:
    """What one agent did and was told, for the judge."""

    answered: list[str] = field(default_factory=list)
    taken: int = 0
    left_to_colleagues: int = 0
    retried: int = 0
    sent_anyway: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    stumbled: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)


class Agent:
    """Signs in, and goes through the conversations until told to stop."""

    def __init__(self, url: str, email: str, password: str, chromium: str, seed: int) -> None:
        self._url, self._email, self._password = url, email, password
        self._chromium = chromium
        self._chance = random.Random(seed)
        self.seen = Seen()
        self._unsure_since: dict[str, float] = {}

    def run(self, stop: threading.Event) -> None:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=self._chromium, args=["--no-sandbox"])
            page = browser.new_page(viewport={"width": 1280, "height": 860})
            page.set_default_timeout(20_000)
            page.on("pageerror", lambda error: self.seen.complaints.append(str(error)))
            self._sign_in(page)
            while not stop.is_set():
                try:
                    self._round(page, stop)
                except (Error, AssertionError) as error:
                    self.seen.stumbled.append(str(error).splitlines()[0][:200])
            browser.close()

    def _sign_in(self, page: Page) -> None:
        page.goto(f"{self._url}/login")
        page.fill("[name=email]", self._email)
        page.fill("[name=password]", self._password)
        page.click("main button[type=submit]")
        page.wait_for_url(f"{self._url}/**")

    def _round(self, page: Page, stop: threading.Event) -> None:
        """Those with something new first, else one after the other."""
        page.goto(f"{self._url}/console/")
        rows = page.locator("#conversation-list li a.wc-conv")
        hrefs = rows.evaluate_all("all => all.map(one => [one.getAttribute('href'), one.className])")
        new = [href for href, classes in hrefs if "unread" in classes]
        others = [href for href, classes in hrefs if "unread" not in classes]
        self._chance.shuffle(new)
        self._chance.shuffle(others)
        for href in new[:3] + others[:3]:
            if stop.is_set():
                return
            self._look_after(page, href)
            stop.wait(self._chance.uniform(0.5, 2.0))

    def _look_after(self, page: Page, href: str) -> None:
        page.goto(f"{self._url}{href}")
        open_questions = self._open_questions(page)
        has_failed = page.locator(f"#thread-log .wc-msg.out.fail, {_UNSURE}").count() > 0
        if not open_questions and not has_failed:
            return
        if not self._is_mine(page):
            self.seen.left_to_colleagues += 1
            return
        # Between the look and the taking over somebody else may have answered.
        for mark in self._open_questions(page):
            self._answer(page, mark)
        self._retry(page)
        self._decide(page)
        if self._chance.random() < 0.3:
            with contextlib.suppress(Error):
                page.locator("#team-close").click(timeout=3_000)

    def _open_questions(self, page: Page) -> list[str]:
        asked, answered = [], set()
        for bubble in page.evaluate(_READ_THREAD):
            if bubble["why"]:
                self.seen.reasons[bubble["why"]] += 1
            text = bubble["text"].strip()
            if bubble["isOurs"]:
                found = _ANSWERED.match(text)
                if found:
                    answered.add(found[1])
            elif found := _MARK.match(text):
                asked.append(found[0])
        return [mark for mark in asked if mark not in answered]

    def _is_mine(self, page: Page) -> bool:
        """Already, or by taking over what is nobody's: whoever presses later sees another's name."""
        owner = page.locator("#thread-team .wc-team-who")
        if "Nobody" in owner.inner_text():
            # The bot's bar, while the bot answers; else the button of one's own.
            page.locator("#bot-bar-take_over-button, #assign-me").first.click()
            expect(owner).not_to_contain_text("Nobody")
            self.seen.taken += 1
            page.wait_for_timeout(2_500)
        return owner.inner_text().strip() == "You"

    def _answer(self, page: Page, mark: str) -> None:
        text = f"Re {mark}: yes, it comes today."
        page.get_by_label("Message to").fill(text)
        page.get_by_role("button", name="Send", exact=True).click()
        expect(page.get_by_role("log").get_by_text(text)).to_be_visible()
        self.seen.answered.append(mark)

    def _retry(self, page: Page) -> None:
        buttons = page.locator("#thread-log .wc-msg.out.fail").get_by_role("button", name=_RETRY)
        for _ in range(buttons.count()):
            buttons.first.click()
            self.seen.retried += 1
            page.wait_for_timeout(1_000)

    def _decide(self, page: Page) -> None:
        """About what Meta has not confirmed: wait for its ticks, then send it anyway."""
        for id_ in page.locator(_UNSURE).evaluate_all("all => all.map(one => one.id)"):
            since = self._unsure_since.setdefault(id_, time.monotonic())
            button = page.locator(f"#{id_}").get_by_role("button", name="Send again anyway")
            if time.monotonic() - since > _WAITS_FOR_A_TICK_S and button.count():
                button.click()
                self.seen.sent_anyway += 1
                page.wait_for_timeout(1_000)
