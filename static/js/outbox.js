// What a person does at the desk is kept in this browser until the server has it: in order, once, for this person and project.
// send(act) returns the act with its key. On document, with `elsewhere` for what another tab learnt: outbox:step {act, state, words}
// for the word beside a step, saved {act, result}, conflict {act, stands}, refused {act, field, message}, resolved {act, stands, mine},
// leases {session: moment}, state {waiting, why}.
(() => {
  "use strict";

  const { user, project } = document.body.dataset;
  const { clock } = window.Outbox;
  const HEAD = `outbox:${user}:${project}:`;
  const LOCK = `outbox-lock:${user}:${project}`;
  const ADDRESS = `${location.pathname.split("/", 3).join("/")}/desk/acts/`;
  const [MOST, FIRST, LONGEST, SLOW, PATIENCE] = [50, 500, 15000, 2000, 20000];

  // What the browser's storage has no room for is kept as long as this page lives.
  const spare = new Map();
  function drop(name) {
    spare.delete(name);
    localStorage.removeItem(name);
  }
  function put(name, record) {
    drop(name);
    try {
      localStorage.setItem(name, JSON.stringify(record));
    } catch {
      spare.set(name, JSON.stringify(record));
    }
  }
  function all(kind) {
    const names = [...Object.keys(localStorage), ...spare.keys()].filter((name) => name.startsWith(HEAD + kind)).sort();
    return names.map((name) => ({ ...JSON.parse(spare.get(name) || localStorage.getItem(name)), name })).filter(({ act }) => act);
  }
  const waiting = () => all("wait");
  const same = (one, other) => String(one) === String(other);

  // randomUUID and locks are there on https and localhost only.
  const nibble = (digit) => (digit ^ (crypto.getRandomValues(new Uint8Array(1))[0] & (15 >> (digit / 4)))).toString(16);
  const uuid = () => crypto.randomUUID?.() || "10000000-1000-4000-8000-100000000000".replace(/[018]/g, nibble);
  const page = uuid();
  const tab = (sessionStorage["desk-tab"] ||= page);

  const channel = new BroadcastChannel(HEAD);
  const fire = (name, detail) => document.dispatchEvent(new CustomEvent(`outbox:${name}`, { detail }));
  function tell(name, detail) {
    fire(name, detail);
    channel.postMessage({ name, detail });
  }
  const step = (act, state, words) => fire("step", { act, state, words });
  const saved = (act, at) => step(act, "saved", `saved ${new Date(at || Date.now()).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" })}`);
  const differs = (act) => step(act, "conflict", "saved differently elsewhere");
  const late = (records) => records.forEach(({ act }) => step(act, "waiting", "waiting for the server"));
  let failure = "";
  const state = () => fire("state", { waiting: waiting().length, why: failure || (spare.size ? "full" : "") });

  // The version that a tab's own acts made of a step: what the same tab does next was done knowing it.
  const made = new Map();
  const known = ({ act, tab: from }) => ({ ...act, seen: Math.max(act.seen || 0, made.get(`${from}:${act.node}`) || 0) });
  const learn = ({ act, tab: from }, version) => version && made.set(`${from}:${act.node}`, version);
  function follow(record, version) {
    learn(record, version);
    for (const later of waiting()) if (version && later.act.node === record.act.node) put(later.name, { ...later, act: known(later) });
  }

  // Nobody misses these if they do not fit.
  const SIGNS = ["keep", "return"];
  const OUTCOMES = {
    saved(record, result) {
      follow(record, result.version);
      tell("saved", { ...record, result });
      saved(record.act, result.at);
    },
    conflict({ act }, { stands }) {
      put(`${HEAD}conflict:${act.node}`, { act, stands });
      tell("conflict", { act, stands });
      differs(act);
    },
    refused({ act }, { field, message }) {
      if (!SIGNS.includes(act.kind)) put(`${HEAD}refused:${act.key}`, { act, field, message });
      tell("refused", { act, field, message });
      step(act, "refused", message);
    },
  };

  function ask(batch) {
    const body = JSON.stringify({ user: Number(user), acts: batch.map(known) });
    // Read anew: signing in changes it.
    const token = (document.cookie.match(/(?:^|; )csrftoken=([^;]+)/) || [])[1];
    const headers = { "Content-Type": "application/json", "X-CSRFToken": token };
    return fetch(ADDRESS, { method: "POST", redirect: "manual", keepalive: body.length < 20000, signal: AbortSignal.timeout(PATIENCE), headers, body });
  }

  // These return why something is not stored, or "".
  function settle(batch, { results, leases }) {
    let missing = "";
    for (const record of batch) {
      const result = results.find(({ key }) => key === record.act.key);
      const outcome = result && OUTCOMES[result.state];
      if (outcome) {
        drop(record.name);
        outcome(record, result);
      } else missing = "away";
    }
    tell("leases", leases || {});
    return missing;
  }
  // One act of a batch does not fit: sent one by one, it is found.
  let most = MOST;
  function refuse(batch, status) {
    most = batch.length > 1 ? 1 : MOST;
    if (most === 1) return "";
    const [{ act }] = batch;
    return settle(batch, { results: [{ key: act.key, state: "refused", field: "", message: `The server refused this (${status}).` }] });
  }
  async function post(batch) {
    const slow = setTimeout(late, SLOW, batch);
    try {
      const answer = await ask(batch);
      if (answer.ok) return settle(batch, await answer.json());
      if ([400, 413, 422].includes(answer.status)) return refuse(batch, answer.status);
      return answer.type === "opaqueredirect" || [401, 403, 404].includes(answer.status) ? "signin" : "away";
    } catch {
      return "away";
    } finally {
      clearTimeout(slow);
    }
  }

  // Two words on one step never travel together: the second is said knowing what became of the first.
  function next() {
    const records = waiting().slice(0, most);
    const again = records.findIndex(({ act }, at) => act.node && records.slice(0, at).some((before) => before.act.node === act.node));
    return again < 0 ? records : records.slice(0, again);
  }
  async function drain() {
    for (let batch = next(); batch.length; batch = next()) {
      if (!navigator.locks) hold();
      const why = await post(batch);
      if (why) return why;
      calm();
    }
    return "";
  }
  function calm() {
    failure = "";
    state();
  }

  // One tab sends at a time. Where there are no locks a line in the storage that ages is one; keys make sure of the rest.
  const hold = () => localStorage.setItem(LOCK, `${page} ${Date.now() + PATIENCE + FIRST}`);
  async function alone(work) {
    if (navigator.locks) return navigator.locks.request(LOCK, work);
    const [holder, until] = (localStorage.getItem(LOCK) || "").split(" ");
    if (holder !== page && until > Date.now()) return "taken";
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
      calm();
      return wake();
    }
    timer = setTimeout(pump, pause * (0.8 + 0.4 * Math.random()));
    if (why === "taken") return;
    pause = Math.min(2 * pause, LONGEST);
    failure = why;
    late(waiting());
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
    if (failure) late([{ act: kept }]);
    else step(kept, "saving", "saving");
    if (leaving) ask(next()).catch(() => {});
    else pump();
    state();
    return kept;
  }

  channel.addEventListener("message", ({ data: { name, detail } }) => {
    if (name === "saved") {
      learn(detail, detail.result.version);
      saved(detail.act, detail.result.at);
    }
    fire(name, { ...detail, elsewhere: true });
    calm();
  });
  addEventListener("storage", state);
  for (const name of ["online", "focus", "pageshow"]) {
    addEventListener(name, () => {
      leaving = false;
      wake();
    });
  }
  addEventListener("pagehide", () => { leaving = true; });
  addEventListener("beforeunload", (event) => spare.size && event.preventDefault());

  // What an earlier page left is told to this one, then sent. An item that is open again is not given back.
  document.addEventListener("DOMContentLoaded", () => {
    for (const { act, name } of waiting()) if (act.kind === "return" && document.querySelector(`[data-session="${act.session}"]`)) drop(name);
    late(waiting());
    for (const { act, stands } of all("conflict")) {
      fire("conflict", { act, stands });
      differs(act);
    }
    state();
    wake();
  });

  window.Outbox = {
    clock, send, all, drop, tell, state, saved,
    // What the server does not have yet: all of a session, the newest on a step.
    unsent: (session) => waiting().map(({ act }) => act).filter((act) => same(act.session, session)),
    pending: (node) => waiting().map(({ act }) => act).filter((act) => same(act.node, node)).pop(),
  };
})();
