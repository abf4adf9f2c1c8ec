// htmx does not swap 4xx and 5xx: this one listener says in the alert region what happened. A form with data-keep shows a 409 itself.
(() => {
  "use strict";

  const region = () => document.getElementById("alerts");

  function show(sentence) {
    const line = document.createElement("p");
    line.className = "alert";
    const words = document.createElement("span");
    words.textContent = sentence;
    const close = document.createElement("button");
    close.type = "button";
    close.className = "quiet";
    close.textContent = "Dismiss";
    close.addEventListener("click", () => line.remove());
    line.append(words, close);
    region().replaceChildren(line);
  }

  function sentence(xhr) {
    const type = xhr.getResponseHeader("Content-Type") || "";
    const body = type.startsWith("text/html") ? new DOMParser().parseFromString(xhr.responseText, "text/html").body.textContent : xhr.responseText;
    const said = body.replace(/\s+/g, " ").trim();
    if (xhr.status < 500 && said && said.length < 400) return said;
    if (xhr.status === 403) return "The session ended. Your typing is kept: sign in again in another tab, then send it once more.";
    if (xhr.status >= 500) return `The server failed (${xhr.status}). Nothing of this was stored; what you typed is still here. Try again.`;
    return `The server refused this (${xhr.status}).`;
  }

  document.addEventListener("htmx:beforeSwap", (event) => {
    const { xhr, requestConfig } = event.detail;
    const keeps = requestConfig && requestConfig.elt.matches("[data-keep]");
    if (keeps && (xhr.status === 409 || xhr.status === 400)) {
      event.detail.shouldSwap = true;
      event.detail.isError = false;
    }
    if (new URL(xhr.responseURL || location.href).pathname.startsWith("/login/") && location.pathname !== "/login/") {
      event.detail.shouldSwap = false;
      show("The session ended. Your typing is kept: sign in again in another tab, then send it once more.");
    }
  });
  document.addEventListener("htmx:responseError", (event) => show(sentence(event.detail.xhr)));
  for (const name of ["htmx:sendError", "htmx:timeout"]) {
    document.addEventListener(name, () => show("The server does not answer. Nothing of this was stored; what you typed is still here. Try again."));
  }
  document.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.successful && event.detail.requestConfig.verb !== "get") region().replaceChildren();
  });
})();
