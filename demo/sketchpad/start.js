// The size of the canvas, what other parts of the page may ask of the pad, and its start.
const fit = () => {
  const side = canvas.getBoundingClientRect().width;
  if (side === 0) return; // in a hidden tab: it keeps what it has
  const px = Math.min(4 * PAD_PX, Math.round(side * window.devicePixelRatio));
  if (px !== canvas.width) {
    for (const each of [canvas, overlay]) each.width = each.height = px;
    drawing.resize(px);
    drawing.view.touch();
  }
  for (const chip of chips.children) preview(chip.firstElementChild, presets[chip.dataset.pen], 260);
  showSoon();
};
new ResizeObserver(fit).observe(canvas);

root.sketchpad = {
  get pen() {
    return { ...pen };
  },
  get strokes() {
    return drawing.sent().strokes;
  },
  get image() {
    return imageUrl();
  },
  presets,
  setPen,
  load,
  clear,
  undo,
  play,
  preview,
  thumbnail,
};
setPen(pen);
fit();
describe();
if (props.value) load(props.value);
root.dispatchEvent(new CustomEvent("sketchpad:ready", { bubbles: true }));
