// Notes when the pen was lifted and when each part of the page changed after that; tests/bench/page.py reads it.
() => {
  const BESIDE = ".tag, .other, .spoken"; // what the person has said, what the other training says, words for ears
  const parts = { bars: "#bars", tiles: "#verdict .tiles", line: "#verdict .line" };
  const none = () => Object.fromEntries(Object.keys(parts).map((part) => [part, 0]));
  window.bench = { lifted: 0, changed: none() };
  addEventListener("pointerup", () => Object.assign(bench, { lifted: performance.now(), changed: none() }), true);
  for (const [part, where] of Object.entries(parts)) {
    const look = (changes) => {
      if (changes.some(({ target }) => !target.closest?.(BESIDE))) bench.changed[part] = performance.now();
    };
    const found = document.querySelector(where); // an older page lacks some
    if (found) new MutationObserver(look).observe(found, { subtree: true, childList: true });
  }
}
