// The page works without this file. With it: no reloading, and what changes is fetched every 1.5 s.
"use strict";

(() => {
  const POLL_MS = 1500;
  const offline = document.getElementById("offline");

  // Swap only regions whose HTML is new, so that focus, open lists and typed text stay.
  function apply(html) {
    const fresh = new DOMParser().parseFromString(html, "text/html");
    for (const region of fresh.querySelectorAll("[data-region]")) {
      const shown = document.getElementById(region.id);
      if (shown && shown.dataset.last !== region.outerHTML) {
        swap(shown, region);
      }
    }
  }

  function swap(shown, region) {
    const html = region.outerHTML;
    const focused = shown.contains(document.activeElement) ? document.activeElement.id : "";
    const open = [...shown.querySelectorAll("details[open][id]")].map((details) => details.id);
    const fresh = document.adoptNode(region);
    shown.replaceWith(fresh);
    fresh.dataset.last = html;
    open.forEach((id) => document.getElementById(id)?.setAttribute("open", ""));
    if (focused) {
      document.getElementById(focused)?.focus();
    }
  }

  async function load(url, options) {
    const answer = await fetch(url, { headers: { Accept: "text/html" }, ...options });
    if (!answer.ok) {
      throw new Error(`HTTP ${answer.status}`);
    }
    apply(await answer.text());
    offline.hidden = true;
  }

  async function poll() {
    if (!document.hidden) {
      try {
        await load(`/phone/live${location.search}`);
      } catch {
        offline.hidden = false;
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
    const button = event.submitter;
    const values = new URLSearchParams(new FormData(form, button));
    const url = button?.getAttribute("formaction") || form.getAttribute("action");
    document.querySelector("details.plus")?.removeAttribute("open");
    try {
      await load(url, { method: "POST", body: values });
      if (form.matches("[data-clear]")) {
        form.elements.namedItem("text").value = "";
      }
    } catch {
      offline.hidden = false;
    }
  }

  function choose(event) {
    const form = event.target.closest("form[data-choose]");
    if (form && event.target.matches("select")) {
      form.requestSubmit();
    }
  }

  function closePlus(event) {
    const plus = document.querySelector("details.plus[open]");
    if (plus && !plus.contains(event.target)) {
      plus.removeAttribute("open");
    }
  }

  if (offline) {
    document.documentElement.classList.add("scripted");
    document.addEventListener("submit", submit);
    document.addEventListener("change", choose);
    document.addEventListener("click", closePlus);
    setTimeout(poll, POLL_MS);
  }
})();
