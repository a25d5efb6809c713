// Strokes drawn again at the speed of the hand that drew them.
import { PAD_PX } from "./pen.mjs";

const LONGEST_REST_MS = 350; // between strokes
const LONGEST_HALT_MS = 200; // within a stroke
const LONGEST_MS = 6000; // of the whole replay: longer ones go faster
const PX_PER_MS = 0.7; // where the times are not known

// When each point of `strokes` is drawn, in ms from the start, in the order of the points.
export const schedule = (strokes) => {
  const times = [];
  let now = 0;
  let before = null; // the last point
  for (const { points } of strokes)
    points.forEach((point, i) => {
      if (before !== null) {
        const timed = Number.isFinite(point[2]) && Number.isFinite(before[2]) && point[2] > before[2];
        const far = PAD_PX * Math.hypot(point[0] - before[0], point[1] - before[1]);
        now += Math.min(timed ? point[2] - before[2] : far / PX_PER_MS, i === 0 ? LONGEST_REST_MS : LONGEST_HALT_MS);
      }
      times.push(now);
      before = point;
    });
  const faster = Math.max(1, now / LONGEST_MS);
  return times.map((time) => time / faster);
};

// Runs until its end or until `stop`. `showPart(count)` is called in each frame in which points have been added;
// `ended` once, with the reason.
export class Replay {
  constructor(strokes, showPart, ended) {
    this.ended = ended;
    this.times = schedule(strokes);
    let count = 0;
    const start = performance.now();
    const frame = (now) => {
      const before = count;
      while (count < this.times.length && this.times[count] <= now - start) count += 1;
      if (count > before) showPart(count);
      if (count < this.times.length) this.frame = requestAnimationFrame(frame);
      else this.stop("done");
    };
    this.frame = requestAnimationFrame(frame);
  }

  stop(reason) {
    cancelAnimationFrame(this.frame);
    this.ended(reason);
  }
}
