// Renders data-tex sources into DOM nodes when they come near the window. A formula that KaTeX refuses keeps its source.
(() => {
  "use strict";

  const OPTIONS = { trust: false, throwOnError: false, maxExpand: 200, strict: "ignore" };

  function render(element) {
    if (element.dataset.done) return;
    element.dataset.done = "1";
    const source = element.textContent;
    try {
      katex.render(element.dataset.tex, element, { ...OPTIONS, displayMode: "display" in element.dataset });
    } catch {
      element.textContent = source;
    }
  }

  const near = new IntersectionObserver(
    (entries) => {
      for (const entry of entries) {
        if (!entry.isIntersecting) continue;
        near.unobserve(entry.target);
        render(entry.target);
      }
    },
    { rootMargin: "600px" },
  );

  function find() {
    if (typeof katex === "undefined") return;
    for (const element of document.querySelectorAll("[data-tex]:not([data-done])")) near.observe(element);
  }

  for (const name of ["DOMContentLoaded", "htmx:afterSettle", "htmx:historyRestore"]) document.addEventListener(name, find);
})();
