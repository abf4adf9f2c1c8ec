// The item in hand: which step is current and what its person says of each, seen at once and sent by the outbox. Acts answer desk:act.
(() => {
  "use strict";

  const find = (selector, root = document) => root.querySelector(selector);
  const every = (selector, root = document) => [...root.querySelectorAll(selector)];
  const tools = find("#acts");
  const kinds = new Map(JSON.parse(find("#desk-categories").textContent).map((kind) => [kind.key, kind]));
  // Items of one tree share steps: what is said of one is said of all its copies on the page.
  const copies = ({ node }) => (node ? every(`.step[data-node="${node}"]`) : []);
  const has = (step, flag) => flag in step.dataset;

  const word = (step) => ({
    rating: step.dataset.rating || null, category: step.dataset.category,
    note: find(".note", step).textContent, rewrite: find(".rewrite", step).textContent,
    flagged: has(step, "flagged"), chosen: has(step, "chosen"),
  });

  // Shows a person's word on a step, and what is revealed after the decision.
  function put(step, { rating, category, note, rewrite, flagged, chosen }) {
    Object.assign(step.dataset, { rating: rating || "", category: category || "" });
    step.toggleAttribute("data-flagged", Boolean(flagged));
    step.toggleAttribute("data-chosen", Boolean(chosen));
    find(".note", step).textContent = note || "";
    find(".rewrite", step).textContent = rewrite || "";
    const kind = category && (kinds.get(category) || { name: category }).name;
    find(".stands", step).textContent = [kind, flagged && "flagged", chosen && "chosen"].filter(Boolean).join(", ");
    find(".rated", step).textContent = rating ? `, ${rating}` : "";
    const revealed = find(".pre", step);
    if (rating && revealed) revealed.hidden = false;
  }

  // Which aids had been in sight of a step.
  function shown(step) {
    const { prelabels, sawReference, sawEvidence } = Desk.item.dataset;
    const open = (element, saw) => Boolean(element && (!element.hidden || saw === ""));
    const { prm, verdict } = (find(".pre:not([hidden])", step) || { dataset: {} }).dataset;
    return {
      prelabels, reference: open(find(".reference", Desk.item), sawReference), evidence: open(find(".evidence", step), sawEvidence),
      ...(prm && { prm: Number(prm) }), ...(verdict && { verdict }),
    };
  }

  // Says something of a step; returns the act that takes it back.
  function tell(step, changes) {
    const before = word(step);
    const now = { ...before, ...changes };
    if (now.rating === "correct") now.category = "";
    const about = { kind: "rate", session: Number(Desk.item.dataset.session), node: Number(step.dataset.node) };
    const aids = shown(step);
    for (const copy of copies(about)) put(copy, now);
    Desk.item.dataset.begun = "";
    const { key } = Outbox.send({ ...about, seen: Number(step.dataset.version), ...now, shown: aids });
    return { ...about, ...before, undo_of: key };
  }
  const done = (undo, words) => Undo.push({ undo, item: Desk.item.dataset.session, words });

  function where(step) {
    const all = every(has(step, "path") ? ".step[data-path]" : ".step:not([hidden])", has(step, "path") ? Desk.item : step.parentNode);
    const { name, rating } = step.dataset;
    return `${name} (${all.indexOf(step) + 1} of ${all.length})${rating && `: ${rating}`}`;
  }
  // A sentence for the eye and the ear.
  function remark(words) {
    find("#count").textContent = words;
    Desk.say(words);
  }

  const steps = () => every(".level:not([hidden]) .step:not([hidden])", Desk.item);
  function go(step) {
    if (!step) return;
    if (step !== Desk.step) Desk.leave();
    if (Desk.step) Desk.step.removeAttribute("aria-current");
    Desk.step = step;
    step.setAttribute("aria-current", "step");
    if (!step.contains(tools)) find(".said", step).append(tools);
    tools.hidden = false;
    for (const button of every("[aria-pressed]", tools)) button.setAttribute("aria-pressed", button.dataset.act === step.dataset.rating);
    Outbox.clock.start(step.dataset.node);
    Desk.lay();
    step.focus({ preventScroll: true });
    step.scrollIntoView({ block: "nearest" });
  }
  function walk(list, by) {
    const to = list[list.indexOf(Desk.step) + by];
    if (!to) return;
    go(to);
    Desk.say(where(to));
  }

  function toggle(selector, saw, none) {
    const all = every(selector, Desk.item);
    if (!all.length) return remark(none);
    const hide = !all[0].hidden;
    for (const element of all) element.hidden = hide;
    Desk.item.dataset[saw] = "";
    Desk.say(hide ? "Hidden." : all.map((element) => element.textContent).join(" "));
  }

  const acts = {
    next: () => walk(steps(), 1),
    previous: () => walk(steps(), -1),
    flag() {
      const flagged = !has(Desk.step, "flagged");
      done([tell(Desk.step, { flagged })], `flag of ${Desk.step.dataset.name}`);
      Desk.say(flagged ? "Flagged." : "No longer flagged.");
    },
    reference: () => toggle(".reference", "sawReference", "This item comes without a reference."),
    evidence: () => toggle(".evidence", "sawEvidence", "Nothing is refuted here."),
    undo: () => Undo.pop(),
  };
  document.addEventListener("desk:act", ({ detail: { name } }) => acts[name] && (Desk.item || ["look", "undo", "guidelines"].includes(name)) && acts[name]());
  document.addEventListener("click", ({ target }) => {
    const [button, step, close] = ["[data-act]", ".step", "[data-close]"].map((each) => target.closest(each));
    if (button) document.dispatchEvent(new CustomEvent("desk:act", { detail: { name: button.dataset.act } }));
    else if (close) close.closest("dialog").close();
    else if (step && step !== Desk.step && !String(getSelection())) go(step);
  });

  // The word beside a step: being saved, saved, or what is wrong.
  document.addEventListener("outbox:step", ({ detail: { act, state, words } }) => {
    for (const step of copies(act)) {
      const line = find(".state", step);
      line.textContent = words;
      line.dataset.state = state;
    }
  });
  document.addEventListener("outbox:saved", ({ detail: { act, result, elsewhere } }) => {
    for (const step of copies(act)) {
      if (result.version) step.dataset.version = result.version;
      if (elsewhere) put(step, act);
    }
  });
  document.addEventListener("outbox:resolved", ({ detail: { act, stands, mine } }) => {
    for (const step of copies(act)) {
      step.dataset.version = stands.version;
      put(step, mine ? act : stands);
    }
    if (Desk.step) go(Desk.step);
  });

  const Desk = Object.assign(window.Desk, { acts, kinds, find, every, has, word, put, tell, done, where, remark, steps, go, walk });
})();
