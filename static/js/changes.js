// The list of changed steps: j and k move the focus from line to line, Enter opens the one in focus as any link.
(() => {
  "use strict";

  for (const keyed of document.querySelectorAll(".keyed")) keyed.hidden = false;

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-step]");
    if (!button) return;
    const lines = [...document.querySelectorAll("[data-line]")];
    const at = lines.indexOf(document.activeElement);
    const by = Number(button.dataset.step);
    const line = lines[at < 0 ? (by > 0 ? 0 : lines.length - 1) : at + by];
    if (!line) return;
    line.focus();
    line.scrollIntoView({ block: "nearest" });
  });
})();
