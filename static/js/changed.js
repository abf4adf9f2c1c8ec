// Marks the fields of a form that say something else than the run that is asked for again.
(() => {
  "use strict";

  // Several boxes of one field say one text: the ticked ones, with commas.
  const ticked = (field) => [...field.querySelectorAll("input:checked")].map((box) => box.value).join(", ");
  const one = (control) => (control.type === "checkbox" ? String(control.checked) : control.value.trim());
  const said = (field, control) => ("joined" in field.dataset ? ticked(field) : one(control));

  document.addEventListener("input", (event) => {
    const field = event.target.closest(".field[data-was]");
    if (!field) return;
    const differs = said(field, event.target) !== field.dataset.was;
    field.classList.toggle("changed", differs);
    field.querySelector(".was").hidden = !differs;
  });
})();
