// The open conversation: what is in view stays in view whatever comes in, older messages load by themselves,
// and a button leads back to the newest. Without this file the page is the same, by links.
(() => {
  "use strict";

  const END_PX = 48;
  const LOAD_BEFORE_TOP_PX = 600;
  const JUMP_SHOWN_MS = 2500;

  const scroller = () => document.getElementById("thread-scroll");
  const log = () => document.getElementById("thread-log");
  const inThread = (element) => element instanceof Element && Boolean(element.closest("#thread-scroll"));
  const number = (element) => Number(element.id.slice("message-".length));
  const messages = () => [...(log()?.querySelectorAll(".wc-msg[id^='message-']") ?? [])];
  // The scroller runs from the bottom: 0 is the end, everything above is below zero.
  const isAtEnd = (element) => element.scrollTop > -END_PX;

  let kept = null;
  let lastSeen = 0;
  let wasAway = false;

  function firstInView(element) {
    const top = element.getBoundingClientRect().top;
    return [...element.querySelectorAll("[id^='message-']")].find((one) => one.getBoundingClientRect().bottom > top);
  }

  function keepView() {
    const element = scroller();
    kept = null;
    if (!element || isAtEnd(element)) return;
    const shown = firstInView(element);
    if (shown) kept = { id: shown.id, top: shown.getBoundingClientRect().top };
  }

  function restoreView() {
    const shown = kept && document.getElementById(kept.id);
    if (shown) scroller().scrollTop += shown.getBoundingClientRect().top - kept.top;
    kept = null;
  }

  // Older messages of a day come as a part of their own: its name stands once.
  function joinDays() {
    let before = null;
    for (const day of scroller().querySelectorAll(".wc-dayset")) {
      day.classList.toggle("is-same-day", day.dataset.day === before);
      before = day.dataset.day;
    }
  }

  function showJump() {
    const button = document.getElementById("thread-jump");
    const element = scroller();
    if (!button || !element || button.tagName === "A") return;
    const away = !isAtEnd(element);
    if (!away) lastSeen = Math.max(lastSeen, ...messages().map(number), 0);
    const count = messages().filter((one) => !one.classList.contains("out") && number(one) > lastSeen).length;
    const words = count ? `${count} new message${count === 1 ? "" : "s"}` : "Newest messages";
    const text = button.querySelector("[data-jump-text]");
    if (text.textContent !== words) text.textContent = words;
    if (button.hidden !== !away) button.hidden = !away;
  }

  // A long way is not travelled but left out.
  function glide(distance) {
    const isStill = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
    return isStill || distance > 3 * window.innerHeight ? "instant" : "smooth";
  }

  function jumpToEnd() {
    const element = scroller();
    element.focus({ preventScroll: true });
    element.scrollTo({ top: 0, behavior: glide(-element.scrollTop) });
  }

  function jumpTo(message) {
    message.tabIndex = -1;
    message.focus({ preventScroll: true });
    message.scrollIntoView({ block: "center", behavior: glide(Math.abs(message.getBoundingClientRect().top)) });
    message.classList.add("is-jumped");
    setTimeout(() => message.classList.remove("is-jumped"), JUMP_SHOWN_MS);
  }

  let nearTop = null;

  function watchTop() {
    nearTop?.disconnect();
    nearTop = new IntersectionObserver(loadOlder, {
      root: scroller(),
      rootMargin: `${LOAD_BEFORE_TOP_PX}px 0px 0px 0px`,
    });
    const link = document.getElementById("thread-earlier");
    if (link) nearTop.observe(link);
  }

  function loadOlder(entries) {
    for (const { isIntersecting, target } of entries) {
      // A link that has just been replaced would lead away from the page; one that failed waits for a person.
      if (!isIntersecting || !target.isConnected || "asked" in target.dataset) continue;
      target.dataset.asked = "";
      target.click();
    }
  }

  function settle() {
    if (!scroller()) return;
    joinDays();
    showJump();
    watchTop();
  }

  let hadFocus = false;
  document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    if (!inThread(detail.target)) return;
    keepView();
    hadFocus = document.activeElement?.id === "thread-earlier";
  });

  document.addEventListener("htmx:afterSwap", ({ detail }) => {
    if (!scroller() || !inThread(detail.target) && !inThread(detail.elt)) return;
    joinDays();
    restoreView();
  });

  document.addEventListener("htmx:afterSettle", () => {
    settle();
    if (!hadFocus) return;
    hadFocus = false;
    (document.getElementById("thread-earlier") ?? scroller())?.focus({ preventScroll: true });
  });

  // Who comes back to this page wants the line above what came meanwhile: the server draws it anew.
  document.addEventListener("visibilitychange", () => {
    wasAway = wasAway || document.hidden;
  });
  document.addEventListener("htmx:configRequest", ({ detail }) => {
    if (detail.elt.id !== "thread-log" || !wasAway || document.hidden) return;
    delete detail.parameters.new;
    wasAway = false;
  });

  document.addEventListener("click", (event) => {
    const target = event.target instanceof Element ? event.target : null;
    if (target?.closest("button#thread-jump")) jumpToEnd();
    const link = target?.closest("[data-jump]");
    const message = link && document.getElementById(`message-${link.dataset.jump}`);
    if (!message || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    jumpTo(message);
  });

  document.addEventListener("scroll", ({ target }) => target === scroller() && showJump(), { capture: true, passive: true });

  function start() {
    if (!scroller()) return;
    const line = document.getElementById("thread-new-line");
    const isAbove = line && line.getBoundingClientRect().top < scroller().getBoundingClientRect().top;
    lastSeen = Math.max(0, ...messages().map(number));
    if (isAbove && !location.hash) line.scrollIntoView({ block: "start" });
    settle();
  }
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
