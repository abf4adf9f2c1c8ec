// What is typed at the desk but not sent survives a reload and a crash: text in a [data-draft=FIELD] of a [data-node] in a [data-session].
// Kept in this browser for this person and project until the server has it, the text is emptied, or the person signs out.
(() => {
  "use strict";

  const HEAD = `deskdraft:${document.body.dataset.user}:${document.body.dataset.project}:`;
  const FIELDS = { note: "note", rewrite: "rewrite", own: "text" };
  const nameOf = (session, node, field) => `${HEAD}${session}:${node}:${field}`;

  function keep(session, node, field, text) {
    try {
      localStorage.setItem(nameOf(session, node, field), text);
    } catch {
      // No room: the text stays in its field.
    }
  }
  const of = (session, node, field) => localStorage.getItem(nameOf(session, node, field));
  const forget = (session, node, field) => localStorage.removeItem(nameOf(session, node, field));

  document.addEventListener("input", ({ target }) => {
    const node = target.closest("[data-draft]") && target.closest("[data-node]");
    if (node) keep(node.closest("[data-session]").dataset.session, node.dataset.node, target.dataset.draft, target.value);
  });
  // What was typed on while the server answered is another text, and stays.
  document.addEventListener("outbox:saved", ({ detail: { act } }) => {
    for (const [field, sent] of Object.entries(FIELDS)) {
      const at = [act.session, act.node ?? act.parent, field];
      if ((of(...at) || "").trim() === (act[sent] || "").trim()) forget(...at);
    }
  });
  document.addEventListener("submit", (event) => {
    if (!("leaves" in event.target.dataset)) return;
    for (const name of Object.keys(localStorage)) if (name.startsWith("deskdraft:")) localStorage.removeItem(name);
  });

  window.Drafts = { keep, of, forget };
})();
