// Keys of the desk, as this person chose them: {keys: [{act, key, words, group}], url, late} in #desk-keys. A key fires desk:act {name}; none
// does while somebody types (but Escape and Ctrl+Enter), composes, holds another modifier or looks at a dialog. Desk.say tells the ear.
(() => {
  "use strict";

  const page = JSON.parse(document.getElementById("desk-keys").textContent);
  const ACTS = new Map([["ArrowDown", "next"], ["ArrowUp", "previous"], ["ArrowLeft", "parent"], ["ArrowRight", "child"], ...page.keys.map(({ key, act }) => [key, act])]);
  const WALKS = ["next", "previous", "parent", "child", "left", "right"];
  const typing = (target) => target.closest("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]");
  // What the focused control does with a key by itself.
  const own = (target, key) => target.closest({ Enter: "button, a[href], summary", " ": "button, summary" }[key] || (key.startsWith("Arrow") ? "[type=radio], [role=listbox]" : "_"));

  // The act of a key; on other layouts that of the key in its place, with caps lock that of the small letter.
  function named({ key, code, shiftKey }) {
    const place = /^Digit\d$/.test(code) ? code[5] : /^Key[A-Z]$/.test(code) && key > "~" ? code[3].toLowerCase() : "";
    return ACTS.get(key === " " ? "Space" : key) || ACTS.get(place) || (shiftKey ? "" : ACTS.get(key.toLowerCase()));
  }
  function meant(event) {
    const { key, target, altKey, shiftKey } = event;
    const held = event.ctrlKey || event.metaKey;
    if (event.isComposing || event.keyCode === 229 || document.querySelector("dialog[open]")) return "";
    if (held && key === "Enter" && !altKey && !shiftKey) return "submit";
    if (typing(target)) return key === "Escape" ? "leave" : "";
    if (own(target, key) || ((held || altKey) && !event.getModifierState("AltGraph"))) return "";
    return named(event);
  }
  document.addEventListener("keydown", (event) => {
    const name = event.defaultPrevented ? "" : meant(event);
    if (!name) return;
    event.preventDefault();
    if (name === "leave") event.target.blur();
    if (!event.repeat || WALKS.includes(name)) document.dispatchEvent(new CustomEvent("desk:act", { detail: { name } }));
  });

  // The polite live region reads what is added; of a step's line it adds ", saved" once it is.
  const LINES = 3;
  let told;
  function say(text, node = "") {
    const region = document.getElementById("desk-said");
    told = Object.assign(document.createElement("span"), { textContent: text });
    told.dataset.of = node;
    region.append(told, " ");
    while (region.childElementCount > LINES) region.firstElementChild.remove();
  }
  document.addEventListener("outbox:step", ({ detail: { act, state, words } }) => {
    if (!told || told.dataset.of !== String(act.node) || ["saving", "waiting"].includes(state)) return;
    told.append(state === "saved" ? ", saved" : `, ${words}`);
    told = null;
  });

  // Dialogs that are seldom needed come when they are.
  let coming;
  const arrives = (tag, more) => new Promise((onload, onerror) => document.head.append(Object.assign(document.createElement(tag), { ...more, onload, onerror })));
  function open(name) {
    const [src, href] = page.late;
    coming ||= Promise.all([arrives("script", { src }), arrives("link", { rel: "stylesheet", href })]);
    coming.then(() => window.Desk.sheets[name](page), () => {
      coming = null;
      say("The server does not answer.");
    });
  }
  document.addEventListener("desk:act", (event) => event.detail.name === "sheet" && open("keys"));

  window.Desk = Object.assign(window.Desk || {}, { say, open, sheet: () => open("keys") });
})();
