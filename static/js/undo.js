// The last 50 things that a person did in this tab, across items and reloads: {undo: [acts], item, words}; an act with `undo_of` takes
// back the act of that key. pop() fires desk:undo with the entry, for the page to show, and sends its acts unless that is prevented.
(() => {
  "use strict";

  const NAME = `undo:${document.body.dataset.user}:${document.body.dataset.project}`;
  const MOST = 50;
  const read = () => JSON.parse(sessionStorage.getItem(NAME) || "[]");
  const write = (entries) => sessionStorage.setItem(NAME, JSON.stringify(entries.slice(-MOST)));

  function pop() {
    const entries = read();
    const entry = entries.pop();
    if (!entry) return window.Desk.say("Nothing to undo.");
    write(entries);
    window.Desk.say(`Undone: ${entry.words}`);
    const shown = new CustomEvent("desk:undo", { detail: entry, cancelable: true });
    if (document.dispatchEvent(shown)) entry.undo.forEach(window.Outbox.send);
  }

  // What is taken back is known by its version once it is stored; what was refused has nothing to take back.
  document.addEventListener("outbox:saved", ({ detail: { act, result: { version } } }) => {
    const learn = (one) => (one.undo_of === act.key && version ? { ...one, seen: version } : one);
    write(read().map((entry) => ({ ...entry, undo: entry.undo.map(learn) })));
  });
  document.addEventListener("outbox:refused", ({ detail: { act } }) => {
    const left = read().map((entry) => ({ ...entry, undo: entry.undo.filter((one) => one.undo_of !== act.key) }));
    write(left.filter(({ undo }) => undo.length));
  });

  window.Undo = { push: (entry) => write([...read(), entry]), pop, size: () => read().length };
})();
