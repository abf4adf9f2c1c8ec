// The tree page: links of outline, map and path load only the step; the marks of what is selected follow.
(() => {
  "use strict";

  const find = (selector) => document.querySelector(selector);
  let shown = performance.now();
  let sending = false;
  let waiting = "";

  function seqOf(url) {
    return new URL(url, location.href).searchParams.get("node") || "";
  }

  function go(url, stale = false) {
    const here = find("#here");
    if (sending) {
      // The answer to a label needs its form: the way on waits for it.
      waiting = url;
      return;
    }
    const dot = find(`#map a[data-seq="${seqOf(url)}"]`);
    // A step that the map folds away gets a fresh map, and so does a label where the map shows labels.
    const redraw = stale || !dot || dot.querySelector("text");
    return htmx.ajax("GET", url, { source: here, target: here, swap: "innerHTML", values: redraw ? { map: 1 } : {} });
  }

  function select(seq) {
    for (const old of document.querySelectorAll("#pane a[aria-current='true'][data-seq]")) old.removeAttribute("aria-current");
    for (const edge of document.querySelectorAll("#map .e.on")) edge.classList.remove("on");
    const row = find(`#pane .outline a[data-seq="${seq}"]`);
    if (row) {
      row.setAttribute("aria-current", "true");
      for (let fold = row.closest("ul").closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
      row.scrollIntoView({ block: "nearest" });
    }
    const box = find("#map");
    for (let dot = find(`#map a[data-seq="${seq}"]`), first = true; dot; first = false) {
      if (first) {
        dot.setAttribute("aria-current", "true");
        const at = dot.getBoundingClientRect();
        const frame = box.getBoundingClientRect();
        if (at.top < frame.top || at.bottom > frame.bottom) box.scrollTop += at.top - frame.top - frame.height / 2;
        if (at.left < frame.left || at.right > frame.right) box.scrollLeft += at.left - frame.left - frame.width / 2;
      }
      const edge = find(`#map .e[data-to="${dot.dataset.seq}"]`);
      if (edge) edge.classList.add("on");
      dot = find(`#map a[data-seq="${dot.dataset.parent}"]`);
    }
  }

  function mark(seq, rating) {
    const said = find(`#pane .outline a[data-seq="${seq}"] > s:last-child`);
    if (!said) return;
    said.className = rating ? `said shape ${rating}` : "said";
    said.title = rating;
    if (rating) said.setAttribute("aria-label", rating);
  }

  // A form that stays open after it was stored is a new act: a new key, and what stands now as its ground.
  function renew(node, version) {
    const form = find(`#label[data-draft="label-${node}"]`);
    if (!form) return;
    const random = [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0"));
    form.elements.key.value = random.join("");
    form.elements.version.value = version;
  }

  function clocks() {
    for (const time of document.querySelectorAll("time[data-clock]")) {
      time.textContent = new Date(time.dateTime).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
    }
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-go] a[href]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    const url = link.href.baseVal === undefined ? link.href : new URL(link.href.baseVal, location.href).href;
    if (!seqOf(url) || "plain" in link.dataset || link.closest(".choice, .pane-close")) return;
    event.preventDefault();
    go(url);
    if (location.hash === "#pane") location.hash = "";
  });

  document.addEventListener("step-labelled", (event) => {
    const { node, seq, version, rating, next } = event.detail;
    sending = false;
    mark(seq, rating);
    renew(node, version);
    if (waiting || next) go(waiting || next, new URLSearchParams(location.search).get("measure") === "label");
  });

  document.addEventListener("htmx:beforeRequest", (event) => {
    if (!event.detail.elt.closest("#label")) return;
    if (event.detail.requestConfig.verb !== "post") return;
    sending = true;
    waiting = "";
  });

  // A step that arrives while a label is on its way would take the label's form from the page.
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (sending && event.detail.target.id === "here") event.detail.shouldSwap = false;
  });

  document.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.elt.closest("#label")) sending = false;
  });

  document.addEventListener("htmx:configRequest", (event) => {
    if (event.detail.elt.id === "label") event.detail.parameters.seconds = ((performance.now() - shown) / 1000).toFixed(1);
  });

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    const form = event.target.closest("#label");
    if (form) form.querySelector("button.keep").click();
  });

  document.addEventListener("htmx:afterSettle", (event) => {
    clocks();
    if (!event.detail.target || event.detail.target.id !== "here") return;
    shown = performance.now();
    const seq = seqOf(location.href) || find("#here .line.current").dataset.seq;
    select(seq);
    document.title = document.title.replace(/step \d+/, `step ${seq}`);
    find("#here .line.current").scrollIntoView({ block: "nearest" });
  });

  function first() {
    if (!find("#here .line.current")) return;
    select(find("#here .line.current").dataset.seq);
  }
  for (const name of ["DOMContentLoaded", "htmx:historyRestore"]) document.addEventListener(name, first);
})();
