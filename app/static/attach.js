// Files for the composer: chosen, dropped or pasted, sent here piece by piece, kept beside the text.
// A piece that was lost is sent again; the server counts, so nothing comes twice. Without this file the
// form's own file field works.
(() => {
  "use strict";

  const PIECE_BYTES = 512 * 1024;
  const PIECE_PATIENCE_MS = 60000;
  const WAITS_MS = [1000, 2000, 4000, 8000, 15000, 30000];
  const LARGEST_PICTURE_BYTES = 5 * 1024 * 1024;
  const LARGEST_BYTES = 100 * 1024 * 1024;
  const LONGEST_SIDE = 2560;
  const SHOWN_BYTES = new Intl.NumberFormat("en-GB", { maximumFractionDigits: 1 });

  const one = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const part = (id) => document.getElementById(id).content.cloneNode(true).firstElementChild;
  const composer = () => one("form[data-attach]");
  // The conversation that is open; a file goes to the one it was chosen in, whatever is opened meanwhile.
  const place = () => composer()?.dataset.attach;
  const wait = (ms) => new Promise((done) => setTimeout(done, ms));

  const uploads = new Map(); // key → what is on its way
  let queue = Promise.resolve(); // one file at a time, so that they stand in the order of choosing

  function speak(text) {
    const region = document.getElementById("spoken");
    if (region) region.textContent = text;
  }

  function newKey() {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  function inWords(bytes) {
    if (bytes >= 1024 * 1024) return `${SHOWN_BYTES.format(bytes / 1024 / 1024)} MB`;
    return `${Math.max(1, Math.round(bytes / 1024))} KB`;
  }

  // ── One file ───────────────────────────────────────────────────────────────────────────────
  function add(file, options = {}) {
    const upload = { key: newKey(), file, place: options.place ?? place(), isVoice: Boolean(options.isVoice) };
    if (!upload.place) return;
    upload.item = part("upload-part");
    one("[data-name]", upload.item).textContent = options.isVoice ? "Voice message" : file.name;
    one("[data-cancel]", upload.item).addEventListener("click", () => cancel(upload));
    one("[data-again]", upload.item).addEventListener("click", () => again(upload));
    if (upload.place === place()) one("#tray").append(upload.item);
    uploads.set(upload.key, upload);
    start(upload);
  }

  function start(upload) {
    queue = queue.then(() => (upload.isGone ? null : run(upload)));
  }

  async function run(upload) {
    try {
      const picture = await fitting(upload);
      if (picture) upload.file = picture;
      if (upload.file.size > LARGEST_BYTES) {
        throw new Refused(`The file has ${inWords(upload.file.size)}; WhatsApp takes at most 100 MB.`);
      }
      let received = 0;
      let html = "";
      while (!html && !upload.isGone) {
        const answer = await sendPiece(upload, received);
        if (typeof answer === "string") html = answer;
        // All of it is there and not put together yet: its last byte asks for that once more.
        else received = Math.min(answer.received, upload.file.size - 1);
      }
      if (!upload.isGone) arrive(upload, html);
    } catch (error) {
      if (!upload.isGone) fail(upload, error);
    }
  }

  class Refused extends Error {}

  // The same piece again and again while the line is away: the server takes each one once.
  async function sendPiece(upload, offset) {
    for (let turn = 0; ; turn += 1) {
      try {
        return await post(upload, offset);
      } catch (error) {
        if (error instanceof Refused || upload.isGone || turn >= WAITS_MS.length) throw error;
        state(upload, "The line is away; it goes on by itself");
        await wait(WAITS_MS[turn]);
      }
    }
  }

  function post(upload, offset) {
    const { file } = upload;
    const piece = file.slice(offset, offset + PIECE_BYTES);
    const body = new FormData();
    const fields = { key: upload.key, name: file.name || "file", size: file.size, offset, voice: upload.isVoice ? 1 : 0 };
    for (const [name, value] of Object.entries(fields)) body.append(name, value);
    body.append("piece", piece, "piece");
    return new Promise((done, failed) => {
      const request = new XMLHttpRequest();
      upload.request = request;
      request.open("POST", upload.place);
      request.setRequestHeader("X-CSRFToken", one("input[name=csrf_token]").value);
      request.setRequestHeader("HX-Request", "true");
      request.timeout = PIECE_PATIENCE_MS;
      request.upload.onprogress = (event) => progress(upload, offset + Math.min(event.loaded, piece.size));
      request.onload = () => read(request, done, failed);
      request.onerror = request.ontimeout = request.onabort = () => failed(new Error("the line is away"));
      request.send(body);
    });
  }

  function read(request, done, failed) {
    if (request.status === 200) return done(request.responseText);
    if (request.status === 202) return done(JSON.parse(request.responseText));
    if (request.status >= 500 || request.status === 429) return failed(new Error("the console is busy"));
    let said = "";
    try {
      said = JSON.parse(request.responseText).message;
    } catch {
      said = "It was not taken. Reload the page and attach it again; what you typed is kept by copying it first.";
    }
    return failed(new Refused(said));
  }

  // ── How it stands ──────────────────────────────────────────────────────────────────────────
  function state(upload, text) {
    one("[data-state]", upload.item).textContent = text;
  }

  function progress(upload, sent) {
    const { size } = upload.file;
    one("progress", upload.item).value = size ? (100 * sent) / size : 100;
    state(upload, sent >= size ? "Goes on to WhatsApp" : `${inWords(sent)} of ${inWords(size)}`);
  }

  function arrive(upload, html) {
    uploads.delete(upload.key);
    const holder = document.createElement("ul");
    holder.innerHTML = html;
    const item = holder.firstElementChild;
    if (upload.item.isConnected) upload.item.replaceWith(item);
    else if (upload.place === place() && !one(`[data-file="${upload.key}"]`)) one("#tray").append(item);
    if (item.isConnected) window.htmx?.process(item);
    speak(`Attached: ${upload.file.name || "file"}`);
    sendIfAllIsHere();
  }

  function fail(upload, error) {
    upload.hasFailed = true;
    const problem = one("[data-problem]", upload.item);
    const isFinal = error instanceof Refused;
    one("span", problem).textContent = isFinal
      ? error.message
      : "The upload broke off. Nothing is lost: try again when the line is back.";
    one("[data-again]", problem).hidden = isFinal;
    problem.hidden = false;
    upload.item.classList.add("is-bad");
    one("progress", upload.item).hidden = true;
    state(upload, isFinal ? "Cannot be sent" : "Not here yet");
    stopWaiting();
  }

  function again(upload) {
    upload.hasFailed = false;
    upload.item.classList.remove("is-bad");
    one("[data-problem]", upload.item).hidden = true;
    one("progress", upload.item).hidden = false;
    start(upload);
  }

  function cancel(upload) {
    upload.isGone = true;
    upload.request?.abort();
    if (upload.request) callOff(upload); // its last piece may have arrived
    uploads.delete(upload.key);
    upload.item.remove();
    one("#message-body")?.focus();
  }

  function callOff(upload) {
    const body = new FormData();
    body.append("key", upload.key);
    body.append("cancel", "1");
    const headers = { "X-CSRFToken": one("input[name=csrf_token]").value };
    fetch(upload.place, { method: "POST", headers, body, keepalive: true }).catch(() => null);
  }

  // ── Pictures that WhatsApp would refuse for their size or format ──────────────────────────
  async function fitting({ file }) {
    const isPicture = file.type.startsWith("image/") && file.type !== "image/gif" && file.type !== "image/svg+xml";
    const isFit = ["image/jpeg", "image/png"].includes(file.type) && file.size <= LARGEST_PICTURE_BYTES;
    if (!isPicture || isFit || (file.type === "image/webp" && (await isSticker(file)))) return null;
    try {
      return await asJpeg(file);
    } catch {
      return null; // the server says what is wrong with it
    }
  }

  async function isSticker(file) {
    const picture = await createImageBitmap(file).catch(() => null);
    return picture !== null && picture.width === 512 && picture.height === 512;
  }

  async function asJpeg(file) {
    const picture = await createImageBitmap(file);
    const scale = Math.min(1, LONGEST_SIDE / Math.max(picture.width, picture.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.max(1, Math.round(picture.width * scale));
    canvas.height = Math.max(1, Math.round(picture.height * scale));
    const context = canvas.getContext("2d");
    context.fillStyle = "#fff";
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.drawImage(picture, 0, 0, canvas.width, canvas.height);
    const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.87));
    return new File([blob], `${(file.name || "picture").replace(/\.[^.]*$/, "")}.jpg`, { type: "image/jpeg" });
  }

  // ── Where files come from ──────────────────────────────────────────────────────────────────
  document.addEventListener("change", (event) => {
    if (!event.target.matches?.("#new-files")) return;
    const files = [...event.target.files];
    event.target.value = "";
    const menu = event.target.closest("details");
    if (menu) menu.open = false;
    files.forEach((file) => add(file));
    one("#message-body")?.focus();
  });

  document.addEventListener("paste", (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    const hasText = event.clipboardData?.types.includes("text/plain");
    if (!files.length || hasText || !place() || !event.target.closest?.(".wc-con-c")) return;
    event.preventDefault();
    files.forEach((file) => add(file));
  });

  const bringsFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");

  function showDrop(isShown) {
    const thread = composer()?.closest(".wc-con-c");
    const shown = one(".wc-drop");
    if (isShown && thread && !shown) thread.append(part("drop-part"));
    else if (!isShown && shown) shown.remove();
  }

  document.addEventListener("dragover", (event) => {
    if (!bringsFiles(event)) return;
    event.preventDefault(); // else the browser would open the file and leave the page
    event.dataTransfer.dropEffect = place() ? "copy" : "none";
    showDrop(true);
  });
  document.addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) showDrop(false);
  });
  document.addEventListener("drop", (event) => {
    if (!bringsFiles(event)) return;
    event.preventDefault();
    showDrop(false);
    [...event.dataTransfer.files].forEach((file) => add(file));
  });

  // ── Send waits for what is on its way ──────────────────────────────────────────────────────
  let isWaiting = false;
  let waitsFor = "";
  const underWay = () => [...uploads.values()].filter((upload) => upload.place === place());

  function stopWaiting() {
    isWaiting = false;
    const button = one("#composer-form [type=submit].btn-primary");
    button?.removeAttribute("aria-busy");
  }

  function sendIfAllIsHere() {
    if (!isWaiting || underWay().length) return;
    stopWaiting();
    composer()?.requestSubmit();
  }

  // On the window, so before app.js, which marks a form as sent.
  window.addEventListener("submit", (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement) || !form.dataset.attach || !underWay().length) return;
    if (event.submitter?.hasAttribute("formaction")) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (underWay().some((upload) => upload.hasFailed)) {
      speak("A file did not come through. Try it again or take it away, then send.");
      one(".wc-tray-i.is-bad button", form)?.focus();
      return;
    }
    isWaiting = true;
    waitsFor = place();
    event.submitter?.setAttribute("aria-busy", "true");
    speak("It is sent as soon as the files are here.");
  }, true);

  // The composer was drawn anew while files were on their way: they go on in the new one.
  document.addEventListener("htmx:afterSettle", () => {
    if (isWaiting && waitsFor !== place()) stopWaiting();
    for (const upload of underWay()) if (!upload.item.isConnected) one("#tray").append(upload.item);
  });

  window.addEventListener("beforeunload", (event) => {
    if (uploads.size) event.preventDefault();
  });

  // ── Where I am ─────────────────────────────────────────────────────────────────────────────
  const NO_PLACE = {
    1: "The browser may not tell this page where you are. Allow it beside the page’s address, or type the place.",
    2: "This device does not know where it is just now. Type the place instead.",
    3: "This device took too long to find out. Try again, or type the place.",
  };

  function fillPlace(button) {
    const [latitude, longitude] = button.dataset.where.split(" ").map((selector) => one(selector));
    const said = one("[data-where-said]", button.form);
    const say = (text) => {
      said.textContent = text;
      said.hidden = !text;
    };
    if (!navigator.geolocation) return say(NO_PLACE[2]);
    say("");
    button.setAttribute("aria-busy", "true");
    const done = () => button.removeAttribute("aria-busy");
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        done();
        latitude.value = coords.latitude.toFixed(6);
        longitude.value = coords.longitude.toFixed(6);
        speak("Your place is filled in. Nothing is sent yet.");
      },
      (error) => {
        done();
        say(NO_PLACE[error.code] ?? NO_PLACE[2]);
      },
      { enableHighAccuracy: true, timeout: 15000 },
    );
  }

  document.addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest("button[data-where]") : null;
    if (button) fillPlace(button);
  });

  window.wabaAttach = { add, place };
})();
