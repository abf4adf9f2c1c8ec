// Three steps that are rated by keys: the least page that uses all scripts of the desk.
(() => {
  const steps = () => [...document.querySelectorAll(".step")];
  const session = Number(document.querySelector(".item").dataset.session);
  const heard = (window.heard = []);
  const one = (node) => document.querySelector(`.step[data-node="${node}"]`);
  let here = 0;
  const rate = (node, rating, more) => Outbox.send({ kind: "rate", session, node, seen: Number(one(node).dataset.version), rating, category: "",
    note: document.querySelector("textarea").value, rewrite: "", flagged: false, chosen: false, ...more });
  document.addEventListener("desk:act", ({ detail: { name } }) => {
    heard.push(name);
    if (name === "undo") Undo.pop();
    if (name === "next") here += 1;
    if (!["correct", "neutral", "incorrect"].includes(name)) return;
    const node = Number(steps()[here].dataset.node);
    const act = rate(node, name);
    Undo.push({ item: session, words: `step ${node} ${name}`, undo: [{ ...act, key: "", rating: null, undo_of: act.key }] });
    Desk.say(`Step ${node} of 3: ${name}`, node);
    here = Math.min(here + 1, 2);
  });
  document.addEventListener("outbox:step", ({ detail: { act, words } }) => {
    if (act.node && one(act.node)) one(act.node).querySelector("em").textContent = words;
  });
  document.addEventListener("outbox:saved", ({ detail: { act, result } }) => {
    if (act.node && one(act.node)) one(act.node).dataset.version = result.version;
  });
  document.addEventListener("outbox:state", ({ detail: { waiting } }) => { document.body.dataset.waiting = waiting; });
  window.rate = rate;
})();
