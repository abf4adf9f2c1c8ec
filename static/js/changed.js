// Marks the fields of a form that say something else than the run that is asked for again.
(() => {
  "use strict";

  const said = (control) => (control.type === "checkbox" ? String(control.checked) : control.value.trim());

  document.addEventListener("input", (event) => {
    const field = event.target.closest(".field[data-was]");
    if (!field) return;
    const differs = said(event.target) !== field.dataset.was;
    field.classList.toggle("changed", differs);
    field.querySelector(".was").hidden = !differs;
  });
})();
