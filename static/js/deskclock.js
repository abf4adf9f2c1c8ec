// Active seconds of the step that is looked at: a pause counts up to IDLE, a hidden page not at all. Outbox.send starts a step's count anew.
(() => {
  "use strict";

  const IDLE = 30;
  const ACTIVITY = ["pointerdown", "pointermove", "keydown", "wheel", "touchstart", "scroll"];
  const spent = new Map();
  let current = "";
  let since = 0;
  let awake = !document.hidden;

  const now = () => performance.now() / 1000;
  const running = () => (awake ? Math.min(now() - since, IDLE) : 0);

  function mark() {
    if (current) spent.set(current, (spent.get(current) || 0) + running());
    since = now();
  }

  for (const name of ACTIVITY) document.addEventListener(name, mark, { capture: true, passive: true });
  document.addEventListener("visibilitychange", () => {
    mark();
    awake = !document.hidden;
  });

  const clock = {
    start(node) {
      mark();
      current = String(node);
    },
    seconds(node) {
      const total = (spent.get(String(node)) || 0) + (current === String(node) ? running() : 0);
      return Math.round(10 * total) / 10;
    },
    clear(node) {
      mark();
      spent.delete(String(node));
    },
  };
  window.Outbox = { clock };
})();
