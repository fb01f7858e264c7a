// The Flow JSON editor: line numbers beside a plain textarea, and the way from a fault to its line.
(() => {
  "use strict";

  const MOST_LINES = 20000;
  const holder = document.querySelector("[data-code]");
  const field = holder?.querySelector("textarea");
  const gutter = holder?.querySelector(".wc-code-n");
  if (!field || !gutter) return;
  const faults = new Set(holder.dataset.faults.split(" ").filter(Boolean).map(Number));
  const numbers = document.createElement("pre");
  gutter.append(numbers);
  let shown = 0;

  function lines() {
    let count = 1;
    for (let at = field.value.indexOf("\n"); at !== -1 && count < MOST_LINES; at = field.value.indexOf("\n", at + 1)) count += 1;
    return count;
  }

  function number(line) {
    if (!faults.has(line)) return document.createTextNode(`${line}\n`);
    const marked = document.createElement("b");
    marked.textContent = String(line);
    const both = document.createDocumentFragment();
    both.append(marked, "\n");
    return both;
  }

  function draw() {
    const count = lines();
    if (count === shown) return;
    shown = count;
    numbers.replaceChildren(...Array.from({ length: count }, (_, index) => number(index + 1)));
  }

  // The numbers are as tall as the textarea's inside, wherever the label above it ends.
  function place() {
    gutter.style.top = `${field.offsetTop + 1}px`;
    gutter.style.height = `${field.clientHeight}px`;
    numbers.style.transform = `translateY(${-field.scrollTop}px)`;
  }

  function startOf(line) {
    let at = 0;
    for (let passed = 1; passed < line; passed += 1) {
      const next = field.value.indexOf("\n", at);
      if (next === -1) break;
      at = next + 1;
    }
    return at;
  }

  function goTo(line, column) {
    const start = startOf(line);
    const found = field.value.indexOf("\n", start);
    const end = found === -1 ? field.value.length : found;
    field.focus({ preventScroll: true });
    field.setSelectionRange(Math.min(start + column - 1, end), end);
    const height = Number.parseFloat(getComputedStyle(field).lineHeight);
    field.scrollTop = Math.max(0, (line - 4) * height);
    field.scrollIntoView({ block: "center" });
    place();
  }

  field.addEventListener("input", () => {
    draw();
    place();
  });
  field.addEventListener("scroll", place, { passive: true });
  new ResizeObserver(place).observe(field);
  document.addEventListener("click", (event) => {
    const link = event.target instanceof Element ? event.target.closest("[data-line]") : null;
    if (!link) return;
    event.preventDefault();
    goTo(Number(link.dataset.line), Number(link.dataset.column));
  });
  draw();
  place();
})();
