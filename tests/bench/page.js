// Notes when the pen was lifted and when the bars changed after that; evaluated in the page by demo/bench.py.
() => {
  const bench = { lifted: 0, changed: 0 };
  window.bench = bench;
  window.addEventListener("pointerup", () => Object.assign(bench, { lifted: performance.now(), changed: 0 }), true);
  new MutationObserver(() => (bench.changed = performance.now())).observe(document.querySelector("#bars"), {
    subtree: true,
    childList: true,
    characterData: true,
    attributes: true,
  });
}
