// The review page: a row opens its step beside the list; a label marks its row and opens the next one.
(() => {
  "use strict";

  const rows = () => [...document.querySelectorAll("#rows a[data-node]")];
  const rowOf = (node) => document.querySelector(`#rows a[data-node="${node}"]`);
  const narrow = () => matchMedia("(max-width: 760px)").matches;
  let shown = performance.now();
  let ends = null;

  // What stands beyond the list: the pages before and after it.
  function edges() {
    const page = (rel) => document.querySelector(`.found .paging a[rel="${rel}"]`);
    return { above: page("prev")?.href, below: page("next")?.href };
  }

  function point(link, url) {
    if (!link) return;
    if (url) link.href = url;
    else link.removeAttribute("href");
    link.toggleAttribute("aria-disabled", !url);
  }

  function select(node) {
    const all = rows();
    const at = all.findIndex((row) => row.dataset.node === node);
    for (const row of all) row.removeAttribute("aria-current");
    ends = edges();
    point(document.getElementById("later"), all[at + 1]?.href);
    point(document.getElementById("sooner"), at > 0 ? all[at - 1].href : "");
    if (at < 0) return;
    all[at].setAttribute("aria-current", "true");
    all[at].scrollIntoView({ block: "nearest" });
  }

  function turn(url) {
    return htmx.ajax("GET", url, { source: "#review", target: "#review", swap: "outerHTML show:none", push: "true" });
  }

  // Past the last row j opens the next page, before the first one k the page before.
  document.addEventListener("click", (event) => {
    const link = event.target.closest("#later, #sooner");
    if (!link || link.href) return;
    ends = edges();
    const url = link.id === "later" ? ends.below : ends.above;
    if (url) turn(url);
  });

  document.addEventListener("step-labelled", (event) => {
    const { node, rating, next } = event.detail;
    const row = rowOf(node);
    const mark = row?.querySelector(".rating");
    if (mark) {
      mark.className = `rating mark ${rating || "none"}`;
      mark.textContent = rating || "no label";
    }
    // An undo names the place to go back to; a label goes on.
    const onward = next ? row : rows()[rows().indexOf(row) + 1];
    if (onward) onward.click();
    else if (!next && edges().below) turn(edges().below);
  });

  document.addEventListener("htmx:configRequest", (event) => {
    if (event.detail.elt.id === "label") event.detail.parameters.seconds = ((performance.now() - shown) / 1000).toFixed(1);
  });

  document.addEventListener("htmx:afterSettle", (event) => {
    const id = event.detail.target?.id;
    if (id !== "step" && id !== "review") return;
    shown = performance.now();
    const head = document.querySelector("#step [data-node]");
    select(head ? head.dataset.node : "");
    if (id === "step" && narrow()) document.getElementById("step").scrollIntoView({ block: "start" });
  });

  document.addEventListener("htmx:historyRestore", () => select(document.querySelector("#step [data-node]")?.dataset.node ?? ""));
})();
