// Pictures of a conversation, one at a time and large; by keyboard: arrows, Home, End, Escape.
// Without this file each opens in a tab of its own.
(() => {
  "use strict";

  const links = () => [...document.querySelectorAll("a[data-gallery]")];
  const dialog = () => document.getElementById("gallery");
  let at = null;

  function show(link) {
    const all = links();
    const index = all.indexOf(link);
    if (index < 0) return;
    at = link;
    const box = dialog();
    const small = link.querySelector("img");
    const image = box.querySelector("img");
    image.src = link.href;
    image.alt = small.alt;
    box.querySelector("[data-gallery-caption]").textContent = link.dataset.caption;
    box.querySelector("[data-gallery-count]").textContent = `${index + 1} of ${all.length}`;
    box.querySelector("[data-gallery-open]").href = link.href;
    box.querySelector("[data-gallery-before]").disabled = index === 0;
    box.querySelector("[data-gallery-next]").disabled = index === all.length - 1;
  }

  function move(steps) {
    const all = links();
    const target = all[Math.min(all.length - 1, Math.max(0, all.indexOf(at) + steps))];
    if (target) show(target);
  }

  document.addEventListener("click", (event) => {
    const target = event.target instanceof Element ? event.target : null;
    const link = target?.closest("a[data-gallery]");
    if (link && dialog() && !(event.ctrlKey || event.metaKey || event.shiftKey || event.button)) {
      event.preventDefault();
      show(link);
      dialog().showModal();
    } else if (target?.closest("[data-gallery-before]")) move(-1);
    else if (target?.closest("[data-gallery-next]")) move(1);
    else if (target?.closest("[data-gallery-close]") || target === dialog()) dialog().close();
  });

  const KEYS = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -1, ArrowDown: 1, Home: -Infinity, End: Infinity };
  document.addEventListener("keydown", (event) => {
    if (!dialog()?.open || !(event.key in KEYS)) return;
    event.preventDefault();
    move(KEYS[event.key]);
  });

  // Back to the picture that was last in view, which need not be the one that was pressed.
  document.addEventListener("close", (event) => {
    if (event.target !== dialog()) return;
    dialog().querySelector("img").removeAttribute("src");
    if (at?.isConnected) at.focus();
  }, true);
})();
