// Milliseconds until something in the page has changed; evaluated by tests/bench/tabs.py with what to do and what to see.
({ act, of, move }) =>
  new Promise((measured) => {
    const watched = document.querySelector(of);
    const done = () => {
      seen.disconnect();
      requestAnimationFrame(() => measured(performance.now() - began));
    };
    const seen = new MutationObserver(done);
    seen.observe(watched, { attributes: true, childList: true, subtree: true, attributeFilter: ["src"] });
    const actor = document.querySelector(act);
    const began = performance.now();
    if (actor.type !== "range") return actor.click();
    const [low, high] = [Number(actor.min), Number(actor.max)];
    actor.value = move % 2 ? low : high;
    actor.dispatchEvent(new Event("input", { bubbles: true }));
  });
