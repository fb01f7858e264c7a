// The console's composer: what is typed is kept while the line is down, and when the page is left in between.
// Everything listens on the document, so swapped-in composers work at once. Without this file nothing is missing
// but that.
(() => {
  "use strict";

  const state = () => document.getElementById("draft-state");
  const form = () => document.getElementById("composer-form");
  const body = () => form()?.querySelector("#message-body");
  const shelf = (element) => `wc-draft-${element.dataset.draft}`;
  let isDirty = false;

  function read(key) {
    try {
      return JSON.parse(localStorage.getItem(key) ?? "null");
    } catch {
      return null;
    }
  }

  function write(key, value) {
    try {
      if (value === null) localStorage.removeItem(key);
      else localStorage.setItem(key, JSON.stringify(value));
    } catch {
      // A browser without room for it: the server's copy is the one that counts.
    }
  }

  // The line is down: this browser keeps the text until the server has it.
  function shelve(element) {
    if (body()) write(shelf(element), { field: body().name, text: body().value });
    element.textContent = "No connection: your text is kept in this browser and saved as soon as there is one.";
    if (!document.getElementById("draft-version")) element.append(versionField(element));
  }

  function versionField(element) {
    const field = document.createElement("input");
    const values = { type: "hidden", id: "draft-version", name: "draft", value: element.dataset.version ?? "" };
    Object.assign(field, values).setAttribute("form", "composer-form");
    return field;
  }

  function unshelve() {
    const element = state();
    const kept = element && read(shelf(element));
    const field = body();
    if (!kept || !field || field.name !== kept.field) return;
    if (kept.text && !field.value.includes(kept.text)) {
      field.value = field.value ? `${field.value}\n${kept.text}` : kept.text;
      field.dispatchEvent(new Event("input", { bubbles: true }));
    } else write(shelf(element), null);
  }

  const isDraft = (detail) => detail.elt instanceof Element && detail.elt.id === "draft-state";

  document.addEventListener("input", (event) => {
    if (event.target instanceof Element && event.target.closest("#composer-form")) isDirty = true;
  });

  document.addEventListener("htmx:beforeRequest", ({ detail }) => {
    const field = document.getElementById("draft-version");
    if (isDraft(detail) && field) detail.elt.dataset.version = field.value;
  });

  document.addEventListener("htmx:afterRequest", ({ detail }) => {
    if (!isDraft(detail)) return;
    if (detail.successful) {
      isDirty = false;
      write(shelf(detail.elt), null);
    } else if (detail.xhr.status === 0 || detail.xhr.status >= 500) shelve(detail.elt);
  });

  window.addEventListener("online", () => {
    const element = state();
    if (element && isDirty) window.htmx.trigger(element, "wc:keep");
  });

  // Half a date and time counts as none: the message must not leave now instead of then.
  window.addEventListener(
    "submit",
    (event) => {
      const time = document.getElementById("send-at");
      if (event.target !== form() || !time?.validity.badInput) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      document.getElementById("later-menu").open = true;
      time.reportValidity();
    },
    true,
  );

  // Left before the pause after the last word was over.
  window.addEventListener("pagehide", () => {
    const element = state();
    if (!isDirty || !element || !form()) return;
    const data = new FormData(form());
    for (const [name, value] of [...data]) if (value instanceof File) data.delete(name);
    navigator.sendBeacon(element.getAttribute("hx-post"), data);
  });

  // ── The 24-hour window: counted down in its last ten minutes, said aloud where it matters ──────
  const SAID_AT_S = [3600, 600, 60];
  const COUNTS_BELOW_S = 600;
  let said = new Map();

  function speak(text) {
    const region = document.getElementById("spoken");
    if (region) region.textContent = text;
  }

  function countDown() {
    const bar = document.getElementById("window-bar");
    if (!bar?.dataset.closesAt) return;
    const left = Math.ceil((Date.parse(bar.dataset.closesAt) - Date.now()) / 1000);
    announce(bar.dataset.closesAt, left);
    if (left > COUNTS_BELOW_S) return;
    const side = bar.querySelector(".wc-window-side");
    if (side && left > 0) {
      side.classList.add("is-counting");
      side.textContent = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
    }
  }

  function announce(closesAt, left) {
    const next = SAID_AT_S.filter((limit) => left <= limit).pop() ?? Infinity;
    const before = said.get(closesAt);
    if (left <= 0 && before !== 0) {
      said = new Map([[closesAt, 0]]);
      speak("The 24-hour window is closing. What you typed is kept.");
      // Not before the server sees it so too; its clock may be a little behind.
      setTimeout(() => window.htmx.trigger("#window-bar", "wc:refresh"), 1500);
    } else if (left > 0 && before !== undefined && next < before) {
      speak(`The 24-hour window closes in ${next >= 3600 ? "one hour" : next > 60 ? "ten minutes" : "one minute"}.`);
    }
    if (left > 0) said = new Map([[closesAt, next]]);
  }

  setInterval(countDown, 1000);
  document.addEventListener("htmx:afterSettle", countDown);

  // A composer that has just come: one goes on writing at the end of what stands there.
  function begin() {
    isDirty = false;
    const field = body();
    field?.setSelectionRange(field.value.length, field.value.length);
    unshelve();
  }

  document.addEventListener("htmx:afterSettle", ({ detail }) => {
    if (["console", "composer"].includes(detail.target?.id)) begin();
  });

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", begin);
  else begin();
})();
