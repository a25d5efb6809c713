// Small images of pens and drawings, and the preset pens to choose from.
import { PAD_PX, Stroke, ink } from "./pen.mjs";
import { Raster } from "./raster.mjs";

const CHIP_PX = 260; // so much of a pen's way is shown on its chip

// The stroke of a pen on a canvas of any shape, on which `acrossPx` px of the pad fit beside each other.
export const preview = (target, pen, acrossPx) => {
  const density = Math.max(1, window.devicePixelRatio);
  const box = target.getBoundingClientRect();
  if (box.width === 0) return;
  const [width, height] = [Math.round(box.width * density), Math.round(box.height * density)];
  if (target.width !== width || target.height !== height) Object.assign(target, { width, height });
  const scale = width / acrossPx;
  const raster = new Raster(width, height, scale);
  const stroke = new Stroke(pen, 0, (stamp) => raster.stamp(stamp));
  const swing = Math.max(0, height / scale - pen.widest_px) / 3;
  for (let i = 0; i <= 40; i++) {
    const x = acrossPx * (0.08 + 0.84 * (i / 40));
    stroke.add(x / PAD_PX, (height / scale / 2 - swing * Math.sin((2 * Math.PI * i) / 40)) / PAD_PX);
  }
  stroke.end();
  raster.show(target.getContext("2d", { alpha: false }));
};

// A whole drawing on a square canvas.
export const thumbnail = (target, { strokes, pen, pens }) => {
  const raster = new Raster(target.width);
  strokes.forEach((points, i) => ink(points, pens?.[i] ?? pen, i, (stamp) => raster.stamp(stamp)));
  raster.show(target.getContext("2d", { alpha: false }));
};

// Whether the seed of a pen changes anything that it draws.
export const jitters = (pen) => pen.size_jitter > 0 || pen.colour_jitter > 0;

const alike = (a, b) => Object.keys(a).every((name) => name === "seed" || a[name] === b[name]);

// The chips in `chips`; a click, or the arrows as in any group of radio buttons, gives a preset to `choose`.
export class Pens {
  constructor(chips, presets, choose) {
    this.chips = chips;
    this.presets = presets;
    for (const name of Object.keys(presets)) {
      const chip = Object.assign(document.createElement("button"), { type: "button", title: `Pen: ${name}` });
      chip.dataset.pen = name;
      chip.setAttribute("role", "radio");
      const label = Object.assign(document.createElement("span"), { textContent: name });
      chip.append(document.createElement("canvas"), label);
      chip.addEventListener("click", () => choose(presets[name]));
      chips.append(chip);
    }
    chips.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
      if (step === undefined) return;
      event.preventDefault();
      const all = [...chips.children];
      const next = all[(all.indexOf(event.target) + step + all.length) % all.length];
      choose(presets[next.dataset.pen]);
      next.focus();
    });
  }

  show(pen) {
    let chosen = false;
    for (const chip of this.chips.children) {
      const checked = alike(this.presets[chip.dataset.pen], pen);
      chosen ||= checked;
      chip.setAttribute("aria-checked", String(checked));
      chip.tabIndex = checked ? 0 : -1;
    }
    if (!chosen && this.chips.firstElementChild) this.chips.firstElementChild.tabIndex = 0;
  }

  preview() {
    for (const chip of this.chips.children) preview(chip.firstElementChild, this.presets[chip.dataset.pen], CHIP_PX);
  }
}
