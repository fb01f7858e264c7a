// The page works without this file. With it: no reloading, and what changes is fetched every second.
// How the fetched parts are put in place stands in morph.js.
"use strict";

(() => {
  const POLL_MS = 1000;
  const NEAR_PX = 40;
  const note = document.getElementById("note");
  const pill = document.getElementById("new-messages");
  let asked = 0;
  let applied = 0;
  let seen = "";
  let isOffline = false;
  let timer = 0;

  function say(words, isPersistent = false) {
    clearTimeout(timer);
    note.textContent = words;
    note.hidden = !words;
    if (words && !isPersistent) {
      timer = setTimeout(() => say(""), 6000);
    }
  }

  function setOffline(now) {
    if (now) {
      say("The sandbox does not answer. This page tries again by itself; what you typed stays.", true);
    } else if (isOffline) {
      say("");
    }
    isOffline = now;
  }

  function apply(html) {
    const fresh = new DOMParser().parseFromString(html, "text/html");
    for (const region of fresh.querySelectorAll("[data-region]")) {
      const shown = document.getElementById(region.id);
      if (shown) {
        swap(shown, region);
      }
    }
  }

  function swap(shown, region) {
    const hadFocus = shown.contains(document.activeElement);
    const refresh = () => window.morph(shown, document.adoptNode(region));
    if (shown.id === "thread") {
      keepPlace(shown, refresh);
    } else {
      refresh();
    }
    if (hadFocus && document.activeElement === document.body) {
      shown.tabIndex = shown.tabIndex < 0 ? -1 : shown.tabIndex;
      shown.focus({ preventScroll: true });
    }
  }

  // The newest message is at scrollTop 0; whoever reads further up is not moved, but told.
  function keepPlace(thread, refresh) {
    const isNear = thread.scrollTop > -NEAR_PX;
    const before = { top: thread.scrollTop, height: thread.scrollHeight, ids: received(thread) };
    refresh();
    if (isNear) {
      return;
    }
    thread.scrollTop = before.top - (thread.scrollHeight - before.height);
    const known = new Set(before.ids);
    const more = received(thread).filter((id) => !known.has(id)).length;
    if (more) {
      const count = Number(pill.dataset.count || 0) + more;
      pill.dataset.count = count;
      pill.textContent = count === 1 ? "1 new message" : `${count} new messages`;
      pill.hidden = false;
    }
  }

  function received(thread) {
    return [...thread.querySelectorAll(".msg[id^=msg-]:not(.out)")].map((message) => message.id);
  }

  function showNewest() {
    document.getElementById("thread").scrollTop = 0;
    pill.hidden = true;
    pill.dataset.count = 0;
  }

  async function load(url, options = {}) {
    const mine = ++asked;
    const answer = await fetch(url, options);
    if (answer.status === 304) {
      setOffline(false);
      return;
    }
    const html = await answer.text();
    if (answer.status === 400 || answer.status === 413) {
      const reason = new DOMParser().parseFromString(html, "text/html").getElementById("refused");
      throw new Refused(reason ? reason.textContent : "That is too large for WhatsApp. Nothing was sent.");
    }
    if (!answer.ok) {
      throw new Error(`HTTP ${answer.status}`);
    }
    setOffline(false);
    if (mine > applied) {
      applied = mine;
      seen = answer.headers.get("ETag") || "";
      apply(html);
    }
  }

  class Refused extends Error {}

  async function poll() {
    if (!document.hidden) {
      try {
        await load(`/phone/live${location.search}`, { headers: seen ? { "If-None-Match": seen } : {} });
      } catch {
        setOffline(true);
      }
    }
    setTimeout(poll, POLL_MS);
  }

  async function submit(event) {
    const form = event.target;
    if (!form.matches("form[data-live]")) {
      return;
    }
    event.preventDefault();
    if (form.dataset.busy) {
      return;
    }
    form.dataset.busy = "1";
    const button = event.submitter;
    const values = new FormData(form, button);
    const isLarge = form.enctype === "multipart/form-data";
    const url = button?.getAttribute("formaction") || form.getAttribute("action");
    document.querySelectorAll("details.plus[open], details.sheet[open], details.more-acts[open]").forEach(close);
    try {
      await load(url, { method: "POST", body: isLarge ? values : new URLSearchParams(values) });
      if (form.matches("[data-clear]")) {
        form.reset();
        nameFiles(form);
      }
      if (form.matches("[data-clear], #things, #chat")) {
        showNewest();
      }
    } catch (error) {
      if (error instanceof Refused) {
        say(error.message);
      } else {
        setOffline(true);
      }
    }
    delete form.dataset.busy;
  }

  function close(details) {
    details.removeAttribute("open");
  }

  function nameFiles(form) {
    const shown = form.querySelector("[data-files]");
    const files = form.querySelector("input[type=file]")?.files || [];
    if (shown) {
      shown.hidden = !files.length;
      shown.textContent = [...files].map((file) => file.name).join(", ");
    }
  }

  function change(event) {
    const form = event.target.closest("form[data-choose]");
    if (form && event.target.matches("select")) {
      form.requestSubmit();
    }
    if (event.target.matches("input[type=file]")) {
      nameFiles(event.target.form);
      close(document.querySelector("details.plus"));
      event.target.form.elements.namedItem("text").focus();
    }
  }

  async function click(event) {
    for (const details of document.querySelectorAll("details.plus[open], details.more-acts[open]")) {
      if (!details.contains(event.target)) {
        close(details);
      }
    }
    if (event.target.closest("#new-messages")) {
      showNewest();
    }
    const copied = event.target.closest("[data-copy]");
    if (copied && navigator.clipboard) {
      await navigator.clipboard.writeText(copied.dataset.copy).then(() => say("Copied"), () => say("Not copied"));
    }
  }

  function press(event) {
    const isText = event.target.matches("textarea[name=text]");
    if (isText && event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      event.target.form.requestSubmit();
    }
    if (event.key === "Escape") {
      const open = [...document.querySelectorAll("details.plus[open], .phone-s details[open]")].at(-1);
      if (open) {
        close(open);
        open.querySelector("summary").focus();
      }
    }
  }

  document.addEventListener("click", click);
  if (pill) {
    document.documentElement.classList.add("scripted");
    document.addEventListener("submit", submit);
    document.addEventListener("change", change);
    document.addEventListener("keydown", press);
    document.getElementById("thread").addEventListener("scroll", (event) => {
      if (event.target.scrollTop > -NEAR_PX) {
        pill.hidden = true;
        pill.dataset.count = 0;
      }
    });
    setTimeout(poll, POLL_MS);
  }
})();
