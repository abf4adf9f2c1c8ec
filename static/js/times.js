// Keeps relative times true while a page stays open, and says exact ones in the reader's own zone.
(() => {
  "use strict";

  const UNITS = [[86400, "d"], [3600, "h"], [60, "min"]];

  function words(seconds) {
    for (const [size, unit] of UNITS) if (seconds >= size) return `${Math.floor(seconds / size)} ${unit} ago`;
    return "just now";
  }

  // A time of day; with its day where that is another one.
  function clock(when) {
    const time = when.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
    return when.toDateString() === new Date().toDateString() ? time : `${time} on ${when.toLocaleDateString()}`;
  }

  function refresh() {
    for (const element of document.querySelectorAll("time[data-clock]")) element.textContent = clock(new Date(element.dateTime));
    for (const element of document.querySelectorAll("time[data-ago]")) {
      const when = new Date(element.dateTime);
      element.textContent = words((Date.now() - when) / 1000);
      element.title = when.toLocaleString();
    }
  }

  document.addEventListener("htmx:afterSettle", refresh);
  document.addEventListener("DOMContentLoaded", refresh);
  setInterval(refresh, 30000);
})();
