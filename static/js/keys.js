// One key a decision: an element with data-key is clicked (or focused, if it takes text) by that key. Keys rest while somebody types.
(() => {
  "use strict";

  const NAMES = { ArrowLeft: "h", ArrowDown: "j", ArrowUp: "k", ArrowRight: "l" };
  const typing = (element) => Boolean(element.closest("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]"));
  const taken = (element, key) => key.startsWith("Arrow") && Boolean(element.closest("summary, [role=tab], svg"));

  function press(key) {
    const target = [...document.querySelectorAll(`[data-key="${CSS.escape(key)}"]`)].find((found) => !found.disabled);
    if (!target) return false;
    // What htmx has just put in is not bound yet: its form would be sent as a page's. The key waits for that moment.
    if (target.closest(".htmx-added")) {
      setTimeout(() => press(key), 20);
      return true;
    }
    const fold = target.closest("details:not([open])");
    if (fold) fold.open = true;
    if (typing(target)) {
      target.focus();
      target.scrollIntoView({ block: "nearest" });
    } else target.click();
    return true;
  }

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape" && typing(event.target)) {
      event.target.blur();
      return;
    }
    if (typing(event.target) || taken(event.target, event.key) || document.querySelector("dialog[open]")) return;
    const walk = document.querySelector("[data-walk]");
    const key = walk && NAMES[event.key] ? NAMES[event.key] : event.key;
    if (press(key)) event.preventDefault();
  });

  function list() {
    const seen = new Set();
    const rows = [];
    for (const element of document.querySelectorAll("[data-key][data-help]")) {
      if (seen.has(element.dataset.key)) continue;
      seen.add(element.dataset.key);
      const term = document.createElement("dt");
      const cap = document.createElement("kbd");
      cap.textContent = element.dataset.key;
      term.append(cap);
      const words = document.createElement("dd");
      words.textContent = element.dataset.help;
      rows.push(term, words);
    }
    document.querySelector("#keys .keys-list").replaceChildren(...rows);
  }

  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-open]");
    if (!opener) return;
    if (opener.dataset.open === "keys") list();
    document.getElementById(opener.dataset.open).showModal();
  });
})();
