// The pen that draws next, the preset pens to choose from, and small images of pens and drawings.
const chips = root.querySelector(".sketchpad-pens");

// The stroke of a pen on a canvas of any shape, on which `acrossPx` px of the pad fit beside each other.
const preview = (target, shownPen, acrossPx) => {
  const density = Math.max(1, window.devicePixelRatio);
  const box = target.getBoundingClientRect();
  if (box.width === 0) return;
  const [width, height] = [Math.round(box.width * density), Math.round(box.height * density)];
  if (target.width !== width || target.height !== height) Object.assign(target, { width, height });
  const scale = width / acrossPx;
  const raster = new rasterOf.Raster(width, height, scale);
  const ink = new penOf.Stroke(shownPen, 0, (stamp) => raster.stamp(stamp));
  const swing = Math.max(0, height / scale - shownPen.widest_px) / 3;
  for (let i = 0; i <= 40; i++) {
    const x = acrossPx * (0.08 + 0.84 * (i / 40));
    ink.add(x / PAD_PX, (height / scale / 2 - swing * Math.sin((2 * Math.PI * i) / 40)) / PAD_PX);
  }
  ink.end();
  raster.show(target.getContext("2d", { alpha: false }));
};

// A whole drawing on a square canvas.
const thumbnail = (target, { strokes, pen: own, pens }) => {
  const raster = new rasterOf.Raster(target.width);
  strokes.forEach((points, i) => {
    const ink = new penOf.Stroke(pens?.[i] ?? own, i, (stamp) => raster.stamp(stamp));
    for (const point of points) ink.add(point[0], point[1], drawingOf.pressureOf(point));
    ink.end();
  });
  raster.show(target.getContext("2d", { alpha: false }));
};

const same = (a, b) => Object.keys(a).every((name) => a[name] === b[name]);

const setPen = (next) => {
  pen = { ...pen, ...next };
  let chosen = false;
  for (const chip of chips.children) {
    const checked = same(presets[chip.dataset.pen], pen);
    chosen ||= checked;
    chip.setAttribute("aria-checked", String(checked));
    chip.tabIndex = checked ? 0 : -1;
  }
  if (!chosen && chips.firstElementChild) chips.firstElementChild.tabIndex = 0;
  root.dispatchEvent(new CustomEvent("sketchpad:pen", { bubbles: true }));
};

for (const name of Object.keys(presets)) {
  const chip = Object.assign(document.createElement("button"), { type: "button", title: `Pen: ${name}` });
  chip.dataset.pen = name;
  chip.setAttribute("role", "radio");
  const label = Object.assign(document.createElement("span"), { textContent: name });
  chip.append(document.createElement("canvas"), label);
  chip.addEventListener("click", () => setPen(presets[name]));
  chips.append(chip);
}

chips.addEventListener("keydown", (event) => {
  const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
  if (step === undefined) return;
  event.preventDefault();
  const all = [...chips.children];
  const next = all[(all.indexOf(event.target) + step + all.length) % all.length];
  setPen(presets[next.dataset.pen]);
  next.focus();
});
