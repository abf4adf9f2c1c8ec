// Shows how much of a file has been sent, in the progress bar of its form.
(() => {
  "use strict";

  const bar = (event) => event.target.closest?.("[data-upload]")?.querySelector("progress");

  document.addEventListener("htmx:xhr:progress", (event) => {
    const found = bar(event);
    if (!found || !event.detail.lengthComputable) return;
    found.hidden = false;
    found.value = event.detail.loaded / event.detail.total;
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    const found = bar(event);
    if (found) found.hidden = true;
  });
})();
