// The form works without this file. With it, a choice that changes the screen shows at once what follows.
"use strict";

(() => {
  const form = document.getElementById("flow-form");
  const refresh = form?.querySelector(".flow-refresh");
  const KEY = "flow-focus";

  const last = sessionStorage.getItem(KEY);
  sessionStorage.removeItem(KEY);
  if (last) {
    document.getElementById(last)?.focus();
  }
  if (!refresh) {
    return;
  }
  refresh.hidden = true;
  form.addEventListener("change", (event) => {
    if (event.target.matches("[data-watched]")) {
      sessionStorage.setItem(KEY, event.target.id);
      form.requestSubmit(refresh);
    }
  });
})();
