// The keyboard: undo, redo and clear from anywhere on the page, and drawing while the pad has the focus.
const STEP = 0.02; // of the pad, for one press of an arrow
const FINE_STEP = 0.005;
const FIELDS = "input:not([type=radio], [type=checkbox], [type=range], [type=button], [type=color]), textarea, select";
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

// Whether a key goes into a text: there it belongs to the text.
const typing = (target) => target.closest?.(`${FIELDS}, [contenteditable=""], [contenteditable=true]`) != null;

// The letter that is pressed, by what is printed on the key in layouts with Latin letters, and by where it lies in others.
const letter = ({ key, code }) => (/^[a-z]$/i.test(key) ? key.toLowerCase() : code.replace(/^Key/, "").toLowerCase());

export class Keys {
  constructor(pad, canvas, root) {
    this.pad = pad;
    this.at = null; // where the keyboard's pen is: [x, y], or null before it was used
    canvas.addEventListener("keydown", (event) => this.#draws(event));
    canvas.addEventListener("blur", () => this.rest());
    const heard = (event) => {
      if (!root.isConnected) document.removeEventListener("keydown", heard);
      else if (!event.defaultPrevented && root.offsetParent !== null && !typing(event.target)) this.#acts(event);
    };
    document.addEventListener("keydown", heard);
  }

  // The pointer took over, or the focus went: the keyboard's pen is lifted and out of sight.
  rest() {
    if (this.pad.drawn === "keys") this.pad.end();
    this.at = null;
    this.pad.showSoon();
  }

  #acts(event) {
    if (event.key === "Escape") {
      if (document.querySelector("dialog[open]") === null) this.#done(event, () => this.pad.clear());
    } else if ((event.ctrlKey || event.metaKey) && !event.altKey) {
      const pressed = letter(event);
      if (pressed === "z" && !event.shiftKey) this.#done(event, () => this.pad.undo());
      else if (pressed === "y" || pressed === "z") this.#done(event, () => this.pad.redo());
    }
  }

  #draws(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const arrow = ARROWS[event.key];
    if (arrow) this.#done(event, () => this.#go(arrow, event.shiftKey ? FINE_STEP : STEP));
    else if (event.key === " " || event.key === "Enter") this.#done(event, () => this.#press(event.repeat));
  }

  #go([x, y], step) {
    const [fromX, fromY] = this.at ?? [0.5, 0.5];
    const within = (place) => Math.min(1, Math.max(0, place));
    this.at = [within(fromX + x * step), within(fromY + y * step)];
    if (this.pad.drawn === "keys") this.pad.extend([[...this.at, this.pad.now()]]);
    this.pad.showSoon();
  }

  #press(again) {
    if (again) return;
    this.at ??= [0.5, 0.5];
    if (this.pad.drawn === "keys") this.pad.end();
    else if (this.pad.drawn === null) this.pad.begin("keys", (start) => [...this.at, start]);
    this.pad.showSoon();
  }

  #done(event, act) {
    event.preventDefault();
    act();
  }
}
