// Shows the settings that the chosen method reads. Without it all are there, each naming the methods that read it.
(() => {
  "use strict";

  function show() {
    const method = document.getElementById("p-method");
    if (!method) return;
    for (const part of method.form.querySelectorAll("[data-only]")) {
      const read = part.dataset.only.split(" ").includes(method.value);
      part.hidden = !read && !part.querySelector("[aria-invalid]");
    }
    for (const words of method.form.querySelectorAll("[data-readers]")) words.hidden = true;
  }

  document.addEventListener("change", (event) => {
    if (event.target.id === "p-method") show();
  });
  document.addEventListener("htmx:afterSettle", show);
  document.addEventListener("DOMContentLoaded", show);
})();
