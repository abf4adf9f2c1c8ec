// A menu closes when somebody looks elsewhere; Escape gives the focus back to its button. Walking the history keeps its order.
(() => {
  "use strict";

  // Of two steps back or forth in quick succession only the last one's page may come.
  let restoring;
  document.addEventListener("htmx:historyCacheMiss", (event) => {
    if (restoring) restoring.abort();
    restoring = event.detail.xhr;
  });

  const open = () => document.querySelectorAll("details[data-menu][open]");

  document.addEventListener("click", (event) => {
    for (const menu of open()) if (!menu.contains(event.target)) menu.open = false;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of open()) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });
})();
