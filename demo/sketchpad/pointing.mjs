// Mouse, finger and pen: one of them draws at a time, and the palm never does.
const OUTSIDE = 0.2; // how far outside the pad a stroke is followed, in pads
const PALM_PX = 70; // a touch as wide as this is a palm
const PEN_RULES_MS = 1500; // so long after a stylus has been near, fingers are taken for the palm that holds it

export class Pointing {
  #stylusAt = -Infinity;
  #pointer = null; // the one that draws: {id, type, start, since, point, pressure}

  constructor(pad, canvas) {
    this.pad = pad;
    this.canvas = canvas;
    canvas.addEventListener("pointerdown", (event) => this.#down(event));
    canvas.addEventListener("lostpointercapture", (event) => this.#lost(event, true));
    canvas.addEventListener("contextmenu", (event) => event.preventDefault());
    canvas.addEventListener("touchstart", (event) => event.preventDefault(), { passive: false }); // old Safari scrolls else
    canvas.addEventListener("pointermove", (event) => {
      if (event.pointerType === "pen") this.#stylusAt = event.timeStamp; // near, perhaps not down
    });
    // On the window, because a browser may refuse to capture the pointer.
    const listen = (type, then) => {
      const heard = (event) => {
        if (!canvas.isConnected) removeEventListener(type, heard);
        else if (this.#pointer !== null && event.pointerId === this.#pointer.id) then(event);
      };
      addEventListener(type, heard);
    };
    listen("pointermove", (event) => this.#move(event));
    listen("pointerup", (event) => this.#up(event));
    listen("pointercancel", (event) => this.#lost(event, event.pointerType === "mouse"));
  }

  // Whatever was being drawn is no stroke of this pointer any more.
  release() {
    this.#pointer = null;
  }

  #down(event) {
    const { pad } = this;
    if (event.pointerType === "pen") {
      if (this.#pointer?.type === "touch") pad.abandon(); // the palm came first
      this.#stylusAt = event.timeStamp;
    }
    if (pad.drawn !== null) return;
    if (event.pointerType === "mouse" && event.button !== 0) return;
    if (this.#isPalm(event)) {
      const why = event.timeStamp - this.#stylusAt < PEN_RULES_MS ? "while a pen is near" : "that wide";
      pad.say(`A touch ${why} is taken for a palm and draws nothing.`, "warning");
      return;
    }
    this.canvas.focus({ preventScroll: true });
    try {
      this.canvas.setPointerCapture(event.pointerId);
    } catch {
      // The pointer may have gone already, or come from a script; the window hears of it all the same.
    }
    pad.begin(event.pointerType, (start) => {
      this.#pointer = { id: event.pointerId, type: event.pointerType, since: event.timeStamp, start, pressure: 0 };
      return this.#point(event);
    });
  }

  #move(event) {
    if (this.#pointer.type === "mouse" && event.buttons === 0) return this.pad.end(); // released out of sight
    const events = event.getCoalescedEvents?.() ?? [];
    return this.pad.extend((events.length > 0 ? events : [event]).map((each) => this.#point(each)));
  }

  #up(event) {
    this.pad.end(this.#point(event));
  }

  // The end of the stroke is not known: it is as long as it is, and where the system took a finger it is taken back.
  #lost(event, keeps) {
    if (this.#pointer === null || event.pointerId !== this.#pointer.id) return;
    if (keeps) this.pad.end();
    else this.pad.takeBack();
  }

  #isPalm(event) {
    if (event.pointerType !== "touch") return false;
    return event.timeStamp - this.#stylusAt < PEN_RULES_MS || Math.max(event.width, event.height) > PALM_PX;
  }

  // Where the pointer is on the pad, asked anew each time: the page may have scrolled or turned.
  #point(event) {
    const { left, top, width, height } = this.canvas.getBoundingClientRect();
    const within = (place) => Math.min(1 + OUTSIDE, Math.max(-OUTSIDE, place));
    const pointer = this.#pointer;
    const point = [
      within((event.clientX - left) / width),
      within((event.clientY - top) / height),
      pointer.start + Math.max(0, event.timeStamp - pointer.since),
    ];
    if (event.pointerType !== "pen") return point;
    if (event.pressure > 0) pointer.pressure = event.pressure; // 0: the tablet has not measured it this time
    return [...point, pointer.pressure];
  }
}
