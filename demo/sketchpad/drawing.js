// The strokes of one drawing, each with the pen it was drawn with, and the image they make at two sizes: `image`
// is what the nets are sent, always 364x364; `view` is what the screen shows, sharp at its density.
const drawingOf = (() => {
  const { PAD_PX, Stroke } = penOf;
  const { Raster } = rasterOf;
  const NEAREST_PX = 2.5; // points closer than this tell more of the hand's trembling than of its way

  const pressureOf = (point) => point[3] ?? 1; // where it is not known, the pen presses fully
  const rounded = (value, digits) => Math.round(value * 10 ** digits) / 10 ** digits;

  class Drawing {
    constructor() {
      this.image = new Raster(PAD_PX);
      this.view = this.image;
      this.strokes = []; // [{pen, points}]
      this.ground = null; // an image without strokes on which one can go on drawing
      this.stroke = null; // the stroke being drawn: {pen, points, ink}
    }

    get empty() {
      return this.strokes.length === 0 && this.stroke === null && this.ground === null;
    }

    get travelPx() {
      let total = 0;
      for (const { points } of this.stroke === null ? this.strokes : [...this.strokes, this.stroke])
        for (let i = 1; i < points.length; i++)
          total += PAD_PX * Math.hypot(points[i][0] - points[i - 1][0], points[i][1] - points[i - 1][1]);
      return total;
    }

    begin(pen, point) {
      const put = (stamp) => this.#stamp(stamp);
      this.stroke = { pen: { ...pen }, points: [], ink: new Stroke({ ...pen }, this.strokes.length, put) };
      this.#push(point);
    }

    // Take the next place of the pointer, `[x, y, t]` or `[x, y, t, pressure]`; the last place of a stroke is always taken.
    extend(point, last = false) {
      const { points } = this.stroke;
      const [x, y] = points[points.length - 1];
      const moved = PAD_PX * Math.hypot(point[0] - x, point[1] - y);
      if (moved < (last ? 0.5 : NEAREST_PX)) return;
      this.#push(point);
    }

    end() {
      const { pen, points, ink } = this.stroke;
      ink.end();
      this.strokes.push({ pen, points });
      this.stroke = null;
    }

    cancel() {
      this.stroke = null;
      this.redraw();
    }

    // What the current stroke would add if it ended in `point` now: stamps for an image that lies above the view.
    tail(point, put) {
      if (this.stroke !== null) this.stroke.ink.tail(point[0], point[1], pressureOf(point), put);
    }

    resize(viewPx) {
      if (viewPx === this.view.widthPx) return;
      this.view = viewPx === PAD_PX ? this.image : new Raster(viewPx);
      this.redraw();
    }

    redraw() {
      this.wipe();
      const put = (stamp) => this.#stamp(stamp);
      this.strokes.forEach(({ pen, points }, index) => {
        const ink = new Stroke(pen, index, put);
        for (const point of points) ink.add(point[0], point[1], pressureOf(point));
        ink.end();
      });
      if (this.stroke !== null) {
        this.stroke.ink = new Stroke(this.stroke.pen, this.strokes.length, put);
        for (const point of this.stroke.points) this.stroke.ink.add(point[0], point[1], pressureOf(point));
      }
    }

    // An empty ground, or the image that was loaded as one.
    wipe() {
      for (const raster of new Set([this.image, this.view])) {
        raster.clear();
        if (this.ground !== null) raster.ground(this.ground);
      }
    }

    // Strokes and pens as they are sent: one pen, and `pens` only where the strokes differ in it.
    sent() {
      const all = this.stroke === null ? this.strokes : [...this.strokes, this.stroke];
      const pens = all.map(({ pen }) => pen);
      const sent = { strokes: all.map(({ points }) => points.slice()), pen: pens.at(-1) ?? null };
      if (new Set(pens.map((pen) => JSON.stringify(pen))).size > 1) sent.pens = pens;
      return sent;
    }

    #push([x, y, t, pressure]) {
      const point = [rounded(x, 4), rounded(y, 4), t === null ? null : Math.round(t)];
      if (pressure !== undefined) point.push(pressure === null ? null : rounded(pressure, 3));
      this.stroke.points.push(point);
      this.stroke.ink.add(point[0], point[1], pressureOf(point));
    }

    #stamp(stamp) {
      this.image.stamp(stamp);
      if (this.view !== this.image) this.view.stamp(stamp);
    }
  }

  return { Drawing, pressureOf };
})();
