// The dialogs of the desk that are seldom needed: keys, guidelines, a word that was saved differently elsewhere, what the server refused.
(() => {
  "use strict";

  const { Outbox, Desk } = window;
  const ROWS = { rating: "Rating", category: "Category", note: "Note", rewrite: "Rewrite", flagged: "Flagged", chosen: "Chosen" };
  const CLIENTS = { desk: "in another tab or on another device", tree: "on the tree page", review: "on the review page", api: "by a script" };
  const CAPS = { ArrowDown: "↓", ArrowUp: "↑", ArrowLeft: "←", ArrowRight: "→" };
  // Keys that were meant for the page behind are not taken for an answer.
  const DEAF = 300;

  function made(tag, words, ...children) {
    const element = document.createElement(tag);
    element.textContent = words;
    element.append(...children);
    return element;
  }
  function button(words, key, act) {
    const element = made("button", words, ...(key ? [made("kbd", key)] : []));
    element.type = "button";
    element.dataset.answers = key;
    element.addEventListener("click", act);
    return element;
  }
  function dialog(title, body, ...buttons) {
    const close = Object.assign(button("Close", "Esc", () => box.close()), { autofocus: true });
    const box = made("dialog", "", made("h2", title), body, made("p", "", ...buttons, close));
    const opened = performance.now();
    box.className = "desk-sheet";
    box.setAttribute("aria-label", title);
    box.lastChild.className = "row";
    box.addEventListener("keydown", (event) => {
      const answer = event.key.length === 1 && box.querySelector(`[data-answers="${CSS.escape(event.key)}"]`);
      if (!answer || event.repeat || performance.now() - opened < DEAF) return;
      event.preventDefault();
      answer.click();
    });
    box.addEventListener("close", () => box.remove());
    document.body.append(box);
    box.showModal();
    box.scrollTop = 0;
    return box;
  }

  function keys({ keys: all, url }) {
    const groups = [...new Set(all.map(({ group }) => group))].map((group) => {
      const rows = all.filter((one) => one.group === group).flatMap(({ key, words }) => [made("dt", "", made("kbd", CAPS[key] || key)), made("dd", words)]);
      return made("section", "", made("h3", group), made("dl", "", ...rows));
    });
    const link = Object.assign(made("a", "Change keys"), { href: url });
    const list = made("div", "", ...groups);
    list.className = "keylist";
    dialog("Keys", list).lastChild.append(link);
  }

  const said = (value, field) => (value === true ? "yes" : (field === "category" && Desk.kinds?.get(value)?.name) || String(value || "–"));
  const nameOf = (node) => (document.querySelector(`[data-node="${node}"][data-name]`) || { dataset: { name: "A step" } }).dataset.name;
  function compare() {
    const differing = Outbox.all("conflict");
    const found = differing.find(({ act }) => document.querySelector(`article:not([hidden]) [data-node="${act.node}"]`)) || differing[0];
    if (!found) return Desk.say("Nothing differs.");
    const { act, stands, name } = found;
    const time = new Date(stands.at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
    const heads = ["Here", `Saved ${CLIENTS[stands.client] || "elsewhere"}, ${time}`].map((words) => Object.assign(made("th", words), { scope: "col" }));
    const rows = Object.keys(ROWS).filter((field) => act[field] || stands[field]).map((field) => {
      const row = made("tr", "", Object.assign(made("th", ROWS[field]), { scope: "row" }), made("td", said(act[field], field)), made("td", said(stands[field], field)));
      row.classList.toggle("differs", said(act[field]) !== said(stands[field]));
      return row;
    });
    // Mine is said again knowing what stands, else what stands is taken.
    const answer = (mine) => () => {
      box.close();
      Outbox.drop(name);
      Outbox.tell("resolved", { act, stands, mine });
      if (mine) Outbox.send({ ...act, key: "", undo_of: undefined, seen: stands.version, seconds: 0 });
      else Outbox.saved(act, stands.at);
      Outbox.state();
      Desk.say(`${nameOf(act.node)}: ${mine ? "yours is kept" : "the other one is taken"}.`);
    };
    const table = made("table", "", made("thead", "", made("tr", "", made("td", ""), ...heads)), made("tbody", "", ...rows));
    const box = dialog(`${nameOf(act.node)} was saved differently elsewhere`, table, button("Keep mine", "1", answer(true)), button("Take the other", "2", answer(false)));
  }

  function refused() {
    const rows = Outbox.all("refused").map(({ act, message, name }) => {
      const typed = [act.rating, act.category, act.note, act.rewrite, act.text, act.reason].filter(Boolean).join(" · ");
      const answer = (again) => () => {
        box.close();
        Outbox.drop(name);
        if (again) Outbox.send({ ...act, key: "" });
        Outbox.state();
      };
      const words = [made("p", `${act.node ? `${nameOf(act.node)}: ` : ""}${message}`), made("p", typed || act.kind)];
      words[0].className = "wrong";
      return made("li", "", ...words, button("Send again", "", answer(true)), button("Discard", "", answer(false)));
    });
    const box = dialog("Not saved", made("ul", "", ...rows));
  }

  async function guidelines() {
    const { guidelines: address } = document.getElementById("desk").dataset;
    const text = made("div", "");
    text.className = "prose";
    text.innerHTML = await (await fetch(address, { headers: { "HX-Request": "true" } })).text();
    dialog("Guidelines", text).querySelector("h2").hidden = true;
    text.dispatchEvent(new Event("formulae:draw", { bubbles: true }));
    text.tabIndex = 0;
    text.focus();
  }

  Desk.sheets = { keys, compare, refused, guidelines };
})();
