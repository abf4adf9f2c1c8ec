// Says what is not stored: the line #desk-state, a word that was saved differently elsewhere side by side, acts that the server refused.
// Nothing opens by itself: a key that is meant for the next step must not decide anything.
(() => {
  "use strict";

  const ROWS = [["rating", "Rating"], ["category", "Category"], ["note", "Note"], ["rewrite", "Rewrite"], ["flagged", "Flagged"], ["chosen", "Chosen"]];
  const CLIENTS = { desk: "at the desk", tree: "on the tree page", review: "on the review page", api: "by a script" };
  const { Outbox } = window;

  function made(tag, words, ...children) {
    const element = document.createElement(tag);
    element.textContent = words;
    element.append(...children);
    return element;
  }
  function button(words, key, act) {
    const element = made("button", `${words} `, made("kbd", key));
    element.type = "button";
    element.addEventListener("click", act);
    return element;
  }
  const time = (moment) => (moment ? new Date(moment).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" }) : "");
  const said = (value) => (value === true ? "yes" : String(value || "–"));
  const nameOf = (node) => (document.querySelector(`[data-node="${node}"]`) || { dataset: {} }).dataset.name || "A step";

  // One dialog at a time; its keys wait until it has stood for a moment.
  function open(title, body, buttons) {
    const dialog = made("dialog", "", made("h2", title), body, made("p", "", ...buttons));
    dialog.className = "desk-differs";
    dialog.setAttribute("aria-label", title);
    dialog.lastChild.className = "actions";
    const ready = performance.now() + 300;
    dialog.addEventListener("keydown", (event) => {
      const wanted = buttons.find((each) => each.querySelector("kbd").textContent === event.key);
      if (!wanted || event.repeat || performance.now() < ready) return;
      event.preventDefault();
      wanted.click();
    });
    dialog.addEventListener("close", () => dialog.remove());
    document.body.append(dialog);
    dialog.showModal();
    return dialog;
  }

  function compare({ act, stands }) {
    const where = [CLIENTS[stands.client] || stands.client, time(stands.at)].filter(Boolean).join(", ");
    const head = made("tr", "", made("td", ""), made("th", "Here"), made("th", `Saved elsewhere${where && ` (${where})`}`));
    const rows = ROWS.filter(([field]) => act[field] || stands[field]).map(([field, word]) => {
      const row = made("tr", "", made("th", word), made("td", said(act[field])), made("td", said(stands[field])));
      row.firstChild.scope = "row";
      row.classList.toggle("differs", said(act[field]) !== said(stands[field]));
      return row;
    });
    for (const cell of head.querySelectorAll("th")) cell.scope = "col";
    const settle = (mine) => () => {
      dialog.close();
      Outbox.resolve(act.node, mine);
      window.Desk.say(`${nameOf(act.node)}: ${mine ? "yours is kept" : "the other one is taken"}.`);
      show();
    };
    const table = made("table", "", made("thead", "", head), made("tbody", "", ...rows));
    const buttons = [button("Keep mine", "1", settle(true)), button("Take theirs", "2", settle(false)), button("Later", "Esc", () => dialog.close())];
    const dialog = open(`${nameOf(act.node)} was saved differently elsewhere`, table, buttons);
  }

  function refusals() {
    const list = made("ul", "", ...Outbox.refused().map(({ act, message }) => {
      const typed = [act.rating, act.category, act.note, act.rewrite, act.text, act.reason].filter(Boolean).join(" · ");
      const settle = (how) => () => {
        Outbox[how](act.key);
        dialog.close();
        show();
      };
      const row = made("li", "", made("p", message), made("p", typed || act.kind), button("Send again", "", settle("again")), button("Discard", "", settle("forget")));
      row.firstChild.className = "wrong";
      return row;
    }));
    const dialog = open("Not saved", list, [button("Later", "Esc", () => dialog.close())]);
  }

  let words = "";
  function show() {
    const line = document.getElementById("desk-state");
    const [differing, refused] = [Outbox.conflicts(), Outbox.refused()];
    line.replaceChildren(words);
    if (differing.length) line.append(button(`${differing.length} saved differently elsewhere: compare`, line.dataset.key || "d", () => compare(Outbox.conflicts()[0])));
    if (refused.length) line.append(button(`${refused.length} not saved: look`, "", refusals));
    line.hidden = !line.childNodes.length || !line.textContent;
  }

  document.addEventListener("outbox:state", ({ detail }) => {
    if (words !== detail.words && !detail.words) window.Desk.say("The server is back: all is saved.");
    if (!words && detail.words) window.Desk.say(detail.words);
    words = detail.words;
    show();
  });
  for (const name of ["conflict", "refused", "resolved"]) document.addEventListener(`outbox:${name}`, show);
  // An item is not submitted over the head of a word that differs.
  document.addEventListener("desk:act", (event) => {
    const found = Outbox.conflicts();
    if (!found.length || !["conflict", "submit"].includes(event.detail.name)) return;
    event.stopImmediatePropagation();
    compare(found[0]);
  });
})();
