// waba-console: a person's own desk. Signs that a page is open, what is new (title, sound, notification), and
// names of colleagues while a note is typed. Nothing here writes text as HTML; several open pages speak once.
(() => {
  "use strict";

  const SIGN_EVERY_MS = 30000;
  const TYPING_FOR_MS = 15000;
  const SIGN_AGAIN_MS = 20000;
  const NEWS_EVERY_MS = 8000;
  const ANSWERS_WITHIN_MS = 250;
  const VISIBLE_FOR_MS = 45000;
  const LEADS_FOR_MS = 20000;
  const REMEMBERED = 200;

  const one = (selector) => document.querySelector(selector);
  const about = one("#desk")?.dataset;
  if (!about) return;

  const { desk, news, person } = about;
  const token = JSON.parse(document.body.getAttribute("hx-headers") ?? "{}")["X-CSRFToken"] ?? "";
  const self = String(Math.random()).slice(2);
  const kept = {
    get(name) {
      try {
        return JSON.parse(localStorage.getItem(`waba-${name}-${person}`));
      } catch {
        return null;
      }
    },
    set(name, value) {
      try {
        localStorage.setItem(`waba-${name}-${person}`, JSON.stringify(value));
      } catch {
        // A browser without a store: each page then speaks for itself.
      }
    },
  };

  // ── Signs ──────────────────────────────────────────────────────────────────────────────────
  let typedAt = 0;
  let signedAt = 0;
  let signed = "";
  let isOver = false;

  const conversation = () => (document.hidden ? "" : one("#thread-log")?.dataset.conversation ?? "");

  function isAnswering() {
    const field = one("#message-body");
    return Boolean(field?.value) && one("#composer-face")?.value !== "note" && Date.now() - typedAt < TYPING_FOR_MS;
  }

  async function sign(leaves = false) {
    if (isOver) return;
    if (document.hidden && Date.now() - (kept.get("visible") ?? 0) < VISIBLE_FOR_MS) return;
    if (!document.hidden) kept.set("visible", leaves ? 0 : Date.now());
    const here = leaves ? "" : conversation();
    const answering = !leaves && isAnswering();
    signedAt = Date.now();
    signed = `${here}.${answering}`;
    try {
      const answer = await fetch(`${desk}?poll=1`, {
        method: "POST",
        headers: { "X-CSRFToken": token, "HX-Request": "true" },
        body: new URLSearchParams({ conversation: here, answering: answering ? "1" : "0" }),
        keepalive: leaves,
      });
      isOver = answer.redirected || [400, 401, 403].includes(answer.status);
    } catch {
      // No network: app.js says so, and the next sign comes by itself.
    }
  }

  const signIfChanged = () => {
    if (`${conversation()}.${isAnswering()}` !== signed) sign();
  };

  document.addEventListener("input", (event) => {
    if (!(event.target instanceof Element) || !event.target.matches("#message-body")) return;
    typedAt = Date.now();
    if (isAnswering() && (!signed.endsWith("true") || Date.now() - signedAt > SIGN_AGAIN_MS)) sign();
  });
  document.addEventListener("visibilitychange", () => sign());
  document.addEventListener("htmx:afterSettle", signIfChanged);
  window.addEventListener("pagehide", () => {
    if (!document.hidden) sign(true);
  });
  setInterval(sign, SIGN_EVERY_MS);
  sign();

  // ── News: one page asks and speaks, the others show the number ─────────────────────────────
  const channel = "BroadcastChannel" in window ? new BroadcastChannel(`waba-desk-${person}`) : null;
  let isLeader = false;
  let isSomebodyThere = false;
  let sound = null;

  function showUnread(count) {
    const plain = document.title.replace(/^\(\d+\) /, "");
    const wanted = count ? `(${count}) ${plain}` : plain;
    if (document.title !== wanted) document.title = wanted;
  }

  channel?.addEventListener("message", ({ data }) => {
    if (data.kind === "unread") showUnread(data.unread);
    if (data.kind === "who" && document.hasFocus()) channel.postMessage({ kind: "here" });
    if (data.kind === "here") isSomebodyThere = true;
  });

  function lead() {
    if (navigator.locks) {
      navigator.locks.request(`waba-desk-${person}`, () => {
        isLeader = true;
        ask();
        return new Promise(() => {});
      });
    }
  }

  function mayAsk() {
    if (navigator.locks) return isLeader;
    // Over plain HTTP there are no locks: whoever wrote last leads.
    const leader = kept.get("leader");
    if (leader && leader.who !== self && Date.now() - leader.at < LEADS_FOR_MS) return false;
    kept.set("leader", { who: self, at: Date.now() });
    return true;
  }

  async function ask() {
    if (isOver || !mayAsk()) return;
    try {
      const query = new URLSearchParams({ poll: "1", after: kept.get("place") ?? "" });
      const answer = await fetch(`${news}?${query}`, { headers: { Accept: "application/json", "HX-Request": "true" } });
      if (!answer.ok || answer.redirected) return;
      const found = await answer.json();
      kept.set("place", found.after);
      showUnread(found.unread);
      channel?.postMessage({ kind: "unread", unread: found.unread });
      const told = kept.get("told") ?? [];
      const fresh = found.news.filter((item) => !told.includes(item.key));
      if (!fresh.length) return;
      kept.set("told", [...told, ...fresh.map((item) => item.key)].slice(-REMEMBERED));
      tell(fresh);
    } catch {
      // The next question comes by itself.
    }
  }

  function tell(items) {
    if ("tellsSound" in about) play();
    if (!("tellsBrowser" in about) || !("Notification" in window) || Notification.permission !== "granted") return;
    isSomebodyThere = document.hasFocus();
    channel?.postMessage({ kind: "who" });
    // Whoever looks at the console sees it there.
    setTimeout(() => {
      if (!isSomebodyThere) items.slice(0, 3).forEach(notify);
    }, ANSWERS_WITHIN_MS);
  }

  function notify(item) {
    const shown = new Notification(item.title, { body: item.text, tag: item.key, icon: one('link[rel="icon"]')?.href });
    shown.addEventListener("click", () => {
      window.focus();
      window.location.assign(item.url);
      shown.close();
    });
  }

  // Two short tones, made here: browsers allow them once the page was touched.
  function play() {
    try {
      sound ??= new AudioContext();
      if (sound.state === "suspended") sound.resume();
      [660, 880].forEach((pitch, n) => {
        const tone = sound.createOscillator();
        const volume = sound.createGain();
        const start = sound.currentTime + n * 0.14;
        tone.frequency.value = pitch;
        volume.gain.setValueAtTime(0.06, start);
        volume.gain.exponentialRampToValueAtTime(0.0001, start + 0.13);
        tone.connect(volume).connect(sound.destination);
        tone.start(start);
        tone.stop(start + 0.14);
      });
    } catch {
      // A machine without sound.
    }
  }

  lead();
  setInterval(ask, NEWS_EVERY_MS);
  if (!navigator.locks) ask();

  // ── The person's leave for notifications ───────────────────────────────────────────────────
  document.addEventListener("change", async (event) => {
    const box = event.target;
    if (!(box instanceof HTMLInputElement) || !box.dataset.asksLeave || !box.checked) return;
    const note = one(box.dataset.asksLeave);
    if (!("Notification" in window) || !window.isSecureContext) {
      note.textContent = "This browser shows notifications only over HTTPS. Title and sound work all the same.";
      return;
    }
    const given = await Notification.requestPermission();
    note.textContent = given === "granted"
      ? "The browser shows them. Save to switch them on."
      : "The browser does not show them. Allow notifications for this site in its settings, then tick this again.";
  });

  // ── @names in a note ───────────────────────────────────────────────────────────────────────
  const listed = () => one("#mention-names");
  const asked = (field) => /(?:^|\s)@([^@\n]{0,60})$/.exec(field.value.slice(0, field.selectionStart));

  function fitting(field) {
    const found = asked(field);
    const typed = found?.[1].toLowerCase();
    const all = [...(listed()?.children ?? [])];
    if (!found) return { all, shown: [] };
    return { all, shown: all.filter((item) => item.dataset.name.toLowerCase().startsWith(typed) && item.dataset.name.toLowerCase() !== typed).slice(0, 8) };
  }

  function offer(field) {
    const list = listed();
    if (!list) return;
    const { all, shown } = fitting(field);
    list.hidden = !shown.length;
    for (const item of all) {
      item.hidden = !shown.includes(item);
      item.setAttribute("aria-selected", String(item === shown[0]));
    }
    field.setAttribute("aria-controls", list.id);
    if (shown.length) field.setAttribute("aria-activedescendant", shown[0].id);
    else field.removeAttribute("aria-activedescendant");
  }

  function take(field, item) {
    const found = asked(field);
    if (!found) return;
    const end = field.selectionStart;
    field.focus();
    field.setRangeText(`${item.dataset.name} `, end - found[1].length, end, "end");
    field.dispatchEvent(new Event("input", { bubbles: true }));
    listed().hidden = true;
  }

  function move(field, step) {
    const shown = [...listed().children].filter((item) => !item.hidden);
    const at = shown.findIndex((item) => item.getAttribute("aria-selected") === "true");
    const next = shown[(at + step + shown.length) % shown.length];
    for (const item of shown) item.setAttribute("aria-selected", String(item === next));
    field.setAttribute("aria-activedescendant", next.id);
    next.scrollIntoView({ block: "nearest" });
  }

  document.addEventListener("input", (event) => {
    if (event.target instanceof HTMLTextAreaElement && event.target.id === "message-body") offer(event.target);
  });
  document.addEventListener("pointerdown", (event) => {
    const item = event.target instanceof Element ? event.target.closest("#mention-names [data-name]") : null;
    if (!item) return;
    event.preventDefault();
    take(one("#message-body"), item);
  });
  document.addEventListener(
    "keydown",
    (event) => {
      const list = listed();
      if (!list || list.hidden || event.target.id !== "message-body" || event.ctrlKey || event.metaKey) return;
      const chosen = [...list.children].find((item) => !item.hidden && item.getAttribute("aria-selected") === "true");
      if (event.key === "ArrowDown" || event.key === "ArrowUp") move(event.target, event.key === "ArrowDown" ? 1 : -1);
      else if ((event.key === "Enter" || event.key === "Tab") && chosen) take(event.target, chosen);
      else if (event.key === "Escape") list.hidden = true;
      else return;
      event.preventDefault();
      event.stopPropagation();
    },
    true,
  );
})();
