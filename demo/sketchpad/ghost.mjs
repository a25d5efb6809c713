// The first screen shows once what it is about: a 7 draws itself, the pen swells, and the nets answer as they do to anyone.
// Whatever a person does ends it at once. It is not shown to those who ask for less motion.
import { keep, kept } from "./session.mjs";

const NAME = "ghost";
const AFTER_MS = 1200; // so long the screen is untouched
const STANDS_MS = 1600; // so long the drawing stays
const TOUCHES = ["pointerdown", "touchstart", "keydown", "wheel", "sketchpad:load"];

// A 7 as a hand draws it: across, a turn, and down, in ms.
const seven = () => {
  const points = [];
  const eased = (t) => t * t * (3 - 2 * t);
  for (let i = 0; i <= 34; i++) {
    const t = eased(i / 34);
    points.push([0.24 + 0.5 * t, 0.27 - 0.035 * Math.sin(Math.PI * t), 20 * i]);
  }
  for (let i = 1; i <= 44; i++) {
    const t = eased(i / 44);
    points.push([0.74 - 0.31 * t - 0.05 * Math.sin(Math.PI * t), 0.27 + 0.57 * t, 680 + 90 + 20 * i]);
  }
  return points;
};

// Start it when it may be shown; `pad.performs` ends it.
export const haunt = (pad) => {
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  if (calm || kept(NAME) !== null) return;
  let timer = null;
  const end = () => {
    clearTimeout(timer);
    for (const touch of TOUCHES) document.removeEventListener(touch, end, true);
    if (pad.performs !== null) pad.endPerformance();
  };
  for (const touch of TOUCHES) document.addEventListener(touch, end, true);
  timer = setTimeout(() => {
    if (!pad.drawing.empty || document.hidden || pad.canvas.offsetParent === null) return end();
    keep(NAME, true);
    return pad.perform([{ pen: pad.pen, points: seven() }], () => {
      timer = setTimeout(end, STANDS_MS);
    });
  }, AFTER_MS);
};
