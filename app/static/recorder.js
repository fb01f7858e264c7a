// Voice messages: recorded in the browser, listened to in the tray, sent like any other file. The server packs
// what browsers make (WebM or Ogg with Opus) the way WhatsApp takes it.
(() => {
  "use strict";

  const KINDS = ["audio/ogg;codecs=opus", "audio/webm;codecs=opus", "audio/mp4"];
  const BITS_PER_SECOND = 24000; // half a megabyte, up to which WhatsApp shows a play button, is then 2:50
  const LONGEST_S = 600;
  const SHORT_S = 165;
  const one = (selector, root = document) => root.querySelector(selector);

  const NO_SOUND = {
    NotAllowedError:
      "The browser may not use the microphone on this page. Allow it beside the page’s address, then try again.",
    NotFoundError: "No microphone was found. Plug one in, or attach a sound file.",
    NotReadableError: "Another program has the microphone. Close it, then try again.",
  };
  const NO_RECORDER = "This browser cannot record here: it needs a secure address (https). Attach a sound file.";

  let current = null;

  function say(text) {
    const place = document.getElementById("thread-problem");
    if (!place) return;
    const note = document.getElementById("problem-part").content.cloneNode(true).firstElementChild;
    one("p", note).textContent = text;
    place.replaceChildren(note);
  }

  async function begin() {
    if (current || !one("#tray")) return;
    const mimeType = window.MediaRecorder ? KINDS.find((kind) => MediaRecorder.isTypeSupported(kind)) : null;
    if (!mimeType || !navigator.mediaDevices) return say(NO_RECORDER);
    current = { isKept: false, parts: [], place: window.wabaAttach.place() };
    try {
      const sound = { channelCount: 1, echoCancellation: true, noiseSuppression: true };
      current.stream = await navigator.mediaDevices.getUserMedia({ audio: sound });
    } catch (error) {
      current = null;
      return say(NO_SOUND[error.name] ?? "The microphone did not answer. Try again, or attach a sound file.");
    }
    record(current, mimeType);
  }

  function record(recording, mimeType) {
    document.getElementById("thread-problem")?.replaceChildren();
    recording.item = document.getElementById("recording-part").content.cloneNode(true).firstElementChild;
    one("#tray").append(recording.item);
    one("[data-stop]", recording.item).addEventListener("click", () => end(recording, true));
    one("[data-discard]", recording.item).addEventListener("click", () => end(recording, false));
    one("[data-stop]", recording.item).focus();
    recording.recorder = new MediaRecorder(recording.stream, { mimeType, audioBitsPerSecond: BITS_PER_SECOND });
    recording.recorder.addEventListener("dataavailable", (event) => recording.parts.push(event.data));
    recording.recorder.addEventListener("stop", () => finish(recording, mimeType));
    recording.startedAt = performance.now();
    recording.timer = setInterval(() => tick(recording), 250);
    recording.recorder.start(1000);
  }

  function tick(recording) {
    const seconds = Math.floor((performance.now() - recording.startedAt) / 1000);
    const text = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    const more = seconds > SHORT_S ? ", so long that it may arrive as a file" : "";
    const shown = one("[data-time]", recording.item);
    if (shown.textContent !== text + more) shown.textContent = text + more;
    if (seconds >= LONGEST_S) end(recording, true);
  }

  function end(recording, isKept) {
    recording.isKept = isKept;
    clearInterval(recording.timer);
    if (recording.recorder.state !== "inactive") recording.recorder.stop();
  }

  function finish(recording, mimeType) {
    recording.stream.getTracks().forEach((track) => track.stop());
    recording.item.remove();
    current = null;
    document.getElementById("message-body")?.focus();
    if (!recording.isKept) return;
    const type = mimeType.split(";")[0];
    const ending = { "audio/ogg": "ogg", "audio/webm": "webm", "audio/mp4": "m4a" }[type];
    window.wabaAttach.add(new File(recording.parts, `voice.${ending}`, { type }), {
      isVoice: true,
      place: recording.place,
    });
    if (recording.isSent && recording.place === window.wabaAttach.place()) one("form[data-attach]")?.requestSubmit();
  }

  // Sent while it runs: it ends here, and goes as soon as it has arrived.
  window.addEventListener("submit", (event) => {
    if (!current?.recorder || !event.target.dataset?.attach || event.submitter?.hasAttribute("formaction")) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    current.isSent = true;
    end(current, true);
  }, true);

  // The composer was drawn anew, or another conversation opened: the recording stays in sight, or ends and
  // waits in the conversation it was made for.
  document.addEventListener("htmx:afterSettle", () => {
    if (!current?.item || current.item.isConnected) return;
    if (current.place === window.wabaAttach.place()) one("#tray").append(current.item);
    else end(current, true);
  });

  document.addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest("button[data-record]") : null;
    if (!button) return;
    button.closest("details").open = false;
    begin();
  });
})();
