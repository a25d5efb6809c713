// The living pen: points -> stamps. architectures/input/pen.py and inking.py compute the same numbers in the same order, in 64-bit
// floats with + - * / and sqrt alone, so that both languages agree on every bit.
export const PAD_PX = 364;
const JITTER_PX = 28; // how far apart the knots of the noise lie along a stroke
const CHORD_PX = 2; // the curve between two points is cut into chords no longer than about this
const CORNER = 0.35; // cosine of the turn (70 degrees) from which a point is a corner and not a bend

// Finaliser of MurmurHash3 (Appleby 2011, public domain).
const mixed = (h) => {
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
};

// Smooth noise in [0, 1] along a stroke.
const noise = (seed, stroke, channel, along) => {
  const place = along / JITTER_PX;
  const knot = Math.floor(place);
  let part = place - knot;
  part = part * part * (3 - 2 * part);
  const key = mixed((seed + Math.imul(stroke, 0x9e3779b1) + Math.imul(channel, 0x85ebca77)) | 0);
  const before = mixed((Math.imul(knot, 0xc2b2ae3d) + key) | 0) / 4294967296;
  const after = mixed((Math.imul(knot + 1, 0xc2b2ae3d) + key) | 0) / 4294967296;
  return before + (after - before) * part;
};

const stepPx = (pen) => Math.min(2, Math.max(0.5, pen.thinnest_px / 8));

const widthPx = (pen, along, pressure, stroke) => {
  let phase = along / pen.width_period_px;
  phase -= Math.floor(phase);
  const rise = 1 - Math.abs(2 * phase - 1);
  let breath = rise * rise * (3 - 2 * rise);
  if (pen.size_jitter > 0) breath += (noise(pen.seed, stroke, 0, along) - breath) * pen.size_jitter;
  const width = pen.thinnest_px + (pen.widest_px - pen.thinnest_px) * breath;
  return pen.pressure ? width * (0.3 + 0.7 * Math.sqrt(pressure)) : width;
};

const byte = (share) => Math.floor(255 * Math.min(1, Math.max(0, share)) + 0.5);

const colour = (pen, along, stroke) => {
  const shift = pen.colour_jitter > 0 ? noise(pen.seed, stroke, 1, along) : 0;
  if (pen.colour !== null) {
    const light = 1 - 0.5 * pen.colour_jitter * shift;
    return [1, 3, 5].map((i) => Math.floor(parseInt(pen.colour.slice(i, i + 2), 16) * light + 0.5));
  }
  let sixth = (along / pen.hue_period_px) * 6;
  if (pen.hue_start_deg > 0) sixth += pen.hue_start_deg / 60;
  if (pen.colour_jitter > 0) sixth += (shift - 0.5) * pen.colour_jitter * 6;
  sixth -= 6 * Math.floor(sixth / 6);
  return [Math.abs(sixth - 3) - 1, 2 - Math.abs(sixth - 2), 2 - Math.abs(sixth - 4)].map(byte);
};

// One stroke, fed point by point. Stamps `{x, y, radius, rgb}` (px of the 364 px pad) go to `put` as soon as the curve
// is settled: the piece up to the last point waits for the next point, which bends it, or for `end`.
export class Stroke {
  constructor(pen, index, put) {
    this.pen = pen;
    this.index = index;
    this.put = put;
    this.step = stepPx(pen);
    this.last = null; // the point the curve has been asked to reach
    this.piece = null; // the piece that waits: {from, to, steps, length, way, leaving}
    this.at = null; // where the settled curve ends: {x, y, pressure}
    this.far = 0; // length of the settled curve
    this.stamps = 0;
  }

  // x and y in the unit square, pressure in [0, 1].
  add(x, y, pressure = 1) {
    const point = { x: x * PAD_PX, y: y * PAD_PX, pressure };
    if (this.last === null) {
      this.last = point;
      this.at = point;
      this.#stamp(point.x, point.y, pressure);
      return;
    }
    if (point.x === this.last.x && point.y === this.last.y) return;
    const dx = point.x - this.last.x;
    const dy = point.y - this.last.y;
    const length = Math.sqrt(dx * dx + dy * dy);
    const way = { x: dx / length, y: dy / length };
    const piece = { from: this.last, to: point, length, way, leaving: way };
    const before = this.piece;
    if (before !== null) {
      let arriving = before.way;
      if (before.way.x * way.x + before.way.y * way.y >= CORNER) {
        const both = before.length + length;
        arriving = {
          x: (before.way.x * length + way.x * before.length) / both,
          y: (before.way.y * length + way.y * before.length) / both,
        };
        piece.leaving = arriving;
      }
      this.#settle(before, arriving);
    }
    this.piece = piece;
    this.last = point;
  }

  end() {
    if (this.piece !== null) this.#settle(this.piece, this.piece.way);
    this.piece = null;
  }

  // The rest of the stroke as it would end now in (x, y); nothing is settled by it.
  tail(x, y, pressure, put) {
    const copy = new Stroke(this.pen, this.index, put);
    for (const name of ["last", "piece", "at", "far", "stamps"]) copy[name] = this[name];
    copy.add(x, y, pressure);
    copy.end();
  }

  #settle({ from, to, length, leaving }, arriving) {
    const pieces = Math.ceil(length / CHORD_PX);
    for (let i = 1; i <= pieces; i++) {
      const t = i / pieces;
      const rest = 1 - t;
      const h0 = (1 + 2 * t) * rest * rest;
      const g0 = t * rest * rest;
      const h1 = t * t * (3 - 2 * t);
      const g1 = t * t * rest;
      this.#line(
        from.x * h0 + leaving.x * length * g0 + to.x * h1 - arriving.x * length * g1,
        from.y * h0 + leaving.y * length * g0 + to.y * h1 - arriving.y * length * g1,
        from.pressure + (to.pressure - from.pressure) * t,
      );
    }
  }

  #line(x, y, pressure) {
    const { x: x0, y: y0, pressure: pressure0 } = this.at;
    const dx = x - x0;
    const dy = y - y0;
    const length = Math.sqrt(dx * dx + dy * dy);
    const end = this.far + length;
    for (let along = this.stamps * this.step; along <= end; along = this.stamps * this.step) {
      const part = (along - this.far) / length;
      this.#stamp(x0 + dx * part, y0 + dy * part, pressure0 + (pressure - pressure0) * part);
    }
    this.far = end;
    this.at = { x, y, pressure };
  }

  #stamp(x, y, pressure) {
    const along = this.stamps * this.step;
    this.stamps += 1;
    this.put({
      x,
      y,
      radius: widthPx(this.pen, along, pressure, this.index) / 2,
      rgb: colour(this.pen, along, this.index),
    });
  }
}

// Where the pressure of a point is not known, the pen presses fully.
export const pressureOf = (point) => point[3] ?? 1;

// The stamps of a whole stroke, one after another, to `put`.
export const ink = (points, pen, index, put) => {
  const stroke = new Stroke(pen, index, put);
  for (const point of points) stroke.add(point[0], point[1], pressureOf(point));
  stroke.end();
};
