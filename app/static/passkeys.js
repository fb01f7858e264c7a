// Passkeys: a form with data-passkey asks the browser for one, puts its answer into the field `credential`
// and goes on as any form does. Without this file the page works, the button stays hidden.
(() => {
  "use strict";

  const BYTES = new Set(["challenge", "id"]);

  function toBytes(text) {
    const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
    return Uint8Array.from(plain, (character) => character.charCodeAt(0));
  }

  function toText(buffer) {
    const plain = String.fromCharCode(...new Uint8Array(buffer));
    return btoa(plain).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
  }

  // The server writes bytes as text; ids of the site (rp) are names and stay as they are.
  function readOptions(options) {
    const read = { ...options };
    for (const name of BYTES) if (typeof read[name] === "string") read[name] = toBytes(read[name]);
    if (read.user) read.user = { ...read.user, id: toBytes(read.user.id) };
    for (const list of ["excludeCredentials", "allowCredentials"]) {
      if (read[list]) read[list] = read[list].map((known) => ({ ...known, id: toBytes(known.id) }));
    }
    return read;
  }

  function writeAnswer(credential) {
    const response = {};
    for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
      if (credential.response[name]) response[name] = toText(credential.response[name]);
    }
    return JSON.stringify({ id: credential.id, rawId: toText(credential.rawId), type: credential.type, response });
  }

  async function fetchOptions(form) {
    const headers = { "X-CSRFToken": form.elements.csrf_token.value, Accept: "application/json" };
    const answer = await fetch(form.dataset.options, { method: "POST", headers });
    const said = await answer.json();
    if (!answer.ok) throw new Error(said.message);
    return readOptions(said);
  }

  const wordsFor = (error) => ({
    NotAllowedError: "It was cancelled, or took too long. Try once more.",
    InvalidStateError: "This device has a passkey for your account already.",
    SecurityError: "Passkeys work on the address this console is set up with only. Open it there.",
  })[error.name] ?? (error.message || "It did not work. Try once more.");

  async function ask(form) {
    const problem = form.querySelector("[data-passkey-problem]");
    if ("asking" in form.dataset) return;
    form.dataset.asking = "";
    problem.hidden = true;
    try {
      const publicKey = await fetchOptions(form);
      const credential = await navigator.credentials[form.dataset.passkey]({ publicKey });
      form.elements.credential.value = writeAnswer(credential);
      form.submit();
    } catch (error) {
      problem.textContent = wordsFor(error);
      problem.hidden = false;
    } finally {
      delete form.dataset.asking;
    }
  }

  // On the window, so before app.js, which marks a form as sent: nothing is sent yet, and it may be tried again.
  window.addEventListener("submit", (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement) || !form.dataset.passkey) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    ask(form);
  }, true);

  for (const form of document.querySelectorAll("form[data-passkey]")) {
    if (window.PublicKeyCredential) form.hidden = false;
  }
})();
