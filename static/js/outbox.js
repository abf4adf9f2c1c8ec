// What a person does at the desk, kept in this browser until the server has it: in order, once, for this person and project.
// send(act) returns the act with its key. Events on document: outbox:step {act, state, words} for the word beside a step;
// saved {act, result}, waiting {act, offline, restored}, conflict {act, stands}, refused {act, field, message},
// resolved {act, stands, mine}, leases {session: moment}, state {waiting, offline, why, words}. What another tab learns has `elsewhere`.
(() => {
  "use strict";

  const { user, project } = document.body.dataset;
  const { clock } = window.Outbox;
  const HEAD = `outbox:${user}:${project}:`;
  const LOCK = `outbox-lock:${user}:${project}`;
  const ADDRESS = `${location.pathname.split("/", 3).join("/")}/desk/acts/`;
  const MOST = 50;
  const [FIRST, LONGEST, SLOW, PATIENCE] = [500, 15000, 2000, 20000];
  const WHY = {
    away: "The server does not answer. All is kept here and sent when it returns.",
    signin: "You are signed out. Sign in again in another tab, nothing is lost.",
    full: "This browser has no room left: keep this tab open until all is sent.",
  };
  const WAITING = "waiting for the server";

  // What the browser's storage has no room for is kept as long as this page lives.
  const spare = new Map();
  function put(name, value) {
    const text = JSON.stringify(value);
    try {
      localStorage.setItem(name, text);
      spare.delete(name);
    } catch {
      spare.set(name, text);
    }
  }
  function drop(name) {
    spare.delete(name);
    localStorage.removeItem(name);
  }
  function all(kind) {
    const names = new Set([...Object.keys(localStorage), ...spare.keys()].filter((name) => name.startsWith(HEAD + kind)).sort());
    return [...names].map((name) => ({ ...JSON.parse(spare.get(name) || localStorage.getItem(name)), name })).filter(({ act }) => act);
  }
  const waiting = () => all("wait");
  const same = (one, other) => String(one) === String(other);

  // Browsers have randomUUID and locks on https and localhost only.
  function uuid() {
    if (crypto.randomUUID) return crypto.randomUUID();
    const hex = [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    return hex.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12})$/, "$1-$2-4$3-8$4-$5");
  }
  const page = uuid();
  const tab = sessionStorage.getItem("desk-tab") || page;
  sessionStorage.setItem("desk-tab", tab);

  const channel = new BroadcastChannel(HEAD);
  const dispatch = (name, detail) => document.dispatchEvent(new CustomEvent(`outbox:${name}`, { detail }));
  function tell(name, detail) {
    dispatch(name, detail);
    channel.postMessage({ name, detail });
  }
  const step = (act, state, words) => dispatch("step", { act, state, words });
  const saved = (act, at) => step(act, "saved", `saved ${new Date(at || Date.now()).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" })}`);
  function late(records, flags) {
    for (const { act } of records) {
      dispatch("waiting", { act, ...flags });
      step(act, "waiting", WAITING);
    }
  }

  let failure = "";
  function state() {
    const count = waiting().length;
    const why = failure || (spare.size ? "full" : "");
    dispatch("state", { waiting: count, offline: Boolean(failure), why, words: why && count ? `${WHY[why]} ${count} waiting.` : "" });
  }

  // The version that a tab's own acts made of a step: what the same tab does next was done knowing it.
  const made = new Map();
  const known = ({ act, tab: from }) => ({ ...act, seen: Math.max(act.seen || 0, made.get(`${from}:${act.node}`) || 0) });
  function follow({ act: { node }, tab: from }, version) {
    if (!node || !version) return;
    made.set(`${from}:${node}`, version);
    for (const later of waiting()) if (later.tab === from && later.act.node === node) put(later.name, { ...later, act: known(later) });
  }

  const OUTCOMES = {
    saved(record, result) {
      follow(record, result.version);
      tell("saved", { act: record.act, tab: record.tab, result });
      saved(record.act, result.at);
    },
    conflict({ act, tab: from }, { stands }) {
      put(`${HEAD}conflict:${act.node}`, { act, stands, tab: from });
      tell("conflict", { act, stands });
      step(act, "conflict", "saved differently elsewhere");
    },
    refused({ act }, { field, message }) {
      put(`${HEAD}refused:${act.key}`, { act, field, message });
      tell("refused", { act, field, message });
      step(act, "refused", message);
    },
  };

  function settle(batch, { results, leases }) {
    let missing = "";
    for (const record of batch) {
      const result = results.find(({ key }) => key === record.act.key);
      const outcome = result && OUTCOMES[result.state];
      if (!outcome) missing = "away";
      else {
        drop(record.name);
        outcome(record, result);
      }
    }
    tell("leases", leases || {});
    return missing;
  }

  function ask(batch) {
    const body = JSON.stringify({ user: Number(user), acts: batch.map(known) });
    // Read anew: signing in changes it.
    const token = (document.cookie.match(/(?:^|; )csrftoken=([^;]+)/) || [])[1];
    const headers = { "Content-Type": "application/json", "X-CSRFToken": token };
    return fetch(ADDRESS, { method: "POST", redirect: "manual", keepalive: body.length < 20000, signal: AbortSignal.timeout(PATIENCE), headers, body });
  }

  // One act of a refused batch does not fit: sent one by one, it is found.
  let most = MOST;
  async function refuse(batch, answer) {
    most = batch.length > 1 ? 1 : MOST;
    if (batch.length > 1) return;
    const said = await answer.json().catch(() => ({}));
    drop(batch[0].name);
    OUTCOMES.refused(batch[0], { field: "", message: said.message || `The server refused this (${answer.status}).` });
  }

  // Returns why the acts are not stored, or "".
  async function post(batch) {
    const slow = setTimeout(late, SLOW, batch, { offline: false });
    try {
      const answer = await ask(batch);
      if (answer.ok) return settle(batch, await answer.json());
      if (answer.type === "opaqueredirect" || [401, 403, 404].includes(answer.status)) return "signin";
      if (![400, 413, 422].includes(answer.status)) return "away";
      await refuse(batch, answer);
      return "";
    } catch {
      return "away";
    } finally {
      clearTimeout(slow);
    }
  }

  // Two words on one step never travel together: the second is said knowing what became of the first.
  function next() {
    const batch = [];
    for (const record of waiting()) {
      const { node } = record.act;
      if (batch.length === most || (node && batch.some(({ act }) => act.node === node))) break;
      batch.push(record);
    }
    return batch;
  }

  async function drain() {
    for (let batch = next(); batch.length; batch = next()) {
      if (!navigator.locks) hold();
      const why = await post(batch);
      if (why) return why;
      failure = "";
      state();
    }
    return "";
  }

  // One tab sends at a time. Where there are no locks, a line in the storage that ages is one.
  const hold = () => localStorage.setItem(LOCK, JSON.stringify({ page, until: Date.now() + PATIENCE + 5000 }));
  const holder = () => JSON.parse(localStorage.getItem(LOCK) || "{}");
  async function alone(work) {
    if (navigator.locks) return navigator.locks.request(LOCK, work);
    if (holder().page !== page && holder().until > Date.now()) return "taken";
    hold();
    await new Promise((done) => setTimeout(done, 30 + 50 * Math.random()));
    if (holder().page !== page) return "taken";
    return work().finally(() => localStorage.removeItem(LOCK));
  }

  let busy = false;
  let pause = FIRST;
  let timer;
  async function pump() {
    if (busy) return;
    busy = true;
    clearTimeout(timer);
    const why = await alone(drain).finally(() => { busy = false; });
    if (!why) {
      wake();
      return;
    }
    timer = setTimeout(pump, pause * (0.8 + 0.4 * Math.random()));
    if (why === "taken") return;
    pause = Math.min(2 * pause, LONGEST);
    failure = why;
    late(waiting(), { offline: true });
    state();
  }
  function wake() {
    pause = FIRST;
    if (waiting().length) pump();
  }

  let last = 0;
  let leaving = false;
  function send(act) {
    const kept = { ...act, key: act.key || uuid() };
    // Any act is a sign of life.
    if (act.kind === "keep" && waiting().some((record) => same(record.act.session, act.session))) return kept;
    if (act.kind === "rate") {
      kept.seconds ??= clock.seconds(act.node);
      clock.clear(act.node);
      drop(`${HEAD}conflict:${act.node}`);
    }
    last = Math.max(last + 1, Date.now());
    put(`${HEAD}wait:${last}-${page}`, { act: kept, tab });
    step(kept, failure ? "waiting" : "saving", failure ? WAITING : "saving");
    if (leaving) ask(next()).catch(() => {});
    else pump();
    state();
    return kept;
  }

  // `mine` is said again knowing what stands, else what stands is taken.
  function resolve(node, mine) {
    const found = all("conflict").find(({ act }) => same(act.node, node));
    if (!found) return;
    const { act, stands, name } = found;
    drop(name);
    tell("resolved", { act, stands, mine });
    if (mine) send({ ...act, key: "", undo_of: undefined, seen: stands.version, seconds: 0 });
    else saved(act, stands.at);
  }
  function again(key) {
    const { act, name } = all("refused").find((record) => record.act.key === key);
    drop(name);
    return send({ ...act, key: "" });
  }

  channel.addEventListener("message", ({ data: { name, detail } }) => {
    if (name === "saved") {
      follow(detail, detail.result.version);
      saved(detail.act, detail.result.at);
    }
    dispatch(name, { ...detail, elsewhere: true });
    state();
  });
  for (const name of ["online", "focus", "pageshow"]) addEventListener(name, wake);
  addEventListener("pageshow", () => { leaving = false; });
  addEventListener("pagehide", () => { leaving = true; });
  addEventListener("beforeunload", (event) => spare.size && event.preventDefault());

  // What an earlier page left behind is told to this one, then sent. An item that is open again is not given back.
  document.addEventListener("DOMContentLoaded", () => {
    for (const { act, name } of waiting()) if (act.kind === "return" && document.querySelector(`[data-session="${act.session}"]`)) drop(name);
    late(waiting(), { offline: false, restored: true });
    for (const { act, stands } of all("conflict")) dispatch("conflict", { act, stands, restored: true });
    state();
    wake();
  });

  window.Outbox = {
    clock, send, resolve, again,
    // What the server does not have yet: the newest act on a step; all acts of a session.
    pending: (node) => waiting().map(({ act }) => act).filter((act) => same(act.node, node)).pop() || null,
    unsent: (session) => waiting().map(({ act }) => act).filter((act) => same(act.session, session)),
    conflicts: () => all("conflict"),
    refused: () => all("refused"),
    forget: (key) => drop(`${HEAD}refused:${key}`),
  };
})();
