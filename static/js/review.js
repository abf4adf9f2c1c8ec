// The review page: a row opens its step beside the list; a label marks its row and opens the next one.
(() => {
  "use strict";

  const rows = () => [...document.querySelectorAll("#rows a[data-node]")];
  const rowOf = (node) => document.querySelector(`#rows a[data-node="${node}"]`);
  const narrow = () => matchMedia("(max-width: 760px)").matches;
  let shown = performance.now();
  let stays = false;

  function select(node) {
    for (const row of rows()) {
      if (row.dataset.node === node) row.setAttribute("aria-current", "true");
      else row.removeAttribute("aria-current");
    }
    rowOf(node)?.scrollIntoView({ block: "nearest" });
  }

  function stand() {
    const head = document.querySelector("#step [data-node]");
    if (head) select(head.dataset.node);
  }

  // By `by` rows down the list; beyond its ends lie the next page and the one before.
  function walk(by, from) {
    const all = rows();
    const at = all.indexOf(from || document.querySelector("#rows a[aria-current]"));
    const row = all[at + by];
    const page = document.querySelector(`.found .paging a[rel="${by > 0 ? "next" : "prev"}"]`);
    if (row) row.click();
    else if (page) page.click();
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest("#later, #sooner, #rows a[data-node]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    // The list goes on from the row that was asked for, be its step on the page yet or not.
    if (link.dataset.node) {
      select(link.dataset.node);
      return;
    }
    event.preventDefault();
    walk(link.id === "later" ? 1 : -1);
  });

  document.addEventListener("step-labelled", (event) => {
    const { node, rating, next } = event.detail;
    const row = rowOf(node);
    const mark = row?.querySelector(".rating");
    if (mark) {
      // What others say stands again where one's own word is taken back.
      mark.dataset.was ??= mark.textContent;
      mark.textContent = rating || mark.dataset.was;
      mark.className = `rating mark ${mark.textContent === "no label" ? "none" : mark.textContent}`;
    }
    // An undo names the place to go back to, a saved note stays where it is, a label goes on.
    if (next || stays) row?.click();
    else walk(1, row);
  });

  document.addEventListener("htmx:configRequest", (event) => {
    if (event.detail.elt.id !== "label") return;
    stays = !event.detail.formData.has("rating");
    event.detail.parameters.seconds = ((performance.now() - shown) / 1000).toFixed(1);
  });

  for (const name of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) document.addEventListener(name, stand);
  document.addEventListener("htmx:afterSettle", (event) => {
    const id = event.detail.target?.id;
    if (id !== "step" && id !== "review") return;
    shown = performance.now();
    stand();
    if (id === "step" && narrow()) document.getElementById("step").scrollIntoView({ block: "start" });
  });
})();
