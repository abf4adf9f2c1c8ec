// Renders data-tex sources into DOM nodes when they come near the window. A formula that KaTeX refuses keeps its text.
(() => {
  "use strict";

  const OPTIONS = { trust: false, throwOnError: false, maxExpand: 200, strict: "ignore" };

  function render(element) {
    if (element.dataset.done) return;
    element.dataset.done = "1";
    const source = element.textContent;
    const options = { ...OPTIONS, displayMode: "display" in element.dataset };
    try {
      // Parsed first: what KaTeX draws for a formula it cannot parse carries an inline style, which the policy forbids.
      katex.__parse(element.dataset.tex, options);
      katex.render(element.dataset.tex, element, options);
    } catch (error) {
      element.textContent = source;
      // Nobody said that it is a formula: it only looked like one.
      if ("guess" in element.dataset) return;
      element.classList.add("tex-refused");
      element.title = error instanceof katex.ParseError ? error.message : "This formula cannot be drawn.";
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

  // What is put in out of sight is drawn before it is shown.
  document.addEventListener("formulae:draw", ({ target }) => typeof katex !== "undefined" && target.querySelectorAll("[data-tex]").forEach(render));
  for (const name of ["DOMContentLoaded", "htmx:afterSettle", "htmx:historyRestore"]) document.addEventListener(name, find);
})();
