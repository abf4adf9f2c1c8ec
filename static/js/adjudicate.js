// A disagreement decided by keys: j and k walk the steps, c n i rate where one stands, e puts the first error there, Enter decides.
(() => {
  "use strict";

  const RATE = { c: "correct", n: "neutral", i: "incorrect" };
  const rows = () => [...document.querySelectorAll("#decide tr[data-row]")];
  const current = () => document.querySelector("#decide tr[data-row].current");
  const typing = (element) => Boolean(element.closest("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]"));
  const acting = (element) => Boolean(element.closest("a, button, summary"));
  const picks = (row) => [...row.querySelectorAll("input[type=radio]")];
  const rated = (row) => row.querySelector("input[type=radio]:checked")?.value || "";
  const named = (row) => row.querySelector(".no").firstChild.textContent.trim();

  function stand(row, focus = true) {
    current()?.classList.remove("current");
    if (!row) return;
    row.classList.add("current");
    if (focus) row.focus({ preventScroll: true });
    row.scrollIntoView({ block: "nearest" });
    // A question that is begun now is about this step.
    const about = document.getElementById("about");
    if (about && !document.getElementById("text").value) about.value = row.dataset.row;
  }

  function walk(by) {
    const all = rows();
    const at = all.indexOf(current());
    stand(all[at < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(Math.max(at + by, 0), all.length - 1)]);
  }

  function rate(row, value) {
    const pick = picks(row).find((found) => found.value === value);
    if (pick) pick.checked = true;
  }

  function errorHere(row) {
    const path = rows().filter((each) => !each.classList.contains("aside"));
    const at = path.indexOf(row);
    if (at < 0) return rate(row, "incorrect");
    path.forEach((each, place) => {
      if (place < at && (!rated(each) || rated(each) === "incorrect")) rate(each, "correct");
      if (place > at && document.getElementById("dispute").dataset.firstError === "first_error") rate(each, "");
    });
    return rate(row, "incorrect");
  }

  // What the ratings come to, in words, beside the button that stores them.
  function tell() {
    const path = rows().filter((each) => !each.classList.contains("aside"));
    const wrong = path.find((each) => rated(each) === "incorrect");
    const outcome = document.getElementById("outcome");
    for (const row of path) row.querySelector("td.own").classList.toggle("error", row === wrong);
    if (!outcome) return;
    const some = rows().some((each) => rated(each));
    const words = wrong ? `First error: step ${named(wrong)}` : some ? "No error" : "Nothing rated yet";
    if (outcome.textContent !== words) outcome.textContent = words;
  }

  function act(key) {
    if (key === "j" || key === "k") return walk(key === "j" ? 1 : -1);
    const row = current();
    if (!row) return undefined;
    if (key === "e") errorHere(row);
    else rate(row, rated(row) === RATE[key] ? "" : RATE[key]);
    tell();
    return key === "e" ? undefined : walk(1);
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("#decide [data-act]");
    if (button) act(button.dataset.act);
  });

  // Enter decides, unless it stands on something that Enter opens; in a text it takes Ctrl.
  document.addEventListener("keydown", (event) => {
    const own = document.getElementById("own");
    if (!own || event.key !== "Enter" || event.defaultPrevented || event.altKey || document.querySelector("dialog[open]")) return;
    const held = event.ctrlKey || event.metaKey;
    if (held ? event.target.closest(".say") : typing(event.target) || acting(event.target)) return;
    event.preventDefault();
    own.form.requestSubmit(own);
  });

  document.addEventListener("change", (event) => {
    if (event.target.closest("#decide")) tell();
  });
  document.addEventListener("focusin", (event) => {
    const row = event.target.closest("#decide tr[data-row]");
    if (row && row !== current()) stand(row, false);
  });

  // The first step that they see differently is where a reviewer begins.
  function begin() {
    if (!rows().length) return;
    tell();
    if (!current() && !matchMedia("(max-width: 760px)").matches) stand(document.querySelector("#decide tr.differs") || rows()[0]);
  }
  for (const name of ["DOMContentLoaded", "htmx:afterSettle", "htmx:historyRestore"]) document.addEventListener(name, begin);
})();
