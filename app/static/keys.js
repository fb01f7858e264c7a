// waba-console: single keys for those who want them. They press what is on the page, so nothing is done here that
// a button does not do; off while somebody types, and for who switched them off (WCAG 2.1.4).
(() => {
  "use strict";

  const SECOND_KEY_WITHIN_MS = 1500;
  const about = document.getElementById("desk")?.dataset;
  if (!about || !("shortcuts" in about)) return;

  const one = (selector) => document.querySelector(selector);
  const all = (selector) => [...document.querySelectorAll(selector)];
  const press = (element) => element?.click();
  let first = "";
  let timer = 0;
  let wanted = "";

  function step(by) {
    const links = all("#conversation-list a.wc-conv");
    const at = links.findIndex((link) => link.getAttribute("aria-current") === "true");
    const next = links[at < 0 ? 0 : at + by];
    next?.scrollIntoView({ block: "nearest" });
    press(next);
  }

  // The face that is asked for; what was typed goes along as it does by its button.
  function write(face) {
    const shown = one("#composer-face");
    if (!shown) return;
    if (shown.value === face) focusComposer();
    else {
      wanted = "#composer";
      press(one(`#composer a[href*="compose=${face}"]`));
    }
  }

  function focusComposer() {
    (one("#message-body") ?? one("#composer input:not([type=hidden]), #composer a, #composer button"))?.focus();
  }

  function give() {
    const menu = one("#thread-team details");
    if (!menu) return;
    menu.open = true;
    one("#thread-team .wc-pop button")?.focus();
  }

  const KEYS = {
    "?": () => one("#shortcuts")?.showModal(),
    "j": () => step(1),
    "k": () => step(-1),
    "/": () => one("#conversation-find, input[type=search]")?.focus(),
    "1": () => press(all("#conversation-tabs .wc-seg:first-child a")[0]),
    "2": () => press(all("#conversation-tabs .wc-seg:first-child a")[1]),
    "3": () => press(all("#conversation-tabs .wc-seg:first-child a")[2]),
    "4": () => press(all("#conversation-tabs .wc-seg:first-child a")[3]),
    "r": () => write("text"),
    "n": () => write("note"),
    "t": () => write("template"),
    "a": () => press(one("#assign-me, #bot-bar-take_over-button")),
    "s": give,
    "e": () => press(one("#team-close, #team-reopen")),
    "u": () => press(one(".wc-con-th a[aria-label='Back to the list']")),
    "g c": () => press(one('.wc-nav a[href$="/console/"]')),
    "g o": () => press(one('.wc-nav a[href$="/contacts/"]')),
    "g m": () => window.location.assign(about.news.replace(/news$/, "mentions")),
  };

  function isBusy(event) {
    const { target } = event;
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return true;
    if (one("dialog[open], details.wc-menu[open]")) return true;
    return target instanceof Element && target.closest("input, textarea, select, [contenteditable], audio, video") !== null;
  }

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && event.target instanceof Element && event.target.matches("#message-body, #conversation-find")) {
      event.target.blur();
      return;
    }
    if (isBusy(event)) return;
    const key = first ? `${first} ${event.key}` : event.key;
    clearTimeout(timer);
    first = "";
    if (event.key === "g" && key === "g") {
      first = "g";
      timer = setTimeout(() => (first = ""), SECOND_KEY_WITHIN_MS);
      return;
    }
    if (!Object.hasOwn(KEYS, key)) return;
    event.preventDefault();
    KEYS[key]();
  });

  document.addEventListener("htmx:afterSettle", () => {
    if (!wanted || !one(wanted)) return;
    wanted = "";
    focusComposer();
  });
})();
