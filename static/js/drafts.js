// What is typed but not sent survives a reload: kept in this tab for this person and project, gone once stored or signed out.
(() => {
  "use strict";

  const FIELDS = "textarea[name], select[name], input[type=text][name]";
  const prefix = () => `draft:${document.body.dataset.user}:${document.body.dataset.project}:`;
  const keyOf = (form) => prefix() + form.dataset.draft;

  function standing(field) {
    if (field.tagName !== "SELECT") return field.defaultValue;
    const chosen = [...field.options].find((option) => option.defaultSelected);
    return chosen ? chosen.value : "";
  }

  function keep(form) {
    const typed = {};
    for (const field of form.querySelectorAll(FIELDS)) if (field.value !== standing(field)) typed[field.name] = field.value;
    if (Object.keys(typed).length) sessionStorage.setItem(keyOf(form), JSON.stringify(typed));
    else sessionStorage.removeItem(keyOf(form));
  }

  function restore() {
    for (const form of document.querySelectorAll("form[data-draft]:not([data-draft-read])")) {
      form.dataset.draftRead = "1";
      const typed = JSON.parse(sessionStorage.getItem(keyOf(form)) || "{}");
      const [early, rest] = [[], []];
      for (const field of form.querySelectorAll(FIELDS)) (field.value === standing(field) ? rest : early).push(field);
      for (const field of rest) if (field.name in typed) field.value = typed[field.name];
      // What somebody typed before this was read is newer than what was kept.
      if (early.length) keep(form);
    }
  }

  document.addEventListener("input", (event) => {
    const form = event.target.closest("form[data-draft]");
    if (form) keep(form);
  });
  document.addEventListener("step-labelled", (event) => sessionStorage.removeItem(`${prefix()}label-${event.detail.node}`));
  document.addEventListener("submit", (event) => {
    if (!("leaves" in event.target.dataset)) return;
    for (const key of Object.keys(sessionStorage)) if (key.startsWith("draft:")) sessionStorage.removeItem(key);
  });
  for (const name of ["DOMContentLoaded", "htmx:afterSettle", "htmx:historyRestore"]) document.addEventListener(name, restore);
})();
