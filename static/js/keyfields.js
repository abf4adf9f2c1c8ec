// A key field takes the key that is pressed in it, and says at once when two acts would share one. Without scripts it is typed.
(() => {
  "use strict";

  const fields = (form) => [...form.querySelectorAll("input[data-usual]")];
  const wordsOf = (field) => field.labels[0].textContent;

  function check(form) {
    for (const field of fields(form)) {
      const other = fields(form).find((one) => one !== field && one.value === field.value);
      const line = field.closest(".keyrow").querySelector(".shared");
      line.textContent = other ? `also the key of “${wordsOf(other)}”` : field.value === field.dataset.usual ? "" : `usually ${field.dataset.usual}`;
      field.toggleAttribute("aria-invalid", Boolean(other));
      if (other) field.setAttribute("aria-invalid", "true");
    }
  }

  document.addEventListener("keydown", (event) => {
    const field = event.target.closest(".keymap input[data-usual]");
    if (!field || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    const key = event.key === " " ? "Space" : event.key;
    if (key.length > 1 && !field.form.dataset.named.split(" ").includes(key)) return;
    event.preventDefault();
    field.value = key;
    check(field.form);
  });
  document.addEventListener("focusin", (event) => event.target.closest(".keymap input[data-usual]")?.select());
  document.addEventListener("input", (event) => event.target.form?.matches(".keymap") && check(event.target.form));
})();
