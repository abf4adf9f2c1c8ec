// What is typed under the current step: its kind of error by a filter, a note, a rewrite with what differs, a step of one's own.
(() => {
  "use strict";

  const { find, tell, done, kinds } = Desk;
  const [form, area, differs] = ["#write", "#writing", "#differs"].map((id) => find(id));
  const [pick, filter, list] = ["#pick", "#category", "#categories"].map((id) => find(id));
  const above = () => Desk.step.closest(".level").dataset.above;
  const line = (node) => find(`.level[data-above="${node}"] .own .text`, Desk.item);
  // Label, text that stands, and how another text is kept; an empty one is taken back.
  const KINDS = {
    note: ["Note", (step) => Desk.word(step).note, (note) => [tell(Desk.step, { note })]],
    rewrite: [
      "The step as it should read", (step) => Desk.word(step).rewrite || step.dataset.text,
      (text) => [tell(Desk.step, { rewrite: text === Desk.step.dataset.text ? "" : text })],
    ],
    own: ["Your own step, instead of those here", () => line(above()).textContent, own],
  };
  function own(text) {
    const about = { kind: "own", session: Number(Desk.item.dataset.session), parent: Number(above()) };
    const undo = [{ ...about, text: line(above()).textContent }];
    Outbox.send({ ...about, text });
    Desk.item.dataset.begun = "";
    putOwn(about.parent, text);
    return undo;
  }
  function putOwn(node, text) {
    line(node).textContent = text;
    line(node).parentNode.hidden = !text;
  }

  const made = (tag, more) => Object.assign(document.createElement(tag), more);
  // Words that both texts hold in the same order stay; the others are struck out or put in.
  function difference(before, now) {
    const [one, two] = [before, now].map((text) => text.split(/(\s+)/).filter(Boolean));
    const common = one.map(() => []);
    const from = (i, j) => (common[i] && common[i][j]) || 0;
    for (let i = one.length; i--;) for (let j = two.length; j--;) common[i][j] = one[i] === two[j] ? from(i + 1, j + 1) + 1 : Math.max(from(i + 1, j), from(i, j + 1));
    const parts = [];
    for (let i = 0, j = 0; i < one.length || j < two.length;) {
      const same = i < one.length && one[i] === two[j];
      const gone = j === two.length || (i < one.length && from(i + 1, j) >= from(i, j + 1));
      parts.push(made(same ? "span" : gone ? "del" : "ins", { textContent: same || gone ? one[i++] : two[j++] }));
      j += same;
    }
    return parts;
  }
  function compare() {
    const { text } = Desk.step.dataset;
    differs.hidden = form.dataset.kind !== "rewrite" || area.value === text || text.length + area.value.length > 8000;
    if (!differs.hidden) differs.replaceChildren(...difference(text, area.value));
  }

  const draft = () => [Desk.item.dataset.session, ...(form.dataset.kind === "own" ? [above(), "text"] : [Desk.step.dataset.node, form.dataset.kind])];
  function write(kind) {
    leave();
    form.dataset.kind = kind;
    find("label", form).textContent = KINDS[kind][0];
    find(".said", Desk.step).append(form);
    form.hidden = false;
    area.value = Drafts.of(...draft()) ?? KINDS[kind][1](Desk.step);
    compare();
    area.focus();
    area.selectionStart = area.value.length;
  }
  function keep() {
    if (form.hidden) return;
    const [label, stands, say] = KINDS[form.dataset.kind];
    const text = area.value.trim();
    if (text === stands(Desk.step).trim()) Drafts.forget(...draft());
    else done(say(text), `${label.toLowerCase().split(",")[0]} (${Desk.step.dataset.name})`);
    Desk.acts.leave();
    Desk.say(`${label}: ${text ? "kept" : "taken back"}.`);
  }
  function leave() {
    form.hidden = pick.hidden = true;
  }
  area.addEventListener("input", () => {
    Drafts.keep(...draft(), area.value);
    compare();
  });
  // Enter by itself; with Shift it is a new line, with Ctrl it submits.
  const alone = (event) => event.key === "Enter" && !event.shiftKey && !event.ctrlKey && !event.metaKey && !event.isComposing;
  area.addEventListener("keydown", (event) => {
    if (!alone(event)) return;
    event.preventDefault();
    keep();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    keep();
  });

  const aimed = () => find("[aria-selected=true]", list);
  function aim(to) {
    if (!to) return;
    for (const option of list.children) option.setAttribute("aria-selected", option === to);
    filter.setAttribute("aria-activedescendant", to.id);
    to.scrollIntoView({ block: "nearest" });
  }
  function narrow() {
    const typed = filter.value.trim().toLowerCase();
    const fits = [...kinds.values(), { key: "", name: "No kind", definition: "" }].filter(({ name }) => ` ${name.toLowerCase()}`.includes(` ${typed}`));
    list.replaceChildren(...fits.map(({ key, name, definition }) => {
      const option = made("li", { id: `kind-${key}`, role: "option" });
      option.dataset.key = key;
      option.append(name, made("span", { className: "soft tiny", textContent: definition }));
      return option;
    }));
    filter.removeAttribute("aria-activedescendant");
    aim(list.firstChild);
  }
  function take(option) {
    if (!option) return;
    const { step } = Desk;
    const { key: category } = option.dataset;
    const wrong = category && ["", "correct"].includes(step.dataset.rating);
    if (category !== step.dataset.category) done([tell(step, wrong ? { category, rating: "incorrect" } : { category })], `kind of error of ${step.dataset.name}`);
    Desk.acts.leave();
    Desk.say(`${Desk.where(step)}, ${option.firstChild.textContent}`, step.dataset.node);
  }
  filter.addEventListener("input", narrow);
  filter.addEventListener("keydown", (event) => {
    const { key } = event;
    if (key === "ArrowDown") aim(aimed() && aimed().nextSibling);
    else if (key === "ArrowUp") aim(aimed() && aimed().previousSibling);
    else if (alone(event)) take(aimed());
    else return;
    event.preventDefault();
  });
  list.addEventListener("click", ({ target }) => take(target.closest("[role=option]")));

  Object.assign(Desk, { keep, leave, putOwn });
  Object.assign(Desk.acts, {
    note: () => write("note"),
    rewrite: () => write("rewrite"),
    own: () => write("own"),
    category() {
      leave();
      find(".said", Desk.step).append(pick);
      pick.hidden = false;
      filter.value = "";
      narrow();
      filter.focus();
    },
    leave() {
      leave();
      Desk.go(Desk.step);
    },
  });
})();
