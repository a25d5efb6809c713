// Moves one slider of the laboratory and resolves with the milliseconds until the decoded digit has changed;
// evaluated in the page by demo/bench.py with the number of the move.
(move) =>
  new Promise((measured) => {
    const image = document.querySelector("#decoded img.result");
    const slider = document.querySelector(`#pose-${move % 16}`);
    const seen = new MutationObserver(() => {
      seen.disconnect();
      measured(performance.now() - moved);
    });
    seen.observe(image, { attributes: true, attributeFilter: ["src"] });
    const [low, high] = [Number(slider.min), Number(slider.max)];
    slider.value = Number(slider.value) > (low + high) / 2 ? low : high;
    const moved = performance.now();
    slider.dispatchEvent(new Event("input", { bubbles: true }));
  });
