// The line #desk-state says what is not stored, and leads to it. Nothing opens by itself: a key that is meant for the next step must
// decide nothing. An item is not submitted over the head of a word that differs.
(() => {
  "use strict";

  const { Outbox, Desk } = window;
  const WHY = {
    away: "The server does not answer. All is kept here and sent when it returns.",
    signin: "You are signed out. Sign in again in another tab, nothing is lost.",
    full: "This browser has no room left: keep this tab open until all is sent.",
  };
  const line = document.getElementById("desk-state");
  let said = "";

  function leads(words, name) {
    const button = Object.assign(document.createElement("button"), { type: "button", textContent: words });
    button.addEventListener("click", () => Desk.open(name));
    return button;
  }
  function show({ detail: { why, waiting } }) {
    const [differing, refused] = ["conflict", "refused"].map((kind) => Outbox.all(kind).length);
    // Once said it stands until all is sent.
    const words = waiting ? WHY[why] || said : "";
    line.replaceChildren(words && `${words} ${waiting} waiting.`);
    if (differing) line.append(leads(`${differing} saved differently elsewhere: compare`, "compare"));
    if (refused) line.append(leads(`${refused} not saved: look`, "refused"));
    line.hidden = !line.textContent;
    if (words !== said) Desk.say(words || "The server is back, all is saved.");
    said = words;
  }
  document.addEventListener("outbox:state", show);

  function ask(event, name) {
    const here = ({ act }) => document.querySelector(`article:not([hidden])[data-session="${act.session}"]`);
    if (name !== "conflict" && !(name === "submit" && Outbox.all("conflict").some(here))) return;
    event.stopImmediatePropagation();
    Desk.open("compare");
  }
  document.addEventListener("desk:act", (event) => ask(event, event.detail.name));
  document.addEventListener("click", (event) => ask(event, event.target.closest("[data-act]")?.dataset.act), true);
})();
