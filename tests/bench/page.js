// Notes when the pen was lifted and when each part of the page changed after that; tests/bench/page.py reads it.
() => {
  const parts = { bars: "#bars", tiles: "#verdict .tiles", line: "#verdict .line" };
  const none = () => Object.fromEntries(Object.keys(parts).map((part) => [part, 0]));
  window.bench = { lifted: 0, changed: none() };
  addEventListener("pointerup", () => Object.assign(bench, { lifted: performance.now(), changed: none() }), true);
  for (const [part, where] of Object.entries(parts)) {
    new MutationObserver(() => (bench.changed[part] = performance.now())).observe(document.querySelector(where), {
      subtree: true,
      childList: true,
      characterData: true,
      attributes: true,
    });
  }
}
