// What is typed at the desk but not sent survives a reload and a crash: kept in this browser for this person and project, by session, step
// and field, until the server has that text. What was typed on meanwhile is another text, and stays.
(() => {
  "use strict";

  const { user, project } = document.body.dataset;
  const named = (...of) => `deskdraft:${user}:${project}:${of.join(":")}`;

  document.addEventListener("outbox:saved", ({ detail: { act } }) => {
    for (const field of ["note", "rewrite", "text"]) {
      const name = named(act.session, act.node ?? act.parent, field);
      if (field in act && (localStorage.getItem(name) || "").trim() === act[field].trim()) localStorage.removeItem(name);
    }
  });

  window.Drafts = {
    of: (session, node, field) => localStorage.getItem(named(session, node, field)),
    keep(session, node, field, text) {
      try {
        localStorage.setItem(named(session, node, field), text);
      } catch {
        // No room: the text stays in its field.
      }
    },
    forget: (session, node, field) => localStorage.removeItem(named(session, node, field)),
  };
})();
