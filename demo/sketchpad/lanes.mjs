// Under the pad, a lane for each net: the digit it predicted at each moment of the stroke, from the first point to the
// last. The answers come as the page's event "predictions"; dragging shows the drawing as it was at that moment.
import { travelPx } from "./drawing.mjs";

const KNOWN_FROM = 0.15; // an answer this early stands for the beginning too
const TOGETHER_PX = 1; // answers to the same moment: the later one counts
const END = 0.99; // from here on it is the end: known of every drawing, also of one that nobody was asked about on the way
const HINT = "Replay, or drag along here: what the nets say on the way";

export class Lanes {
  #answers = new Map(); // id of a net -> [{at: px of travel, digit}], in the order of `at`
  #nets = []; // as the answers name them: {id, name, colour}
  #training = null;
  #at = 1; // where the mark is, as a share of the whole

  constructor(pad, element) {
    this.pad = pad;
    this.element = element;
    this.strip = element.querySelector(".lanes-strip");
    this.mark = element.querySelector(".lanes-mark");
    const heard = ({ detail }) => {
      if (!element.isConnected) document.removeEventListener("predictions", heard);
      else this.#take(detail);
    };
    document.addEventListener("predictions", heard);
    this.strip.addEventListener("pointerdown", (event) => this.#grip(event));
    this.strip.addEventListener("pointermove", (event) => {
      if (event.buttons > 0 && this.strip.hasPointerCapture(event.pointerId)) this.#scrub(this.#shareOf(event));
    });
    this.strip.addEventListener("keydown", (event) => this.#key(event));
    this.strip.addEventListener("blur", () => pad.showWhole());
  }

  clear() {
    this.#answers.clear();
    this.show();
  }

  get #whole() {
    const { strokes, stroke } = this.pad.drawing;
    return [...strokes, ...(stroke === null ? [] : [stroke])].reduce((sum, each) => sum + each.travelPx, 0);
  }

  #take({ turn, training, nets, empty }) {
    const chosen = document.querySelector("#training input:checked")?.value;
    if (chosen && training !== chosen) return; // what the other training says is not shown here
    if (training !== this.#training) this.#answers.clear();
    this.#training = training;
    this.#nets = nets.map(({ id, name, colour }) => ({ id, name, colour }));
    const at = this.pad.travelAsked.get(turn);
    if (!empty && at !== undefined)
      for (const { id, digit } of nets) {
        if (digit === undefined) continue;
        const others = (this.#answers.get(id) ?? []).filter((each) => Math.abs(each.at - at) >= TOGETHER_PX);
        this.#answers.set(id, [...others, { at, digit }].sort((a, b) => a.at - b.at));
      }
    this.show();
  }

  // What each net said, as [{from, to, digit}] with shares of the whole; digit is null where nobody asked.
  #segments(id, whole) {
    const segments = [];
    let from = 0;
    for (const { at, digit } of this.#answers.get(id) ?? []) {
      const to = at / whole;
      if (to > 1.001) break;
      const known = from > 0 || to <= KNOWN_FROM;
      if (!known) segments.push({ from, to: Math.max(from, to - 0.04), digit: null });
      if (!known) from = Math.max(from, to - 0.04);
      const last = segments.at(-1);
      if (last?.digit === digit) last.to = to;
      else segments.push({ from, to, digit });
      from = to;
    }
    return segments;
  }

  show() {
    const whole = this.#whole;
    this.element.dataset.empty = String(whole === 0 || this.#answers.size === 0);
    const segments = new Map(this.#nets.map(({ id }) => [id, whole > 0 ? this.#segments(id, whole) : []]));
    const known = [...segments.values()].flat().filter(({ digit }) => digit !== null);
    const onTheWay = known.some(({ from, to }) => from < KNOWN_FROM || to < END);
    const rows = this.#nets.map(({ id, name }) => {
      const row = Object.assign(document.createElement("div"), { className: "lane" });
      const label = Object.assign(document.createElement("span"), { className: "lane-name", textContent: name });
      const track = Object.assign(document.createElement("span"), { className: "lane-track" });
      for (const { from, to, digit } of onTheWay ? segments.get(id) : []) {
        const part = document.createElement("b");
        part.style.left = `${100 * from}%`;
        part.style.width = `${100 * (to - from)}%`;
        if (digit !== null) Object.assign(part.dataset, { digit });
        part.textContent = to - from > 0.045 && digit !== null ? digit : "";
        track.append(part);
      }
      row.append(label, track);
      return row;
    });
    const text = known.length > 0 && !onTheWay ? HINT : "";
    const hint = Object.assign(document.createElement("span"), { className: "lanes-hint", textContent: text });
    this.strip.replaceChildren(...rows, hint, this.mark);
    const { part, strokes } = this.pad.drawing;
    this.#at = part === null ? 1 : this.#shareAt(part, strokes, whole);
    this.mark.style.setProperty("--at", this.#at);
    this.strip.setAttribute("aria-valuenow", Math.round(100 * this.#at));
    this.strip.setAttribute("aria-valuetext", `${Math.round(100 * this.#at)} % of the way: ${this.#spoken(whole)}`);
  }

  #spoken(whole) {
    const said = this.#nets.map(({ id, name }) => {
      const there = (this.#answers.get(id) ?? []).filter(({ at }) => at / whole >= this.#at - 0.001);
      return there.length > 0 ? `${name} ${there[0].digit}` : "";
    });
    return said.filter(Boolean).join(", ") || "no prediction";
  }

  #shareAt(count, strokes, whole) {
    let left = count;
    let travel = 0;
    for (const { points } of strokes) {
      travel += travelPx(points.slice(0, Math.max(0, left)));
      left -= points.length;
    }
    return whole === 0 ? 1 : travel / whole;
  }

  // How many points lie within a share of the way.
  #countAt(share) {
    const { strokes } = this.pad.drawing;
    const goal = share * this.#whole;
    let travel = 0;
    let count = 0;
    for (const { points } of strokes)
      for (let i = 0; i < points.length; i++) {
        if (i > 0) travel += travelPx(points.slice(i - 1, i + 1));
        if (travel > goal + 0.01) return count;
        count += 1;
      }
    return count;
  }

  #shareOf(event) {
    const { left, width } = this.strip.querySelector(".lane-track").getBoundingClientRect();
    return Math.min(1, Math.max(0, (event.clientX - left) / width));
  }

  #grip(event) {
    if (this.strip.querySelector(".lane-track") === null || this.pad.drawing.strokes.length === 0) return;
    this.strip.focus({ preventScroll: true });
    this.strip.setPointerCapture(event.pointerId);
    this.#scrub(this.#shareOf(event));
  }

  #scrub(share) {
    if (this.pad.drawn !== null || this.#whole === 0) return;
    const count = this.#countAt(share);
    if (this.pad.replay !== null) this.pad.stop("scrubbed");
    if (share >= 1) this.pad.showWhole();
    else this.pad.showPart(Math.max(1, count));
    this.show();
  }

  #key(event) {
    const step = { ArrowLeft: -0.04, ArrowDown: -0.04, ArrowRight: 0.04, ArrowUp: 0.04, Home: -1, End: 1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    this.#scrub(Math.min(1, Math.max(0, this.#at + step)));
  }
}
