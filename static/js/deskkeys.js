// Keys of the desk, as this person chose them: {"keys": [{act, key, words, group}], "url"} in #desk-keys. Each key fires desk:act {name}.
// None fires while somebody types (but Escape and Ctrl+Enter), composes, holds another modifier, or looks at a dialog.
(() => {
  "use strict";

  const { keys, url } = JSON.parse(document.getElementById("desk-keys").textContent);
  const ALIASES = { ArrowDown: "next", ArrowUp: "previous", ArrowLeft: "parent", ArrowRight: "child" };
  const ACTS = new Map([...Object.entries(ALIASES), ...keys.map(({ key, act }) => [key, act])]);
  const WALKS = ["next", "previous", "parent", "child", "left", "right"];
  const CAPS = { " ": "Space", ArrowDown: "↓", ArrowUp: "↑", ArrowLeft: "←", ArrowRight: "→" };
  const typing = (target) => Boolean(target.closest("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable], [role=combobox]"));
  // What the focused control does with a key by itself.
  const own = (target, key) =>
    (["Enter", " "].includes(key) && target.closest("button, a[href], summary, [role=option]")) || (key.startsWith("Arrow") && target.closest("[type=radio], summary, [role=listbox], [role=tab]"));

  // The act of a key; on other layouts that of the key in its place, with caps lock that of the small letter.
  function named(event) {
    const { key, code } = event;
    const place = /^Digit\d$/.test(code) ? code[5] : /^Key[A-Z]$/.test(code) && key > "~" ? code[3].toLowerCase() : "";
    return ACTS.get(key === " " ? "Space" : key) || ACTS.get(place) || (event.shiftKey ? undefined : ACTS.get(key.toLowerCase()));
  }

  function fire(event, name) {
    event.preventDefault();
    if (event.repeat && !WALKS.includes(name)) return;
    if (name === "sheet") sheet();
    else document.dispatchEvent(new CustomEvent("desk:act", { detail: { name }, cancelable: true }));
  }

  document.addEventListener("keydown", (event) => {
    const { key, target } = event;
    if (event.defaultPrevented || event.isComposing || event.keyCode === 229 || document.querySelector("dialog[open]")) return;
    if ((event.ctrlKey || event.metaKey) && key === "Enter" && !event.altKey && !event.shiftKey) fire(event, "submit");
    else if (key === "Escape" && typing(target)) {
      target.blur();
      fire(event, "leave");
    } else if (!typing(target) && !own(target, key) && (event.getModifierState("AltGraph") || !(event.ctrlKey || event.metaKey || event.altKey))) {
      const name = named(event);
      if (name) fire(event, name);
    }
  });

  function made(tag, text, ...children) {
    const element = document.createElement(tag);
    element.textContent = text;
    element.append(...children);
    return element;
  }

  let shown;
  function sheet() {
    if (!shown) {
      const groups = [...new Set(keys.map(({ group }) => group))].map((group) => {
        const rows = keys.filter((one) => one.group === group).flatMap(({ key, words }) => [made("dt", "", made("kbd", CAPS[key] || key)), made("dd", words)]);
        return made("section", "", made("h3", group), made("dl", "", ...rows));
      });
      const link = made("a", "Change keys");
      link.href = url;
      const close = made("form", "", made("button", "Close"), link);
      close.method = "dialog";
      shown = made("dialog", "", made("h2", "Keys"), made("div", "", ...groups), close);
      shown.id = "desk-sheet";
      shown.setAttribute("aria-label", "Keys");
      document.body.append(shown);
    }
    shown.showModal();
  }

  // The polite live region reads what is added; of a step's line it adds ", saved" once it is.
  const LINES = 3;
  let told;
  function say(text, node = "") {
    const region = document.getElementById("desk-said");
    told = made("span", text);
    told.dataset.of = node;
    region.append(told, " ");
    while (region.childElementCount > LINES) region.firstElementChild.remove();
  }
  document.addEventListener("outbox:step", ({ detail: { act, state, words } }) => {
    if (!told || told.dataset.of !== String(act.node) || ["saving", "waiting"].includes(state)) return;
    told.append(state === "saved" ? ", saved" : `, ${words}`);
    told = null;
  });
  document.addEventListener("click", (event) => event.target.closest("[data-open=desk-sheet]") && sheet());

  window.Desk = Object.assign(window.Desk || {}, { say, sheet });
})();
