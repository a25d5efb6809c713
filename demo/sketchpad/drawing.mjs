// The strokes of one drawing, each with the pen it was drawn with, and the image they make at two sizes: `image`
// is what the nets are sent, always 364x364; `view` is what the screen shows, sharp at its density.
import { PAD_PX, Stroke, ink, pressureOf } from "./pen.mjs";
import { Raster } from "./raster.mjs";

const NEAREST_PX = 2.5; // points closer than this tell more of the hand's trembling than of its way
const INK_FROM = 32; // of 255 in the brightest channel, as in architectures/input/mnist_like.py

const rounded = (value, digits) => Math.round(value * 10 ** digits) / 10 ** digits;
const apart = (a, b) => PAD_PX * Math.hypot(a[0] - b[0], a[1] - b[1]);

export const travelPx = (points) => {
  let total = 0;
  for (let i = 1; i < points.length; i++) total += apart(points[i], points[i - 1]);
  return total;
};

export class Drawing {
  #partial = null; // the ink of the stroke that `showPart` has come to

  constructor() {
    this.image = new Raster(PAD_PX);
    this.view = this.image;
    this.strokes = []; // [{pen, points, travelPx}]; neither the list nor what is in it is ever changed
    this.ground = null; // pixels without strokes on which one can go on drawing: {data, widthPx}
    this.stroke = null; // the stroke being drawn: {pen, points, travelPx, ink}
    this.part = null; // how many of all points are shown, while it is less than the whole
  }

  get empty() {
    return this.strokes.length === 0 && this.stroke === null && this.ground === null;
  }

  // Of all strokes together: {strokes, points, travelPx, inkPx2}; the ink is travel times the pen's greatest width.
  get size() {
    const size = { strokes: 0, points: 0, travelPx: 0, inkPx2: 0 };
    for (const each of this.#all()) {
      size.strokes += 1;
      size.points += each.points.length;
      size.travelPx += each.travelPx;
      size.inkPx2 += each.travelPx * each.pen.widest_px;
    }
    return size;
  }

  // Whether there are strokes or a ground, and yet no pixel bright enough for the nets to take it for ink.
  get tooDark() {
    if (this.empty) return false;
    const { data } = this.image.image;
    for (let at = 0; at < data.length; at += 4)
      if (data[at] >= INK_FROM || data[at + 1] >= INK_FROM || data[at + 2] >= INK_FROM) return false;
    return true;
  }

  begin(pen, point) {
    const index = this.strokes.length;
    this.stroke = { pen: { ...pen }, points: [], travelPx: 0, ink: new Stroke({ ...pen }, index, this.#stamp) };
    this.#push(point);
  }

  // Take the next place of the pointer, `[x, y, t]` or `[x, y, t, pressure]`; the last place of a stroke is always taken.
  extend(point, last = false) {
    const moved = apart(point, this.stroke.points.at(-1));
    if (moved < (last ? 0.5 : NEAREST_PX)) return;
    this.#push(point);
  }

  end() {
    const { pen, points, travelPx: travel, ink: inked } = this.stroke;
    inked.end();
    this.strokes = [...this.strokes, { pen, points, travelPx: travel }];
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

  // Put `strokes`, [{pen, points}], in the place of what is there.
  replace(strokes, ground = null) {
    this.stroke = null;
    this.strokes = strokes.map(({ pen, points }) => ({ pen, points, travelPx: travelPx(points) }));
    this.ground = ground;
    this.redraw();
  }

  resize(viewPx) {
    if (viewPx === this.view.widthPx) return;
    this.view = viewPx === PAD_PX ? this.image : new Raster(viewPx);
    const { part } = this;
    this.redraw();
    if (part !== null) this.showPart(part);
  }

  redraw() {
    this.#wipe();
    this.strokes.forEach(({ pen, points }, index) => ink(points, pen, index, this.#stamp));
    if (this.stroke === null) return;
    this.stroke.ink = new Stroke(this.stroke.pen, this.strokes.length, this.#stamp);
    for (const point of this.stroke.points) this.stroke.ink.add(point[0], point[1], pressureOf(point));
  }

  // Show, and send, the first `count` of all points; `redraw` shows the whole again.
  showPart(count) {
    if (this.part === null || count < this.part) this.#wipe();
    let at = 0;
    this.strokes.forEach(({ pen, points }, index) => {
      for (const point of points) {
        at += 1;
        if (at <= (this.part ?? 0) || at > count) continue;
        if (this.#partial?.index !== index) {
          this.#partial?.end();
          this.#partial = new Stroke(pen, index, this.#stamp);
        }
        this.#partial.add(point[0], point[1], pressureOf(point));
      }
    });
    this.part = Math.max(this.part ?? 0, count);
  }

  // Strokes and pens as they are sent: one pen, and `pens` only where the strokes differ in it.
  sent() {
    const all = this.#all();
    const pens = all.map(({ pen }) => pen);
    const sent = { strokes: all.map(({ points }) => points.slice()), pen: pens.at(-1) ?? null };
    if (new Set(pens.map((pen) => JSON.stringify(pen))).size > 1) sent.pens = pens;
    return sent;
  }

  // The strokes that are shown: with the one being drawn, or as far as `part` goes.
  #all() {
    if (this.part === null) return this.stroke === null ? this.strokes : [...this.strokes, this.stroke];
    let left = this.part;
    const shown = [];
    for (const each of this.strokes) {
      if (left <= 0) break;
      const points = each.points.slice(0, left);
      shown.push({ ...each, points, travelPx: travelPx(points) });
      left -= points.length;
    }
    return shown;
  }

  // An empty ground, or the image that was loaded as one.
  #wipe() {
    this.part = null;
    this.#partial = null;
    for (const raster of new Set([this.image, this.view])) {
      raster.clear();
      if (this.ground !== null) raster.ground(this.ground);
    }
  }

  #push([x, y, t, pressure]) {
    const point = [rounded(x, 4), rounded(y, 4), t === null ? null : Math.round(t)];
    if (pressure !== undefined) point.push(pressure === null ? null : rounded(pressure, 3));
    const { points } = this.stroke;
    if (points.length > 0) this.stroke.travelPx += apart(point, points.at(-1));
    points.push(point);
    this.stroke.ink.add(point[0], point[1], pressureOf(point));
  }

  #stamp = (stamp) => {
    this.image.stamp(stamp);
    if (this.view !== this.image) this.view.stamp(stamp);
  };
}
