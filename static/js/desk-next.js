// Items come and go: the next one waits, earlier ones stay for undo, what was not begun is given back.
(() => {
  "use strict";

  const { find, every, has, remark } = Desk;
  const page = find("#desk");
  const [KEPT, MINUTE, RETRY] = [20, 60000, 3000];
  const ENDS = ["submit", "skip"];
  // Items stand on the page in the order in which they came; those that are ended have data-done.
  const had = [];
  const held = (session) => find(`#item-${session}`);
  const number = (article) => Number(article.dataset.session);
  const waiting = () => every("article").find((article) => !has(article, "done") && article !== Desk.item);

  async function ask(body) {
    const [, token] = document.cookie.match(/(?:^|; )csrftoken=([^;]+)/) || [];
    const headers = { "Content-Type": "application/json", "X-CSRFToken": token || document.body.dataset.csrf };
    const answer = await fetch(page.dataset.next, { method: "POST", redirect: "error", headers, body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(answer.status);
    return answer.json();
  }
  function hold(article) {
    had.push(number(article));
    for (const step of every(".step", article)) {
      Desk.put(step, Outbox.pending(step.dataset.node) || Desk.word(step));
      if (step.dataset.version !== "0") article.dataset.begun = "";
    }
    if (Outbox.unsent(number(article)).some(({ kind }) => ENDS.includes(kind))) article.dataset.done = "";
    return article;
  }
  function arrived(html) {
    const parsed = document.createElement("template");
    parsed.innerHTML = html;
    const article = hold(find("article", parsed.content));
    // One that was skipped may come again.
    if (held(article.dataset.session)) held(article.dataset.session).remove();
    find("#items").append(article);
    article.dispatchEvent(new Event("formulae:draw", { bubbles: true }));
    const old = every("article[data-done]").filter((other) => other !== Desk.item);
    if (old.length > KEPT) old[0].remove();
    return article;
  }

  // Fetches the next item unless one waits.
  let asking = null;
  function preload() {
    if (waiting()) return {};
    asking ||= ask({ have: had }).then((answer) => {
      if (answer.html) arrived(answer.html);
      return answer;
    }).finally(() => { asking = null; });
    return asking;
  }

  function lease(article) {
    const { lease: until } = article.dataset;
    const clock = new Date(until).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
    find(".lease", article).textContent = new Date(until) < Date.now() ? "Your time for this item ran out: what you label is kept, beside the others'." : until && `yours until ${clock}`;
  }
  function clear(some) {
    if (Desk.item) Desk.item.hidden = true;
    if (Desk.step) Desk.step.removeAttribute("aria-current");
    page.append(find("#acts"), find("#write"), find("#pick"));
    Object.assign(Desk, { item: some || null, step: null });
    find("#nothing").hidden = Boolean(some);
    find("#ends").hidden = find("#done").hidden = !some;
  }
  function show(article, step) {
    clear(article);
    article.hidden = false;
    for (const aid of ["reference", "evidence"]) find(`[data-act=${aid}]`).hidden = article.dataset[aid] !== "key";
    find("[data-act=choose]").hidden = article.dataset.mode !== "tree";
    find("[data-act=all_correct]").hidden = article.dataset.mode === "tree";
    Desk.lay();
    Desk.go(step || Desk.finish().step || Desk.steps()[0]);
    if (!step) scrollTo(0, 0);
    lease(article);
    folding.disconnect();
    folding.observe(find(".asked", article));
    Promise.resolve(preload()).catch(() => {});
  }
  function nothing(words) {
    clear();
    find("#why").textContent = words;
    Desk.say(words);
  }
  // The next item is shown at once if it is there, else as soon as it comes.
  async function advance() {
    if (waiting()) return show(waiting());
    nothing("The next item is on its way.");
    try {
      await preload();
      // An answer from before this item was ended may be out of date.
      const answer = await preload();
      if (Desk.item) return;
      if (waiting()) show(waiting());
      else nothing(answer.nothing);
    } catch {
      nothing("The server does not answer. The next item comes when it is back; what you labelled is kept.");
      setTimeout(() => Desk.item || advance(), RETRY);
    }
  }

  function end(act) {
    const session = number(Desk.item);
    Desk.item.dataset.done = "";
    Outbox.send({ ...act, session });
    if (act.finish) Desk.done([{ kind: "reopen", session }], "the item was submitted");
    advance();
    if (Desk.item) Desk.say(`${act.finish ? "Submitted" : "Skipped"}. Next item: ${find(".asked .text", Desk.item).textContent}`);
  }
  function submit() {
    Desk.keep();
    const { finish, step, why } = Desk.finish();
    if (finish) return end({ kind: "submit", finish });
    Desk.go(step);
    remark(why);
  }

  const [skipping, ending, reason] = ["#skipping", "#ending", "#reason"].map((id) => find(id));
  for (const box of [skipping, ending]) {
    box.addEventListener("close", () => {
      const { returnValue: how } = box;
      if (how) end(how === "skip" ? { kind: how, reason: reason.value.trim() } : { kind: "submit", finish: how });
      box.returnValue = reason.value = "";
    });
  }
  ending.addEventListener("keydown", ({ key, repeat }) => {
    const how = { b: "bad_problem", g: "give_up" }[key];
    if (how && !repeat) ending.close(how);
  });
  Object.assign(Desk.acts, {
    submit,
    look: advance,
    skip: () => skipping.showModal(),
    end: () => ending.showModal(),
    guidelines: () => Desk.open("guidelines"),
  });

  // An item comes back with what is undone or refused.
  async function again(session) {
    const article = held(session) || arrived((await ask({ session })).html);
    if (article !== Desk.item) show(article);
    return article;
  }
  document.addEventListener("desk:undo", async ({ detail: { item, undo } }) => {
    const article = await again(item);
    for (const act of undo) {
      const step = act.node && find(`.step[data-node="${act.node}"]`, article);
      if (act.kind === "reopen") delete article.dataset.done;
      if (act.kind === "own") Desk.putOwn(act.parent, act.text);
      if (!step) continue;
      Desk.put(step, act);
      Desk.go(step);
    }
  });
  document.addEventListener("outbox:refused", async ({ detail: { act, message } }) => {
    if (!ENDS.includes(act.kind)) return;
    delete (await again(act.session)).dataset.done;
    remark(message);
  });
  document.addEventListener("outbox:saved", ({ detail: { result: { gold } } }) => gold && remark(`A known item: ${gold.right} of ${gold.known} right.`));
  document.addEventListener("outbox:leases", ({ detail }) => {
    for (const [session, until] of Object.entries(detail)) {
      if (held(session)) held(session).dataset.lease = until;
    }
    if (Desk.item) lease(Desk.item);
  });

  // A sign of life a minute while somebody works, also for the item that waits.
  let active = true;
  for (const name of ["keydown", "pointerdown", "scroll"]) addEventListener(name, () => { active = true; }, { passive: true });
  setInterval(() => {
    for (const article of [Desk.item, waiting()].filter(Boolean)) {
      lease(article);
      if (active) Outbox.send({ kind: "keep", session: number(article) });
    }
    active = false;
  }, MINUTE);

  // The waiting item goes back when the page is left, this one when a link is followed.
  let follows = false;
  addEventListener("click", ({ target, ctrlKey, metaKey }) => { follows = target.closest("a[href]") && !ctrlKey && !metaKey; });
  addEventListener("pagehide", () => {
    for (const article of [waiting(), follows && Desk.item]) if (article && !has(article, "begun")) Outbox.send({ kind: "return", session: number(article) });
  });
  addEventListener("pageshow", ({ persisted }) => persisted && location.reload());

  // The problem in one line while its text is out of sight.
  const folding = new IntersectionObserver(([{ isIntersecting, target }]) => { find(".folded", target.parentNode).hidden = isIntersecting; }, { rootMargin: "-48px" });

  // What draws formulae comes after the first picture of the page, for it takes longer than all the rest.
  requestAnimationFrame(() => setTimeout(() => {
    let coming = 0;
    const onload = () => --coming || page.dispatchEvent(new Event("formulae:draw", { bubbles: true }));
    for (const file of page.dataset.draws.split(" ")) {
      const more = file.endsWith(".css") ? ["link", { rel: "stylesheet", href: file }] : ["script", { src: file, async: false }];
      document.head.append(Object.assign(document.createElement(more[0]), more[1], { onload }));
      coming += 1;
    }
  }));
  // An item that was asked for is not asked for again by a reload, after others have come.
  history.replaceState(null, "", location.pathname);
  every("article").forEach(hold);
  if (had.length) advance();
})();
