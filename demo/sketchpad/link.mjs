// A drawing as text for the fragment of an address, which no server sees: strokes, their pens and seeds.
//
// Packed: a byte that says whether the rest is deflated; then the version, the pens (JSON), and of all points one after
// another x and y, as steps of 1/4096 of the pad, the time between them in ms, and the pressure of 255. Every number is a
// varint, differences with the sign in the lowest bit. Whatever comes back from such a text is checked: anyone may have
// written it.
const VERSION = 1;
const GRID = 4096;
const LONGEST_TEXT = 200_000;
const LARGEST_BYTES = 500_000; // unpacked
const MOST = { strokes: 400, points: 20_000, pens: 400 };
const FURTHEST = 1; // pads outside the pad
const LONGEST_MS = 24 * 3600 * 1000;
const TIMED = 1; // flags of a stroke
const PRESSED = 2;

// The fields of a pen in the order in which they are packed, with what they may be, as in architectures/input/pen.py.
const PEN = [
  ["thinnest_px", 1, 100],
  ["widest_px", 1, 100],
  ["width_period_px", 10, 10_000],
  ["hue_period_px", 10, 10_000],
  ["hue_start_deg", 0, 360],
  ["size_jitter", 0, 1],
  ["colour_jitter", 0, 1],
  ["seed", 0, 2 ** 31 - 1],
];

export class BadLink extends Error {}

class Writer {
  bytes = [];

  number(value) {
    for (; value > 127; value = Math.floor(value / 128)) this.bytes.push((value % 128) | 128);
    this.bytes.push(value);
  }

  difference(value) {
    this.number(value < 0 ? -2 * value - 1 : 2 * value);
  }

  text(text) {
    const bytes = new TextEncoder().encode(text);
    this.number(bytes.length);
    this.bytes.push(...bytes);
  }
}

class Reader {
  #at = 0;

  constructor(bytes) {
    this.bytes = bytes;
  }

  number(most) {
    let value = 0;
    let scale = 1;
    for (;;) {
      if (this.#at >= this.bytes.length || scale > 2 ** 42) throw new BadLink("it is cut short");
      const byte = this.bytes[this.#at++];
      value += (byte & 127) * scale;
      if (byte < 128) break;
      scale *= 128;
    }
    if (value > most) throw new BadLink("a number in it is too large");
    return value;
  }

  difference() {
    const value = this.number(2 ** 33);
    return value % 2 ? -(value + 1) / 2 : value / 2;
  }

  text() {
    const length = this.number(this.bytes.length - this.#at);
    this.#at += length;
    return new TextDecoder("utf-8", { fatal: true }).decode(this.bytes.subarray(this.#at - length, this.#at));
  }
}

const through = async (bytes, stream) => {
  const reader = new Blob([bytes]).stream().pipeThrough(stream).getReader();
  const chunks = [];
  let length = 0;
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    chunks.push(part.value);
    length += part.value.length;
    if (length > LARGEST_BYTES) {
      await reader.cancel();
      throw new BadLink("it is too large");
    }
  }
  return new Uint8Array(await new Blob(chunks).arrayBuffer());
};

const toText = (bytes) => {
  let text = "";
  for (let i = 0; i < bytes.length; i += 8192) text += String.fromCharCode(...bytes.subarray(i, i + 8192));
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
};

const fromText = (text) => {
  if (text.length > LONGEST_TEXT) throw new BadLink("it is too long");
  if (!/^[\w-]*$/.test(text)) throw new BadLink("it has letters that do not belong there");
  if (text.length % 4 === 1) throw new BadLink("it is cut short");
  return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
};

// Any bytes as text: deflated where that makes them shorter and the browser can.
export const packBytes = async (bytes) => {
  const plain = Uint8Array.from(bytes);
  if (typeof CompressionStream === "undefined") return toText(Uint8Array.from([0, ...plain]));
  return toText(Uint8Array.from([1, ...(await through(plain, new CompressionStream("deflate-raw")))]));
};

export const unpackBytes = async (text) => {
  const [way, ...rest] = fromText(text);
  if (way === 0) return Uint8Array.from(rest);
  if (way !== 1) throw new BadLink("it is of another version of this page");
  try {
    return await through(Uint8Array.from(rest), new DecompressionStream("deflate-raw"));
  } catch (error) {
    if (error instanceof BadLink) throw error;
    throw new BadLink("it is cut short or changed");
  }
};

const penToList = (pen) => [...PEN.map(([name]) => pen[name]), pen.colour, pen.pressure ? 1 : 0];

// The pen in a list of its fields. Throws BadLink.
export const penFromList = (list) => {
  if (!Array.isArray(list) || list.length !== PEN.length + 2) throw new BadLink("a pen in it is no pen");
  const pen = { colour: list[PEN.length], pressure: list[PEN.length + 1] === 1 };
  PEN.forEach(([name, least, most], i) => {
    if (typeof list[i] !== "number" || !(least <= list[i] && list[i] <= most)) throw new BadLink(`a pen's ${name} is wrong`);
    pen[name] = list[i];
  });
  if (pen.colour !== null && !/^#[0-9a-f]{6}$/i.test(pen.colour)) throw new BadLink("a pen's colour is wrong");
  if (pen.widest_px < pen.thinnest_px || pen.seed % 1 !== 0) throw new BadLink("a pen in it is no pen");
  return pen;
};

// Whether the pen can draw, here and in Python.
export const isPen = (pen) => {
  try {
    penFromList(penToList(pen));
    return true;
  } catch {
    return false;
  }
};

// `{strokes, pen, pens?}` as text.
export const pack = ({ strokes, pen, pens }) => {
  const writer = new Writer();
  const own = strokes.map((_, i) => JSON.stringify(penToList(pens?.[i] ?? pen)));
  const unique = [...new Set(own)];
  writer.number(VERSION);
  writer.text(`[${unique.join(",")}]`);
  writer.number(strokes.length);
  const flags = strokes.map((points) => {
    const timed = points.every((point) => Number.isFinite(point[2]));
    return (timed ? TIMED : 0) | (points.some((point) => Number.isFinite(point[3])) ? PRESSED : 0);
  });
  strokes.forEach((points, i) => {
    for (const number of [unique.indexOf(own[i]), flags[i], points.length]) writer.number(number);
  });
  for (const axis of [0, 1]) {
    let before = 0;
    for (const point of strokes.flat()) {
      const place = Math.round(point[axis] * GRID);
      writer.difference(place - before);
      before = place;
    }
  }
  let now = 0;
  strokes.forEach((points, i) => {
    for (const point of flags[i] & TIMED ? points : []) {
      writer.number(Math.max(0, Math.round(point[2]) - now));
      now = Math.max(now, Math.round(point[2]));
    }
  });
  strokes.forEach((points, i) => {
    for (const point of flags[i] & PRESSED ? points : []) writer.number(Math.round(255 * (point[3] ?? 1)));
  });
  return packBytes(writer.bytes);
};

// What `pack` made a text of, `{strokes, pen, pens}`. Throws BadLink for anything else.
export const unpack = async (text) => {
  const reader = new Reader(await unpackBytes(text));
  if (reader.number(2 ** 32) !== VERSION) throw new BadLink("it is of another version of this page");
  let pens;
  try {
    pens = JSON.parse(reader.text());
  } catch {
    throw new BadLink("its pens cannot be read");
  }
  if (!Array.isArray(pens) || pens.length > MOST.pens) throw new BadLink("its pens cannot be read");
  pens = pens.map(penFromList);
  const heads = [];
  let points = 0;
  for (let left = reader.number(MOST.strokes); left > 0; left--) {
    const head = { pen: pens[reader.number(pens.length - 1)], flags: reader.number(3), length: reader.number(MOST.points) };
    points += head.length;
    if (points > MOST.points || head.length === 0) throw new BadLink("it has too many points");
    heads.push(head);
  }
  if (heads.length === 0) throw new BadLink("there is no stroke in it");
  const strokes = heads.map(({ length }) => Array.from({ length }, () => [0, 0]));
  const all = strokes.flat();
  for (const axis of [0, 1]) {
    let place = 0;
    for (const point of all) {
      place += reader.difference();
      point[axis] = Math.round((place / GRID) * 10_000) / 10_000;
      if (!(-FURTHEST <= point[axis] && point[axis] <= 1 + FURTHEST)) throw new BadLink("a point lies too far outside");
    }
  }
  let now = 0;
  strokes.forEach((stroke, i) => {
    for (const point of stroke) {
      if (heads[i].flags & TIMED) now += reader.number(LONGEST_MS);
      point.push(heads[i].flags & TIMED ? Math.min(now, LONGEST_MS) : null);
    }
  });
  strokes.forEach((stroke, i) => {
    for (const point of heads[i].flags & PRESSED ? stroke : []) point.push(reader.number(255) / 255);
  });
  return { strokes, pen: heads.at(-1).pen, pens: heads.map(({ pen }) => pen) };
};
