// waba-console: what the pages need beyond plain HTML and htmx. No framework, nothing inline, no eval.
// Everything is found by data attributes and listened for on the document, so swapped-in parts work at once.
(() => {
  "use strict";

  const SHOW_PROGRESS_AFTER_MS = 200;
  const BUSY_AT_MOST_MS = 15000;
  const TOAST_STAYS_MS = 8000;
  const COPIED_STAYS_MS = 2000;
  const POLL_PAUSE_MS = 1500;
  const POLL_PAUSE_AT_MOST_MS = 30000;
  const CLOCK_EVERY_MS = 15000;

  const one = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const part = (id) => document.getElementById(id).content.cloneNode(true);
  const isPoll = (element) => element instanceof Element && element.matches("[data-poll]");

  // What goes on beside a person's work shows no progress and says by itself when it failed.
  const isQuiet = (element) => element instanceof Element && element.matches("[data-quiet]");

  document.documentElement.classList.add("has-js");

  function speak(text) {
    const region = document.getElementById("spoken");
    if (region) region.textContent = text;
  }

  // ── Menus, dialogs, copy, show ─────────────────────────────────────────────────────────────
  function closeMenus(except) {
    for (const menu of all("details.wc-menu[open]")) {
      if (!except || !menu.contains(except)) menu.open = false;
    }
  }

  const hasInvokers = "commandForElement" in HTMLButtonElement.prototype;

  // <button commandfor command> opens and closes dialogs by itself where browsers know it.
  function onInvoker(button) {
    const dialog = document.getElementById(button.getAttribute("commandfor"));
    if (!(dialog instanceof HTMLDialogElement)) return;
    if (button.getAttribute("command") === "show-modal") dialog.showModal();
    else dialog.close();
  }

  async function copyText(text) {
    if (navigator.clipboard && window.isSecureContext) return navigator.clipboard.writeText(text);
    // Over plain HTTP there is no clipboard interface; the old command still works.
    const field = Object.assign(document.createElement("textarea"), { value: text, readOnly: true });
    document.body.append(field);
    field.select();
    const worked = document.execCommand("copy");
    field.remove();
    if (!worked) throw new Error("copying was refused");
  }

  async function onCopy(button) {
    const source = one(button.dataset.copy);
    if (!source) return;
    const text = "value" in source ? source.value : source.textContent;
    try {
      await copyText(text.trim());
    } catch {
      speak("Could not copy. Select the text and copy it by hand.");
      if (source.select) source.select();
      return;
    }
    speak("Copied");
    if (button.dataset.before) return;
    button.dataset.before = button.innerHTML;
    button.replaceChildren(part("copied-part"));
    setTimeout(() => {
      button.innerHTML = button.dataset.before;
      delete button.dataset.before;
    }, COPIED_STAYS_MS);
  }

  function onReveal(button) {
    const field = one(button.dataset.reveal);
    if (!field) return;
    const show = field.type === "password";
    field.type = show ? "text" : "password";
    button.setAttribute("aria-pressed", String(show));
  }

  // A toolbar of a text: marks around what is selected (again: away), or the next variable at the cursor.
  function onInsert(button) {
    const field = one(button.dataset.into);
    if (!field) return;
    const { selectionStart: from, selectionEnd: to, value } = field;
    const mark = button.dataset.mark ?? "";
    const chosen = value.slice(from, to);
    const isMarked = mark && chosen.length > 2 * mark.length && chosen.startsWith(mark) && chosen.endsWith(mark);
    const text = mark
      ? isMarked ? chosen.slice(mark.length, -mark.length) : mark + chosen + mark
      : nextVariable(value);
    field.focus();
    field.setRangeText(text, from, to, chosen && mark ? "select" : "end");
    if (mark && !chosen) field.setSelectionRange(from + mark.length, from + mark.length);
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }

  function nextVariable(text) {
    const names = [...text.matchAll(/\{\{([^{}]*)\}\}/g)].map((found) => found[1]);
    if (names.some((name) => !/^\d+$/.test(name))) return "{{new_value}}";
    return `{{${Math.max(0, ...names.map(Number)) + 1}}}`;
  }

  document.addEventListener("click", (event) => {
    const target = event.target instanceof Element ? event.target : null;
    if (!target) return;
    closeMenus(target);
    const button = target.closest("button");
    if (!button) return;
    if (button.dataset.copy) onCopy(button);
    else if (button.dataset.reveal) onReveal(button);
    else if (button.dataset.into) onInsert(button);
    else if (button.hasAttribute("data-dismiss")) button.closest(".wc-toast, .wc-note").remove();
    else if (!hasInvokers && button.hasAttribute("commandfor")) onInvoker(button);
  });

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      const menu = one("details.wc-menu[open]");
      if (menu) {
        menu.open = false;
        one("summary", menu).focus();
      }
    }
    if (event.key === "/" && event.target instanceof Element && event.target.matches("#message-body")) {
      const menu = document.getElementById("canned-menu");
      if (menu && !event.target.value) {
        event.preventDefault();
        menu.open = true;
        one("a", menu).focus();
      }
    }
    const sends = event.key === "Enter" && (event.ctrlKey || event.metaKey);
    if (sends && event.target instanceof Element && event.target.matches("[data-send-keys]")) {
      event.preventDefault();
      event.target.form.requestSubmit();
    }
  });

  // ── Counters, growing fields, filters that apply themselves ────────────────────────────────
  const thousands = new Intl.NumberFormat("en-GB");

  function count(field) {
    const shown = one(field.dataset.count);
    if (!shown) return;
    const [, limit] = shown.textContent.split(" of ");
    const length = [...field.value].length;
    shown.textContent = `${thousands.format(length)} of ${limit}`;
    shown.classList.toggle("wc-bad-text", length > Number(limit.replace(/\D/g, "")));
  }

  function grow(field) {
    if (CSS.supports("field-sizing", "content")) return;
    field.style.height = "auto";
    field.style.height = `${field.scrollHeight + 2}px`;
  }

  document.addEventListener("input", (event) => {
    const field = event.target;
    if (field.dataset?.count) count(field);
    if (field.dataset && "grow" in field.dataset) grow(field);
  });

  document.addEventListener("change", (event) => {
    const form = event.target.form;
    if (form && form.hasAttribute("data-autosubmit")) form.requestSubmit();
  });

  // ── One click is one click ─────────────────────────────────────────────────────────────────
  const timers = new WeakMap();

  function setBusy(form, button) {
    form.dataset.busy = "";
    if (button) button.setAttribute("aria-busy", "true");
    timers.set(form, setTimeout(() => clearBusy(form), BUSY_AT_MOST_MS));
  }

  function clearBusy(form) {
    clearTimeout(timers.get(form));
    delete form.dataset.busy;
    const buttons = [...all('[aria-busy="true"]', form), ...all(`[form="${CSS.escape(form.id)}"][aria-busy="true"]`)];
    for (const button of buttons) button.removeAttribute("aria-busy");
  }

  document.addEventListener(
    "submit",
    (event) => {
      const form = event.target;
      if (form.method !== "post" && !form.matches("[hx-post], [data-hx-post], [hx-put], [hx-delete]")) return;
      if ("busy" in form.dataset) {
        event.preventDefault();
        event.stopImmediatePropagation();
        return;
      }
      setBusy(form, event.submitter);
    },
    true,
  );

  // Back from the next page: the browser may show this one as it was left.
  window.addEventListener("pageshow", () => all("form[data-busy]").forEach(clearBusy));

  // ── htmx: progress, polling, failures, focus ───────────────────────────────────────────────
  const progress = new WeakMap();
  const polls = { failures: 0, pausedUntil: 0 };

  // After each failure polls wait twice as long, a little apart, so that a server that comes back is not run over.
  function notePoll(works) {
    polls.failures = works ? 0 : polls.failures + 1;
    const wait = Math.min(POLL_PAUSE_AT_MOST_MS, POLL_PAUSE_MS * 2 ** polls.failures) * (0.8 + Math.random() * 0.4);
    polls.pausedUntil = works ? 0 : Date.now() + wait;
  }

  function region(detail) {
    const target = detail.target instanceof Element ? detail.target : detail.elt;
    return target.closest(".wc-progress") ?? document.getElementById("main") ?? document.body;
  }

  document.addEventListener("htmx:configRequest", ({ detail }) => {
    // The server does not count a poll as a visit: an open tab must not keep anybody signed in.
    if (isPoll(detail.elt)) detail.parameters.poll = "1";
  });

  document.addEventListener("htmx:beforeRequest", (event) => {
    const { detail } = event;
    if (isPoll(detail.elt)) {
      if (document.hidden || Date.now() < polls.pausedUntil) event.preventDefault();
      return;
    }
    if (isQuiet(detail.elt)) return;
    if (detail.elt.matches("button")) detail.elt.setAttribute("aria-busy", "true");
    const shown = region(detail);
    const timer = setTimeout(() => shown.classList.add("is-loading"), SHOW_PROGRESS_AFTER_MS);
    progress.set(detail.xhr, { shown, timer });
  });

  document.addEventListener("htmx:afterRequest", ({ detail }) => {
    const started = progress.get(detail.xhr);
    if (started) {
      clearTimeout(started.timer);
      started.shown.classList.remove("is-loading");
    }
    if (detail.elt instanceof HTMLFormElement) clearBusy(detail.elt);
    else detail.elt.removeAttribute?.("aria-busy");
    if (isPoll(detail.elt)) notePoll(detail.xhr.status > 0 && !MAY_RETRY(detail.xhr.status));
    // A proxy may answer for a console that is down: told after the second poll in vain.
    setOnline(detail.xhr.status > 0 && polls.failures < 2);
  });

  document.addEventListener("htmx:validation:halted", ({ detail }) => {
    if (detail.elt instanceof HTMLFormElement) clearBusy(detail.elt);
  });

  document.addEventListener("visibilitychange", () => {
    if (document.hidden || !window.htmx) return;
    for (const element of all("[data-poll]")) window.htmx.trigger(element, "wc:refresh");
  });

  function setOnline(isOnline) {
    const place = document.getElementById("network-note");
    if (!place || isOnline === !place.firstChild) return;
    place.replaceChildren(...(isOnline ? [] : [part("network-part")]));
  }

  window.addEventListener("offline", () => setOnline(false));
  window.addEventListener("online", () => {
    setOnline(true);
    notePoll(true);
    for (const element of all("[data-poll]")) window.htmx?.trigger(element, "wc:refresh");
  });
  document.addEventListener("htmx:sendError", () => setOnline(false));
  document.addEventListener("htmx:timeout", () => setOnline(false));

  const PROBLEMS = {
    400: ["This form is no longer valid.", "Nothing was saved. Reload the page and try again."],
    401: ["You are signed out.", "Reload the page to sign in; nothing was changed."],
    403: ["You may not do this.", "Nothing was changed. Ask an owner of this console for the right."],
    404: ["This does not exist any more.", "Somebody may have removed it. Reload the page."],
    409: ["Somebody was faster.", "Nothing was changed. Reload the page to see how it stands now."],
    413: ["This is too large.", "Nothing was saved. Choose a smaller file or a shorter text."],
    429: ["Too many requests at once.", "Nothing was changed. Wait a moment, then try again."],
    503: ["The console is busy or being updated.", "Nothing was changed. Try again in a moment."],
  };
  const FAILED = ["The console had an error.", "It is on our side; nothing was changed. Try again in a moment."];
  const MAY_RETRY = (status) => status === 429 || status >= 500;

  function retry(detail) {
    const { elt } = detail;
    if (elt instanceof HTMLFormElement) elt.requestSubmit();
    else window.htmx.trigger(elt, detail.requestConfig.triggeringEvent?.type ?? "click");
  }

  function placeFor(element) {
    return element.closest(".wc-card-b, .wc-composer, form, section, article, main") ?? document.getElementById("main");
  }

  function showProblem(detail) {
    const target = detail.target instanceof Element && detail.target.isConnected ? detail.target : detail.elt;
    const place = placeFor(target);
    one(":scope > .wc-problem", place)?.remove();
    const [what, next] = PROBLEMS[detail.xhr.status] ?? FAILED;
    const note = part("problem-part").firstElementChild;
    const said = Object.assign(document.createElement("strong"), { textContent: what });
    one("p", note).replaceChildren(said, ` ${next}`);
    const button = one("button", note);
    button.hidden = !MAY_RETRY(detail.xhr.status);
    button.addEventListener("click", () => {
      note.remove();
      retry(detail);
    });
    place.prepend(note);
  }

  document.addEventListener("htmx:responseError", ({ detail }) => {
    if (detail.xhr.status === 422 || isPoll(detail.elt) || isQuiet(detail.elt)) return;
    showProblem(detail);
  });

  // A server may confirm by HX-Trigger: {"toast": {"text": "Saved."}}
  document.addEventListener("toast", ({ detail }) => {
    const toast = part("toast-part").firstElementChild;
    one("p", toast).textContent = detail.text ?? detail.value ?? "";
    document.getElementById("toasts").append(toast);
    leaveLater(toast);
  });

  function leaveLater(toast) {
    const leave = () => (toast.matches(":hover, :focus-within") ? setTimeout(leave, 1000) : toast.remove());
    setTimeout(leave, TOAST_STAYS_MS);
  }

  // After a failed form the summary, after opening a detail its heading; otherwise focus stays where it is.
  document.addEventListener("htmx:afterSettle", ({ detail }) => {
    const swapped = detail.target?.isConnected ? detail.target : document;
    if (detail.xhr?.status === 422) {
      (one("#form-errors", swapped) ?? one("#form-errors") ?? one('[aria-invalid="true"]', swapped))?.focus();
      return;
    }
    const selector = detail.requestConfig?.elt?.dataset?.focus;
    if (selector) one(selector)?.focus();
  });

  // Swaps by morphing leave open menus, open dialogs, boxes that were ticked and the field being typed in alone.
  if (window.Idiomorph) {
    // Only a field: a heading that has the focus must not keep the name of the customer before.
    document.addEventListener("htmx:beforeSwap", () => {
      const active = document.activeElement;
      window.Idiomorph.defaults.ignoreActiveValue = Boolean(active?.matches("input, textarea, select"));
    });
    window.Idiomorph.defaults.callbacks.beforeAttributeUpdated = (name, element) =>
      !(name === "open" && element.matches("details, dialog")) &&
      !(name === "checked" && element.matches("[data-keep]")) &&
      !(name === "aria-busy");
    // What a script has taken over (a voice message that plays) is left as it is, and so is what the server says
    // that the page has already.
    window.Idiomorph.defaults.callbacks.beforeNodeMorphed = (element, next) =>
      !(element.dataset && element.id === next.id && ("live" in element.dataset || "kept" in next.dataset));
  }

  // The time where a customer is: a page may stay open for hours.
  setInterval(() => {
    for (const clock of all("[data-zone]")) {
      const options = { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: clock.dataset.zone };
      clock.textContent = new Intl.DateTimeFormat("en-GB", options).format(new Date());
    }
  }, CLOCK_EVERY_MS);

  function start() {
    all("[data-grow]").forEach(grow);
    all(".wc-toast", document.getElementById("toasts") ?? document).forEach(leaveLater);
    one("#form-errors")?.focus();
  }
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
