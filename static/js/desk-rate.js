// Rating and walking: a path up to its first error, with what else was tried there; a tree by the ways to go on, of which one is chosen.
(() => {
  "use strict";

  const { find, every, has, tell, done, remark, steps, go, walk } = Desk;
  const inTree = () => Desk.item.dataset.mode === "tree";
  const path = () => every(".step[data-path]", Desk.item);
  const wrong = (step) => step.dataset.rating === "incorrect";
  const below = (node) => find(`.level[data-above="${node}"]`, Desk.item);
  const chosen = (level) => find(".step[data-chosen]", level);
  const ways = () => every(".step:not([hidden])", Desk.step.parentNode);

  // What stands on the page follows from what is said of the steps.
  function lay() {
    const { rate, alternatives } = Desk.item.dataset;
    const error = path().find(wrong);
    let after = false;
    for (const step of path()) {
      step.toggleAttribute("data-after", after);
      after ||= rate === "first_error" && step === error;
    }
    if (inTree()) layTree();
    else for (const step of every(".step:not([data-path])", Desk.item)) step.hidden = alternatives !== "" || !error || step.parentNode !== error.parentNode;
    const all = asked();
    const rated = all.filter((step) => step.dataset.rating).length;
    Object.assign(find("#done"), { max: all.length || 1, value: rated });
    find("#count").textContent = `${rated} of ${all.length} rated`;
    find("#ends .primary").classList.toggle("waits", Boolean(finish().why));
  }
  function layTree() {
    for (const level of every(".level", Desk.item)) level.hidden = true;
    for (let level = below(0); level;) {
      const way = chosen(level);
      level.hidden = false;
      for (const step of every(".step", level)) step.hidden = way && step !== way && !level.contains(Desk.step);
      level = way && below(way.dataset.node);
    }
  }
  const asked = () => every(".level:not([hidden]) .step:not([data-after])", Desk.item).filter((step) => inTree() || !step.hidden);

  // After a rating: the next step; among ways the next unrated one, in a tree then the best.
  function following(step) {
    if (!inTree() && has(step, "path")) {
      if (wrong(step) && Desk.item.dataset.rate === "first_error") return step;
      const next = steps()[steps().indexOf(step) + 1];
      return next && !has(next, "after") ? next : step;
    }
    const these = ways();
    const rated = (rating) => (way) => way.dataset.rating === rating;
    const open = [...these.slice(these.indexOf(step)), ...these].find(rated(""));
    return open || (inTree() && (chosen(step.parentNode) || these.find(rated("correct")) || these.find(rated("neutral")))) || step;
  }

  // `earlier`: the unrated steps before this one are correct.
  function rate(rating, earlier) {
    const { step } = Desk;
    if (has(step, "after")) return remark("Nothing after the first error is rated here.");
    const before = earlier && has(step, "path") ? path().slice(0, path().indexOf(step)).filter((other) => !other.dataset.rating) : [];
    const undo = before.map((other) => tell(other, { rating: "correct" }));
    if (step.dataset.rating !== rating) undo.push(tell(step, rating === "incorrect" ? { rating, chosen: false } : { rating }));
    const also = before.length ? `, ${before.length} before it correct` : "";
    if (undo.length) done(undo, `${step.dataset.name} ${rating}${also}`);
    Desk.lay();
    const words = Desk.where(step) + also;
    go(following(step));
    Desk.say(words, step.dataset.node);
  }

  // Goes on with the current step: in a tree it is the one that was chosen.
  function choose() {
    const { step } = Desk;
    if (!inTree()) return walk(path(), 1);
    if (!step.dataset.rating) return remark("Rate this step before you go on with it.");
    if (wrong(step)) return remark("This step is incorrect: go on with another, or write your own.");
    if (!has(step, "chosen")) {
      const others = every(".step[data-chosen]", step.parentNode).map((other) => tell(other, { chosen: false }));
      done([...others, tell(step, { chosen: true })], `choice of ${step.dataset.name}`);
    }
    go(step);
    const level = below(step.dataset.node);
    const next = level && (chosen(level) || find('.step[data-rating=""]', level) || find(".step", level));
    if (!next) return remark("The solution ends here: submit it, or go back.");
    go(next);
    Desk.say(`Chosen. ${Desk.where(next)}`);
  }
  function parent() {
    const { above } = Desk.step.closest(".level").dataset;
    if (inTree()) go(above !== "0" && find(`.step[data-node="${above}"]`, Desk.item));
    else walk(path(), -1);
  }
  function back() {
    if (has(Desk.step, "chosen")) done([tell(Desk.step, { chosen: false })], `choice of ${Desk.step.dataset.name} taken back`);
    else parent();
    Desk.lay();
  }

  // How the item ends as it is rated, or what stands against that and where.
  function finish() {
    const open = asked().find((step) => !step.dataset.rating);
    if (open) return { step: open, why: `${open.dataset.name} is not rated yet.` };
    if (!inTree()) return { finish: path().some(wrong) ? "found_error" : "solution" };
    const last = every(".level:not([hidden])", Desk.item).pop();
    if (chosen(last)) return { finish: "solution" };
    if (!find(".own", last).hidden || every(".step", last).every(wrong)) return { finish: "found_error" };
    return { step: find(".step", last), why: "Choose a step to go on with, write your own, or end otherwise." };
  }

  Object.assign(Desk, { lay, finish });
  Object.assign(Desk.acts, {
    correct: () => rate("correct"),
    neutral: () => rate("neutral"),
    incorrect: () => rate("incorrect"),
    error: () => rate("incorrect", true),
    all_correct: () => rate("correct", true),
    left: () => walk(ways(), -1),
    right: () => walk(ways(), 1),
    child: choose, choose, parent, back,
  });
})();
