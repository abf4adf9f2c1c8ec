// A refused form comes back with status 400 and its refusals; htmx would leave the old one standing.
document.addEventListener("htmx:beforeSwap", (event) => {
  if (!event.detail.xhr.getResponseHeader("X-Form-Again")) return;
  event.detail.shouldSwap = true;
  event.detail.isError = false;
});

document.addEventListener("htmx:afterSwap", (event) => {
  event.target.querySelector?.("[aria-invalid=true]")?.focus();
});
