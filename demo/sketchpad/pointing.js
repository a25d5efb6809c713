// Mouse, finger and pen: one of them draws at a time, and the palm never does.
const MOST_TRAVEL_PX = 24000; // a little less than Python takes
const MOST_POINTS = 19000;
const MOST_STROKES = 400;
const OUTSIDE = 0.2; // how far outside the pad a stroke is followed, in pads
const PALM_PX = 70; // a touch as wide as this is a palm
const PEN_RULES_MS = 1500; // so long after a stylus has been near, fingers are taken for the palm that holds it

const placeOf = (event) => {
  const { left, top, width, height } = active.rect;
  const within = (place) => Math.min(1 + OUTSIDE, Math.max(-OUTSIDE, place));
  const x = within((event.clientX - left) / width);
  const y = within((event.clientY - top) / height);
  const t = active.start + Math.max(0, event.timeStamp - active.since);
  return event.pointerType === "pen" && event.pressure > 0 ? [x, y, t, event.pressure] : [x, y, t];
};

const full = () =>
  drawing.travelPx > MOST_TRAVEL_PX ||
  drawing.strokes.reduce((sum, { points }) => sum + points.length, drawing.stroke?.points.length ?? 0) > MOST_POINTS ||
  drawing.strokes.length >= MOST_STROKES;

const refused = (event) => {
  if (event.pointerType === "pen") return false;
  if (event.pointerType === "mouse") return event.button !== 0;
  return event.timeStamp - lastStylus < PEN_RULES_MS || Math.max(event.width, event.height) > PALM_PX;
};

const down = (event) => {
  if (event.pointerType === "pen") {
    if (active !== null && active.type === "touch") abandon(); // the palm came first
    lastStylus = event.timeStamp;
  }
  if (active !== null || refused(event)) return;
  root.dataset.by = "pointer"; // no focus ring
  canvas.focus({ preventScroll: true });
  replay?.stop("drawn on");
  if (full()) {
    say("The pad is full: undo a stroke or clear it.");
    return;
  }
  canvas.setPointerCapture(event.pointerId);
  const last = drawing.strokes.at(-1)?.points.at(-1)?.[2];
  const start = drawing.strokes.length === 0 ? 0 : (last ?? 0) + Math.max(1, performance.now() - ended);
  const rect = canvas.getBoundingClientRect();
  active = { id: event.pointerId, type: event.pointerType, rect, start, since: event.timeStamp, point: null };
  active.point = placeOf(event);
  drawing.begin(pen, active.point);
  cleared = null;
  describe();
  showSoon();
  sendLive();
};
let ended = performance.now(); // when the last stroke was

const move = (event) => {
  if (event.pointerType === "pen") lastStylus = event.timeStamp;
  if (active === null || event.pointerId !== active.id) return;
  const events = event.getCoalescedEvents?.() ?? [];
  for (const each of events.length > 0 ? events : [event]) {
    active.point = placeOf(each);
    drawing.extend(active.point);
  }
  showSoon();
  if (full()) up(event);
  else sendLive();
};

const up = (event) => {
  if (active === null || event.pointerId !== active.id) return;
  const place = placeOf(event);
  if (active.point.length === 4) place[3] = active.point[3]; // a lifted pen has no pressure any more
  drawing.extend(place, true);
  drawing.end();
  rest(counted(drawing.strokes.length));
};

// The stroke is none: the browser took the pointer for something else, or a palm was on the pad.
const abandon = () => {
  drawing.cancel();
  rest(drawing.empty ? "" : counted(drawing.strokes.length));
};

const rest = (text) => {
  active = null;
  ended = performance.now();
  describe();
  say(text);
  showSoon();
  send("release");
};

canvas.addEventListener("pointerdown", down);
canvas.addEventListener("pointermove", move);
canvas.addEventListener("pointerup", up);
const lost = (event) => {
  if (active !== null && event.pointerId === active.id) abandon();
};
canvas.addEventListener("pointercancel", lost);
canvas.addEventListener("lostpointercapture", lost);
canvas.addEventListener("contextmenu", (event) => event.preventDefault());
canvas.addEventListener("touchstart", (event) => event.preventDefault(), { passive: false }); // old Safari scrolls else
