// Strokes drawn again at the speed of the hand that drew them.
const replayOf = (() => {
  const { PAD_PX, Stroke } = penOf;
  const { pressureOf } = drawingOf;
  const LONGEST_REST_MS = 350; // between strokes
  const LONGEST_HALT_MS = 200; // within a stroke
  const LONGEST_MS = 6000; // of the whole replay: longer ones go faster
  const PX_PER_MS = 0.7; // where the times are not known

  // For each point of each stroke in order: {at_ms, stroke, point}.
  const schedule = (strokes) => {
    const steps = [];
    let now = 0;
    let before = null; // the last point
    strokes.forEach(({ points }, stroke) => {
      points.forEach((point, i) => {
        if (before !== null) {
          const timed = Number.isFinite(point[2]) && Number.isFinite(before[2]) && point[2] > before[2];
          const far = PAD_PX * Math.hypot(point[0] - before[0], point[1] - before[1]);
          now += Math.min(timed ? point[2] - before[2] : far / PX_PER_MS, i === 0 ? LONGEST_REST_MS : LONGEST_HALT_MS);
        }
        steps.push({ at_ms: now, stroke, point });
        before = point;
      });
    });
    const faster = Math.max(1, now / LONGEST_MS);
    for (const step of steps) step.at_ms /= faster;
    return steps;
  };

  // Runs until its end or until `stop`; `shown` is called after each frame, `ended` once with the reason.
  class Replay {
    constructor(drawing, shown, ended) {
      this.drawing = drawing;
      this.shown = shown;
      this.ended = ended;
      this.steps = schedule(drawing.strokes);
      this.next = 0;
      this.ink = null;
      drawing.wipe();
      const start = performance.now();
      const frame = (now) => {
        this.#until(now - start);
        shown();
        if (this.next < this.steps.length) this.frame = requestAnimationFrame(frame);
        else this.stop("done");
      };
      this.frame = requestAnimationFrame(frame);
    }

    stop(reason) {
      cancelAnimationFrame(this.frame);
      this.drawing.redraw();
      this.shown();
      this.ended(reason);
    }

    #until(now_ms) {
      const { strokes, view } = this.drawing;
      for (; this.next < this.steps.length && this.steps[this.next].at_ms <= now_ms; this.next++) {
        const { stroke, point } = this.steps[this.next];
        if (this.ink === null || this.ink.index !== stroke) {
          this.ink?.end();
          this.ink = new Stroke(strokes[stroke].pen, stroke, (stamp) => view.stamp(stamp));
        }
        this.ink.add(point[0], point[1], pressureOf(point));
      }
    }
  }

  return { Replay };
})();
