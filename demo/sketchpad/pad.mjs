// The pad: what is drawn on it, what it shows, and what it tells Python.
//
// Events for Python: "input" while a stroke is drawn or replayed, "release" when the drawing has changed and rests, and
// "clear". Events in the page, from the pad's element: "sketchpad:ready", "sketchpad:pen" when the pen is another, and
// "sketchpad:sent" with {event, turn, drawing, empty} for each event for Python, of a pad whose predictions are shown.
import { Drawing } from "./drawing.mjs";
import { haunt } from "./ghost.mjs";
import { History } from "./history.mjs";
import { Keys } from "./keys.mjs";
import { Lanes } from "./lanes.mjs";
import { isPen } from "./link.mjs";
import { PAD_PX } from "./pen.mjs";
import { Pens, jitters, preview, thumbnail } from "./pens.mjs";
import { decode, dataUrl } from "./png.mjs";
import { Pointing } from "./pointing.mjs";
import { Replay } from "./replay.mjs";
import { kept, keep } from "./session.mjs";
import { Sharing } from "./sharing.mjs";

const LARGEST_VIEW_PX = 4 * PAD_PX;
const NOTE_MS = 6000; // how long a warning stays on the pad
const ON_TIME_MS = 12; // so late is every timer
const PAUSE_FOR_LATE = 6; // ms for each ms that a timer came too late
const LONGEST_PAUSE_MS = 500;
const SEEDS = 1000; // to choose from for each new drawing
const CURSOR_PX = 9; // radius of the keyboard's cursor

const counted = (n) => `${n} ${n === 1 ? "stroke" : "strokes"}`;
const unpacked = (given) => (typeof given === "string" ? JSON.parse(given) : given);

export class Pad {
  drawn = null; // what draws the stroke that is being drawn: "mouse", "touch", "pen" or "keys"
  replay = null;
  performs = null; // what is shown by itself: the strokes of a performance, which are nobody's
  borrowed = null; // while a game has the pad: what was here before, {state, history, pen, seedIsTyped}
  travelAsked = new Map(); // number of what was sent -> how far the pen had travelled, px
  seedIsTyped = false;
  id = 0; // of the drawing on the pad, among all that have been there

  #lastSent = -Infinity;
  #timer = null;
  #pause = 0; // ms, beyond the usual time between two images of an unfinished stroke
  #frame = null;
  #loads = 0;
  #drawings = 0; // how many there have been: begun, or put here
  #number = 0; // how many drawings were sent: the answer to an older one is not shown any more
  #ended = performance.now(); // when the last stroke was
  #started = null; // when the one being drawn began: {at, start}
  #point = null; // where it has come to
  #noteTimer = null;

  // element: of gr.HTML; send(event, value): to Python; settings: pen, presets, limits, liveMs, name, first; all plain
  constructor(element, send, settings) {
    this.sendTo = send;
    this.settings = settings;
    this.root = element.querySelector(".sketchpad");
    const [canvas, overlay] = this.root.querySelectorAll("canvas");
    this.canvas = canvas;
    this.context = canvas.getContext("2d", { alpha: false });
    this.overlay = overlay.getContext("2d");
    this.status = this.root.querySelector(".sketchpad-status");
    this.note = this.root.querySelector(".sketchpad-note");
    const tools = [...this.root.querySelectorAll("[data-tool]")];
    this.tools = Object.fromEntries(tools.map((tool) => [tool.dataset.tool, tool]));
    this.drawing = new Drawing();
    this.history = new History();
    this.pen = settings.pen;
    this.pens = new Pens(this.root.querySelector(".sketchpad-pens"), settings.presets, (pen) =>
      this.setPen(this.seedIsTyped ? { ...pen, seed: this.pen.seed } : pen),
    );
    this.pointing = new Pointing(this, canvas);
    this.keys = new Keys(this, canvas, this.root);
    for (const name of ["undo", "redo", "clear"]) this.tools[name].addEventListener("click", () => this[name]());
    this.tools.replay.addEventListener("click", () => this.play());
    this.lanes = settings.first ? new Lanes(this, this.root.querySelector(".lanes")) : null;
    this.sharing = settings.first ? new Sharing(this, this.root) : null;
    for (const part of [this.root.querySelector(".lanes"), this.tools.share]) part.hidden = !settings.first;
    this.#watchSize();
  }

  // Take up the pen that was left here before the page was loaded again, and return the drawing, or null.
  restore() {
    const left = kept(this.settings.name);
    this.setPen(left?.pen ?? this.settings.pen, Boolean(left?.seedIsTyped));
    return left?.drawing ?? null;
  }

  // ---- the stroke that is being drawn, by a pointer or by keys

  // Begin one at the point that `pointAt` says for its time in ms; returns whether there is room for it.
  begin(by, pointAt) {
    this.stop("drawn on");
    this.root.dataset.by = by === "keys" ? "keys" : "pointer"; // no focus ring for a pointer
    if (by !== "keys") this.keys.rest();
    if (this.#isFull) {
      this.say("The pad is full: undo a stroke or clear it.", "warning");
      return false;
    }
    if (this.drawing.empty && !this.seedIsTyped && this.borrowed === null && jitters(this.pen)) this.setPen({ seed: Math.floor(SEEDS * Math.random()) });
    if (this.drawing.empty) this.#isAnother();
    const last = this.drawing.strokes.at(-1)?.points.at(-1)?.[2];
    const now = performance.now();
    const start = this.drawing.strokes.length === 0 ? 0 : (last ?? 0) + Math.max(1, now - this.#ended);
    this.#started = { at: now, start };
    this.drawn = by;
    this.by = by === "keys" ? "unknown" : by; // what has drawn last
    this.#point = pointAt(start);
    this.drawing.begin(this.pen, this.#point);
    this.say("");
    this.#describe();
    this.showSoon();
    this.#sendLive();
    return true;
  }

  // Time in ms for a point that is put down now.
  now() {
    return this.#started.start + performance.now() - this.#started.at;
  }

  extend(points) {
    for (const point of points) this.drawing.extend((this.#point = point));
    this.showSoon();
    if (this.#isFull) {
      this.end();
      this.say("The pad is full: undo a stroke or clear it.", "warning");
    } else this.#sendLive();
  }

  // It is done, in `point` or where it has come to.
  end(point = this.#point) {
    if (this.drawn === null) return;
    this.history.note(this.#state);
    this.drawing.extend(point, true);
    this.drawing.end();
    this.#rest(counted(this.drawing.strokes.length));
  }

  // It never was: a palm, or a key that takes it back.
  abandon() {
    this.drawing.cancel();
    this.#rest(this.drawing.empty ? "" : counted(this.drawing.strokes.length));
  }

  // The system took the finger away in the middle: perhaps a gesture, perhaps a call. It goes, and undo brings it back.
  takeBack() {
    const before = this.#state;
    this.history.note(before);
    this.drawing.end();
    this.history.note(this.#state);
    this.#put(before);
    this.#rest("The touch was cut off: undo brings its stroke back.");
  }

  get #isFull() {
    const { limits } = this.settings;
    const size = this.drawing.size;
    const strokes = size.strokes - (this.drawing.stroke === null ? 0 : 1);
    return (
      strokes >= limits.strokes ||
      size.points > limits.points ||
      size.travelPx > limits.travelPx ||
      size.inkPx2 > limits.inkPx2
    );
  }

  // ---- acts

  undo() {
    if (this.drawn !== null) return this.abandon();
    this.stop("undone");
    return this.#go(this.history.back(this.#state), "Undone");
  }

  redo() {
    if (this.drawn !== null) return undefined;
    this.stop("redone");
    return this.#go(this.history.forth(this.#state), "Redone");
  }

  clear() {
    if (this.drawn !== null) return this.abandon();
    this.stop("cleared");
    if (this.drawing.empty) return undefined;
    this.#loads += 1;
    this.history.note(this.#state);
    this.#put({ strokes: [], ground: null });
    return this.#rest("Cleared. Undo brings it back.", "clear");
  }

  // Draw it once more as it was drawn, and ask the nets on the way; or stop that.
  play(ended = () => {}) {
    if (this.replay !== null) return this.stop("stopped");
    if (this.drawn !== null || this.drawing.strokes.length === 0) return undefined;
    this.tools.replay.setAttribute("aria-pressed", "true");
    this.say(this.performs === null ? "Replaying" : "");
    this.travelAsked.clear();
    this.lanes?.clear();
    const showPart = (count) => this.showPart(count);
    this.replay = new Replay(this.drawing.strokes, showPart, (reason) => {
      this.replay = null;
      this.tools.replay.removeAttribute("aria-pressed");
      if (reason !== "performance over") this.showWhole();
      ended(reason);
    });
    this.drawing.showPart(0);
    return this.showSoon();
  }

  stop(reason) {
    if (this.performs !== null) this.endPerformance();
    if (this.replay !== null) this.replay.stop(reason);
    else this.showWhole();
  }

  // Draw strokes that are nobody's: they are not kept, cannot be undone, and go when a person does anything.
  perform(strokes, ended) {
    this.performs = strokes;
    this.root.dataset.performs = "true";
    this.drawing.replace(strokes);
    this.#isAnother();
    this.play(() => this.performs !== null && ended());
  }

  endPerformance() {
    this.performs = null;
    delete this.root.dataset.performs;
    this.replay?.stop("performance over");
    this.drawing.replace([]);
    this.#rest("", "clear");
  }

  // Show, and ask about, the first `count` points of the drawing.
  showPart(count) {
    this.drawing.showPart(count);
    this.showSoon();
    this.lanes?.show();
    this.#sendLive();
  }

  showWhole() {
    if (this.drawing.part === null) return;
    this.drawing.redraw();
    this.#rest(counted(this.drawing.strokes.length));
  }

  // Put a drawing on the pad: `{strokes, pen, pens?}` or `{image}`, or null for none; undo brings back what was there.
  async load(loaded, { remember = true, say = "Loaded: draw on it if you like" } = {}) {
    if (this.borrowed !== null) return;
    this.#loads += 1;
    const mine = this.#loads;
    this.root.dispatchEvent(new CustomEvent("sketchpad:load", { bubbles: true }));
    const strokes = unpacked(loaded?.strokes) ?? [];
    const pen = unpacked(loaded?.pen) ?? this.pen;
    const pens = unpacked(loaded?.pens);
    let ground = null;
    if (loaded && strokes.length === 0 && loaded.image) ground = { ...(await decode(loaded.image)), url: loaded.image };
    if (mine !== this.#loads) return; // another drawing came while the image was decoded
    if (this.drawn !== null) this.abandon();
    this.stop("loaded");
    if (remember) this.history.note(this.#state);
    this.#isAnother();
    this.drawing.replace(strokes.map((points, i) => ({ points, pen: pens?.[i] ?? pen })), ground);
    this.#rest(this.drawing.empty ? "" : say);
  }

  // A seed that was typed stays; else each new drawing has one of its own. Returns false for what makes no pen, which a
  // link may hold: the pad keeps its own.
  setPen(change, seedIsTyped = this.seedIsTyped) {
    if (this.borrowed !== null) return true;
    const pen = { ...this.pen, ...change };
    if (!isPen(pen)) return false;
    this.seedIsTyped = seedIsTyped;
    this.pen = pen;
    this.pens.show(this.pen);
    this.#keep();
    this.root.dispatchEvent(new CustomEvent("sketchpad:pen", { bubbles: true }));
    return true;
  }

  // A game takes the pad, empty and with a pen that cannot be changed, until it gives it back as it was.
  borrow(pen) {
    if (this.drawn !== null) this.abandon();
    this.stop("borrowed");
    this.borrowed ??= { state: this.#state, history: this.history, pen: this.pen, seedIsTyped: this.seedIsTyped };
    this.history = new History();
    this.pen = pen;
    this.root.dataset.borrowed = "true";
    this.pens.show(pen);
    this.#put({ strokes: [], ground: null });
    this.#rest("", "clear");
  }

  giveBack() {
    if (this.borrowed === null) return;
    if (this.drawn !== null) this.abandon();
    const { state, history, pen, seedIsTyped } = this.borrowed;
    this.borrowed = null;
    delete this.root.dataset.borrowed;
    this.history = history;
    this.setPen(pen, seedIsTyped);
    this.#put(state);
    this.#rest("", this.drawing.empty ? "clear" : "release");
  }

  get #state() {
    return { strokes: this.drawing.strokes, ground: this.drawing.ground, id: this.id };
  }

  // What is on the pad from now on is a drawing of its own.
  #isAnother() {
    this.#drawings += 1;
    this.id = this.#drawings;
    this.travelAsked.clear();
    this.lanes?.clear();
  }

  #put({ strokes, ground, id }) {
    if (id !== this.id) this.#isAnother();
    this.id = id ?? this.id;
    this.drawing.stroke = null;
    Object.assign(this.drawing, { strokes, ground });
    this.drawing.redraw();
  }

  #go(state, what) {
    if (state === null) return;
    this.#loads += 1;
    this.#put(state);
    this.#rest(`${what}: ${this.drawing.empty ? "the pad is empty" : counted(state.strokes.length)}`);
  }

  // The drawing has changed and rests.
  #rest(text, event = "release") {
    this.drawn = null;
    this.pointing.release();
    this.#ended = performance.now();
    this.#describe();
    if (this.drawing.tooDark) this.say("That ink is too dark for the nets: they see an empty pad.", "warning");
    else this.say(text);
    this.showSoon();
    this.#send(event);
    this.lanes?.show();
    this.#keep();
  }

  #keep() {
    if (this.performs !== null || this.borrowed !== null) return;
    const { strokes, pen, pens } = this.drawing.sent();
    const image = strokes.length === 0 ? this.drawing.ground?.url : undefined;
    const drawing = this.drawing.empty ? null : { strokes, pen, pens, image };
    keep(this.settings.name, { drawing, pen: this.pen, seedIsTyped: this.seedIsTyped });
  }

  // ---- what is seen and heard

  showSoon() {
    this.#frame ??= requestAnimationFrame(() => this.#show());
  }

  #show() {
    this.#frame = null;
    this.drawing.view.show(this.context);
    const { overlay } = this;
    const { width } = overlay.canvas;
    const scale = width / PAD_PX;
    overlay.clearRect(0, 0, width, width);
    const disc = ({ x, y, radius }) => {
      overlay.beginPath();
      overlay.arc(x * scale, y * scale, radius * scale, 0, 2 * Math.PI);
    };
    if (this.drawn !== null)
      this.drawing.tail(this.#point, (stamp) => {
        overlay.fillStyle = `rgb(${stamp.rgb.join(" ")})`;
        disc(stamp);
        overlay.fill();
      });
    if (this.keys.at === null) return;
    const cursor = { x: this.keys.at[0] * PAD_PX, y: this.keys.at[1] * PAD_PX };
    for (const [colour, wider] of [["#000", 2], ["#fff", 0]]) {
      overlay.strokeStyle = colour;
      overlay.lineWidth = (this.drawn === "keys" ? 4 : 2) * scale;
      disc({ ...cursor, radius: CURSOR_PX + wider });
      overlay.stroke();
    }
  }

  // In words, for everybody; a warning is also written on the pad, where it is in view.
  say(text, kind = "") {
    this.status.textContent = text;
    this.note.textContent = kind === "warning" ? text : "";
    clearTimeout(this.#noteTimer);
    if (kind === "warning") this.#noteTimer = setTimeout(() => (this.note.textContent = ""), NOTE_MS);
  }

  #describe() {
    const n = this.drawing.strokes.length;
    this.root.dataset.empty = String(this.drawing.empty);
    const what = this.drawing.empty ? "empty" : n > 0 ? counted(n) : "an image";
    this.canvas.setAttribute("aria-label", `Sketchpad, ${what}. Draw a digit with mouse, finger or pen.`);
    this.tools.undo.disabled = this.history.past.length === 0 && this.drawn === null;
    this.tools.redo.disabled = this.history.future.length === 0;
    this.tools.clear.disabled = this.drawing.empty;
    const foreign = this.performs !== null || this.borrowed !== null;
    this.tools.replay.disabled = n === 0 || this.performs !== null;
    this.tools.share.disabled = n === 0 || foreign;
  }

  #watchSize() {
    const fit = () => this.#fit();
    new ResizeObserver(fit).observe(this.canvas);
    const watchDensity = () => {
      const density = matchMedia(`(resolution: ${window.devicePixelRatio}dppx)`);
      density.addEventListener("change", () => (fit(), watchDensity()), { once: true });
    };
    watchDensity();
  }

  #fit() {
    const side = this.canvas.getBoundingClientRect().width;
    if (side === 0) return; // in a hidden tab: it keeps what it has
    const px = Math.min(LARGEST_VIEW_PX, Math.round(side * window.devicePixelRatio));
    if (px !== this.canvas.width) {
      for (const canvas of [this.canvas, this.overlay.canvas]) canvas.width = canvas.height = px;
      this.drawing.resize(px);
      this.drawing.view.touch();
    }
    this.pens.preview();
    this.showSoon();
  }

  // ---- what Python gets

  get image() {
    return dataUrl(this.drawing.image.image);
  }

  get #value() {
    if (this.drawing.empty) return ""; // what Gradio makes of null: it would come back as a change, for ever
    const { strokes, pen, pens } = this.drawing.sent();
    this.#number += 1;
    this.travelAsked.set(this.#number, this.drawing.size.travelPx);
    const packed = { image: this.image, strokes: JSON.stringify(strokes), pen: JSON.stringify(pen ?? this.pen) };
    if (pens) packed.pens = JSON.stringify(pens);
    return { ...packed, turn: this.#number };
  }

  #send(event) {
    clearTimeout(this.#timer);
    this.#timer = null;
    this.#lastSent = performance.now();
    const value = this.#value;
    this.sendTo(event, value);
    if (!this.settings.first) return;
    const detail = { event, turn: value === "" ? null : value.turn, drawing: this.id, empty: value === "" };
    this.root.dispatchEvent(new CustomEvent("sketchpad:sent", { bubbles: true, detail }));
  }

  // Ask again about what is on the pad, for its answer did not come.
  resend() {
    if (this.drawn === null) this.#send(this.drawing.empty ? "clear" : "release");
  }

  #sendLive() {
    if (this.#timer !== null) return;
    // A timer that comes late tells of a busy page: it asks less often, so that the line keeps up with the hand.
    const due = Math.max(performance.now(), this.#lastSent + this.settings.liveMs + this.#pause);
    const ask = () => {
      this.#pause = Math.min(LONGEST_PAUSE_MS, PAUSE_FOR_LATE * Math.max(0, performance.now() - due - ON_TIME_MS));
      this.#send("input");
    };
    this.#timer = setTimeout(ask, due - performance.now());
  }

  // What other parts of the page may ask of the pad: `element.sketchpad`.
  get interface() {
    const pad = this;
    return {
      get pen() {
        return { ...pad.pen };
      },
      get seedIsTyped() {
        return pad.seedIsTyped;
      },
      get strokes() {
        return pad.drawing.sent().strokes;
      },
      get drawing() {
        return pad.drawing.sent();
      },
      get image() {
        return pad.image;
      },
      presets: pad.settings.presets,
      preview,
      thumbnail,
      setPen: (change, seedIsTyped) => pad.setPen(change, seedIsTyped),
      load: (loaded, how) => pad.load(loaded, how),
      clear: () => pad.clear(),
      undo: () => pad.undo(),
      redo: () => pad.redo(),
      play: (ended) => pad.play(ended),
      say: (text, kind) => pad.say(text, kind),
      get by() {
        return pad.by;
      },
      link: () => pad.sharing.link(),
      resend: () => pad.resend(),
      share: () => pad.sharing.share(),
      borrow: (pen) => pad.borrow(pen),
      giveBack: () => pad.giveBack(),
      finish: () => pad.end(), // the stroke that is being drawn, if there is one
    };
  }
}

// Called once for each pad, with what gr.HTML gives to a script.
export const open = ({ element, props, trigger, watch }) => {
  const settings = JSON.parse(props.settings); // one text: Gradio copies lists and objects number by number at each event
  const send = (event, value) => {
    props.value = value;
    trigger(event);
  };
  const pad = new Pad(element, send, settings);
  const left = pad.restore();
  pad.root.sketchpad = pad.interface;
  watch("value", () => {
    if (props.value || !pad.drawing.empty) pad.load(props.value || null);
  });
  const first = props.value || left;
  const opened = pad.sharing?.open();
  if (!first && !opened && settings.ghost) haunt(pad);
  const loaded = first && pad.load(first, { remember: false, say: props.value ? undefined : "Here is what you left on the pad." });
  const tell = (name) => pad.root.dispatchEvent(new CustomEvent(`sketchpad:${name}`, { bubbles: true }));
  tell("ready");
  Promise.allSettled([loaded, opened]).then(() => tell("settled")); // what it begins with is on it
};
