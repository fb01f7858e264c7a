// Makes a shown element like a fresh one and touches only what differs: focus, scrolling, playing sounds,
// open lists and pictures stay. Children are known by their id, others by their place.
"use strict";

window.morph = function morph(shown, fresh) {
  if (shown.nodeName !== fresh.nodeName || (shown.id || "") !== (fresh.id || "")) {
    shown.replaceWith(fresh);
  } else if (shown.nodeType !== Node.ELEMENT_NODE) {
    if (shown.data !== fresh.data) {
      shown.data = fresh.data;
    }
  } else if (!shown.isEqualNode(fresh)) {
    morphAttributes(shown, fresh);
    morphChildren(shown, fresh);
  }

  // Whether details are open is the reader's business.
  function morphAttributes(old, wanted) {
    for (const { name } of [...old.attributes]) {
      if (!wanted.hasAttribute(name) && name !== "open" && name !== "tabindex") {
        old.removeAttribute(name);
      }
    }
    for (const { name, value } of wanted.attributes) {
      if (old.getAttribute(name) !== value && name !== "open") {
        old.setAttribute(name, value);
      }
    }
  }

  function morphChildren(old, wanted) {
    const wantedIds = new Set([...wanted.children].map((child) => child.id).filter(Boolean));
    const known = new Map();
    for (const child of [...old.children]) {
      if (child.id && !wantedIds.has(child.id)) {
        child.remove();
      } else if (child.id) {
        known.set(child.id, child);
      }
    }
    let at = old.firstChild;
    for (const child of [...wanted.childNodes]) {
      const same = child.id ? known.get(child.id) : undefined;
      if (same) {
        at = dropUntil(at, same);
        if (at === same) {
          at = at.nextSibling;
        } else {
          old.insertBefore(same, at);
        }
        morph(same, child);
      } else if (at && !at.id && !child.id && at.nodeName === child.nodeName) {
        const next = at.nextSibling;
        morph(at, child);
        at = next;
      } else {
        old.insertBefore(child, at);
      }
    }
    while (at) {
      const next = at.nextSibling;
      at.remove();
      at = next;
    }
  }

  function dropUntil(from, wanted) {
    let at = from;
    while (at && at !== wanted && !at.id) {
      const next = at.nextSibling;
      at.remove();
      at = next;
    }
    return at;
  }
};
