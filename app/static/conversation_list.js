// waba-console: choosing several conversations of the list, and what keeps a choice while the list renews itself.
(() => {
  "use strict";

  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const boxes = () => all('#conversation-list input[name="chosen"]');
  let last = null;

  function tell() {
    const shown = document.getElementById("chosen-count");
    if (!shown) return;
    const whole = document.getElementById("pick-whole").checked;
    const count = boxes().filter((box) => box.checked).length;
    const text = whole ? "All that match" : count ? `${count} chosen` : shown.dataset.none;
    if (shown.textContent !== text) shown.textContent = text;
    const page = document.getElementById("pick-page");
    page.checked = count > 0 && count === boxes().length;
    page.indeterminate = count > 0 && !page.checked;
  }

  // With shift, all from the one chosen before to this one become as this one is now.
  function extend(box) {
    const listed = boxes();
    const [from, to] = [listed.findIndex((one) => one.id === last), listed.indexOf(box)].sort((a, b) => a - b);
    if (from < 0) return;
    for (const one of listed.slice(from, to + 1)) one.checked = box.checked;
  }

  document.addEventListener("click", (event) => {
    const box = event.target;
    if (!(box instanceof HTMLInputElement) || box.name !== "chosen") return;
    if (event.shiftKey) extend(box);
    last = box.id;
    tell();
  });

  // Shift on the words beside a box would mark text.
  document.addEventListener("mousedown", (event) => {
    if (event.shiftKey && event.target instanceof Element && event.target.closest(".wc-pick")) event.preventDefault();
  });

  document.addEventListener("change", ({ target }) => {
    if (!(target instanceof HTMLInputElement) || target.form?.id !== "bulk-form") return;
    if ("choosePage" in target.dataset) for (const box of boxes()) box.checked = target.checked;
    tell();
  });

  // A renewed list leaves the boxes as they are; what was done is done, and a mistake keeps its choice.
  document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    if (detail.requestConfig?.elt?.id !== "bulk-form" || detail.xhr.status !== 200) return;
    for (const box of all("#conversation-pane [data-keep]")) box.checked = false;
    last = null;
  });

  // ── The poll says which rows stand here, by their marks: only others are sent ──
  document.addEventListener("htmx:configRequest", ({ detail }) => {
    if (detail.elt.id !== "conversation-list") return;
    detail.parameters.marks = all("#conversation-list li[data-mark]").map((row) => row.dataset.mark).join("");
    detail.parameters.tabs = document.getElementById("conversation-tabs")?.dataset.mark ?? "";
  });

  // ── Times count on here, by the server's clock: an idle list asks for no rows only because a minute passed ──
  const MINUTE = 60_000;
  const HOUR = 60 * MINUTE;
  let ahead = 0;

  function setClock() {
    const now = Date.parse(document.getElementById("conversation-list")?.dataset.now ?? "");
    if (now) ahead = now - Date.now();
  }

  // As the server writes it: by the hour while there is time, then to the minute.
  function rest(left) {
    if (left >= 2 * HOUR) return `${Math.floor(left / HOUR)} h`;
    const [hours, minutes] = [Math.floor(left / HOUR), Math.floor((left % HOUR) / MINUTE)];
    if (!hours) return `${Math.max(1, minutes)} m`;
    return minutes ? `${hours} h ${minutes} m` : `${hours} h`;
  }

  function waited(since) {
    if (since < HOUR) return `${15 * Math.floor(since / (15 * MINUTE))} m`;
    const [days, hours] = [Math.floor(since / (24 * HOUR)), Math.floor((since % (24 * HOUR)) / HOUR)];
    if (!days) return `${hours} h`;
    return hours ? `${days} d ${hours} h` : `${days} d`;
  }

  function write(element, text) {
    if (element.textContent !== text) element.textContent = text;
  }

  function countOn() {
    const now = Date.now() + ahead;
    for (const one of all("#conversation-list [data-closes]")) {
      const left = Date.parse(one.dataset.closes) - now;
      if (left > 0) write(one, rest(left));
    }
    for (const one of all("#conversation-list [data-waits]")) {
      const since = now - Date.parse(one.dataset.waits);
      if (since >= 15 * MINUTE) write(one, waited(since));
    }
  }

  setInterval(countOn, 10_000);
  setClock();
  document.addEventListener("htmx:afterSettle", ({ detail }) => {
    tell();
    if (detail.target?.id === "conversation-list" || detail.target?.id === "conversation-pane") setClock();
  });
})();
