// Marks the fields of a form that say something else than the run that is asked for again.
(() => {
  "use strict";

  const controls = (field) => [...field.querySelectorAll("input:not([type=hidden]), select, textarea")];
  // Several boxes of one field say one text: the ticked ones, with commas.
  const ticked = (field) => [...field.querySelectorAll("input:checked")].map((box) => box.value).join(", ");
  const one = (control) => (control.type === "checkbox" ? String(control.checked) : control.value.trim());
  const said = (field) => ("joined" in field.dataset ? ticked(field) : one(controls(field)[0]));

  function mark(field) {
    const differs = said(field) !== field.dataset.was;
    field.classList.toggle("changed", differs);
    field.querySelector(".was").hidden = !differs;
  }

  function touched(control) {
    if (control.type === "checkbox") return control.checked !== control.defaultChecked;
    if (control.tagName === "SELECT") return !control.options[control.selectedIndex]?.defaultSelected;
    return control.value !== control.defaultValue;
  }

  document.addEventListener("input", (event) => {
    const field = event.target.closest(".field[data-was]");
    if (field) mark(field);
  });
  // As sent, the page is marked; what was typed before this was read, or is filled in again by the browser, is not.
  function catchUp() {
    for (const field of document.querySelectorAll(".field[data-was]")) if (controls(field).some(touched)) mark(field);
  }
  document.addEventListener("DOMContentLoaded", catchUp);
  addEventListener("pageshow", catchUp);
})();
