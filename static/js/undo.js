// The last 50 things a person did in this tab, across items and reloads. An entry is {undo: [acts], item, words}; an act with `undo_of`
// takes back the act of that key. pop() fires desk:undo {entry}: the page shows it; unless it calls preventDefault the acts are sent from here.
(() => {
  "use strict";

  const NAME = `undo:${document.body.dataset.user}:${document.body.dataset.project}`;
  const MOST = 50;
  const read = () => JSON.parse(sessionStorage.getItem(NAME) || "[]");
  const write = (entries) => sessionStorage.setItem(NAME, JSON.stringify(entries.slice(-MOST)));

  function push(entry) {
    write([...read(), entry]);
  }

  function pop() {
    const entries = read();
    const entry = entries.pop();
    if (!entry) {
      window.Desk.say("Nothing to undo.");
      return null;
    }
    write(entries);
    const shown = new CustomEvent("desk:undo", { detail: entry, cancelable: true });
    if (document.dispatchEvent(shown)) entry.undo.forEach((act) => window.Outbox.send(act));
    window.Desk.say(`Undone: ${entry.words}`);
    return entry;
  }

  // What is taken back is known by its version once it is stored; what was not stored has nothing to take back.
  document.addEventListener("outbox:saved", ({ detail: { act, result } }) => {
    const learn = (one) => (one.undo_of === act.key && result.version ? { ...one, seen: result.version } : one);
    write(read().map((entry) => ({ ...entry, undo: entry.undo.map(learn) })));
  });
  document.addEventListener("outbox:refused", ({ detail: { act } }) => {
    const rest = (entry) => ({ ...entry, undo: entry.undo.filter((one) => one.undo_of !== act.key) });
    write(read().map(rest).filter((entry) => entry.undo.length));
  });

  window.Undo = { push, pop, size: () => read().length };
})();
