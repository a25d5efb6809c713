// The pad: pointers and keys -> drawing -> value and events. Runs once for each pad, with `element`, `props`, `trigger`
// and `watch` of gr.HTML; pen.js, raster.js, drawing.js and replay.js stand before it.
// Events for Python: "input" while a stroke is drawn, "release" when the drawing has changed and rests, "clear".
const { PAD_PX } = penOf;
const { presets, live_ms: liveMs } = props; // read now: an update from Python rewrites all props
const root = element.querySelector(".sketchpad");
const canvas = root.querySelector(".sketchpad-canvas");
const overlay = root.querySelector(".sketchpad-tail");
const status = root.querySelector(".sketchpad-status");
const tools = Object.fromEntries([...root.querySelectorAll("[data-tool]")].map((tool) => [tool.dataset.tool, tool]));

const MOST_TRAVEL_PX = 24000; // a little less than Python takes
const MOST_POINTS = 19000;
const MOST_STROKES = 400;
const OUTSIDE = 0.2; // how far outside the pad a stroke is followed, in pads
const PALM_PX = 70; // a touch as wide as this is a palm
const PEN_RULES_MS = 1500; // so long after a stylus has been near, fingers are taken for the palm that holds it

const drawing = new drawingOf.Drawing();
let pen = { ...props.pen };
let active = null; // the pointer that draws: {id, type, rect, start, point}
let lastStylus = -Infinity;
let lastSent = -Infinity;
let timer = null;
let replay = null;
let cleared = null; // what the last clear took away, for undo
let frame = null;
let loads = 0;

const context = canvas.getContext("2d", { alpha: false });
const tailContext = overlay.getContext("2d");

// ---- what is seen

const show = () => {
  frame = null;
  drawing.view.show(context);
  tailContext.clearRect(0, 0, overlay.width, overlay.height);
  if (active === null || drawing.stroke === null) return;
  const scale = overlay.width / PAD_PX;
  drawing.tail(active.point, ({ x, y, radius, rgb }) => {
    tailContext.fillStyle = `rgb(${rgb[0]} ${rgb[1]} ${rgb[2]})`;
    tailContext.beginPath();
    tailContext.arc(x * scale, y * scale, radius * scale, 0, 2 * Math.PI);
    tailContext.fill();
  });
};

const showSoon = () => {
  frame ??= requestAnimationFrame(show);
};

const say = (text) => {
  status.textContent = text;
};

const counted = (n) => `${n} ${n === 1 ? "stroke" : "strokes"}`;

const describe = () => {
  const n = drawing.strokes.length;
  root.dataset.empty = String(drawing.empty);
  const what = drawing.empty ? "empty" : n > 0 ? counted(n) : "a picture";
  canvas.setAttribute("aria-label", `Sketchpad, ${what}. Draw a digit with mouse, finger or pen.`);
  tools.undo.disabled = n === 0 && cleared === null;
  tools.clear.disabled = drawing.empty;
  tools.replay.disabled = n === 0;
};

// ---- what is sent

const outputCanvas = Object.assign(document.createElement("canvas"), { width: PAD_PX, height: PAD_PX });
const outputContext = outputCanvas.getContext("2d", { alpha: false });

const value = () => {
  if (drawing.empty) return ""; // what Gradio makes of null: it would come back as a change, for ever
  outputContext.putImageData(drawing.picture.image, 0, 0);
  const sent = drawing.sent();
  return { picture: outputCanvas.toDataURL("image/png"), ...sent, pen: sent.pen ?? pen };
};

const send = (event) => {
  clearTimeout(timer);
  timer = null;
  lastSent = performance.now();
  props.value = value();
  trigger(event);
};

const sendLive = () => {
  if (timer !== null) return;
  timer = setTimeout(() => send("input"), Math.max(0, lastSent + liveMs - performance.now()));
};

// ---- drawing

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

// ---- undo, clear, replay

const undo = () => {
  if (active !== null) return abandon();
  replay?.stop("undone");
  if (drawing.strokes.length > 0) drawing.strokes.pop();
  else if (cleared !== null) {
    ({ strokes: drawing.strokes, ground: drawing.ground } = cleared);
    cleared = null;
  } else return undefined;
  drawing.redraw();
  return rest(drawing.empty ? "Undone: the pad is empty" : `Undone: ${counted(drawing.strokes.length)}`);
};

const empty = () => {
  replay?.stop("cleared");
  active = null;
  drawing.stroke = null;
  drawing.strokes = [];
  drawing.ground = null;
  drawing.redraw();
  showSoon();
};

const clear = () => {
  if (active !== null) return abandon();
  if (drawing.empty) return undefined;
  const before = { strokes: drawing.strokes, ground: drawing.ground };
  loads += 1;
  empty();
  cleared = before;
  describe();
  say("Cleared. Undo brings it back.");
  return send("clear");
};

const play = () => {
  if (replay !== null) return replay.stop("stopped");
  if (active !== null || drawing.strokes.length === 0) return undefined;
  tools.replay.setAttribute("aria-pressed", "true");
  say("Replaying");
  replay = new replayOf.Replay(drawing, show, () => {
    replay = null;
    tools.replay.removeAttribute("aria-pressed");
    say(counted(drawing.strokes.length));
  });
  return undefined;
};

tools.undo.addEventListener("click", undo);
tools.clear.addEventListener("click", clear);
tools.replay.addEventListener("click", play);

const key = (event) => {
  if (!root.isConnected) {
    document.removeEventListener("keydown", key);
    return;
  }
  if (event.key === "Tab") delete root.dataset.by;
  const here = root.contains(event.target) || event.target === document.body;
  if (!here || event.defaultPrevented || root.offsetParent === null) return;
  const undoes = (event.ctrlKey || event.metaKey) && !event.shiftKey && event.key.toLowerCase() === "z";
  if (!undoes && event.key !== "Escape") return;
  event.preventDefault();
  if (undoes) undo();
  else clear();
};
document.addEventListener("keydown", key);

// ---- what Python or the page puts on the pad

const pictureAt = async (url) => {
  const image = new Image();
  image.src = url;
  await image.decode();
  return image;
};

// `{strokes, pen, pens?}` or `{picture}`; null empties the pad.
const load = async (loaded) => {
  loads += 1;
  const mine = loads;
  const strokes = loaded?.strokes ?? [];
  const ground = loaded && strokes.length === 0 && loaded.picture ? await pictureAt(loaded.picture) : null;
  if (mine !== loads) return; // another drawing came while the picture was decoded
  empty();
  cleared = null;
  drawing.ground = ground;
  drawing.strokes = strokes.map((points, i) => ({ points, pen: loaded.pens?.[i] ?? loaded.pen ?? pen }));
  drawing.redraw();
  rest(drawing.empty ? "" : "Loaded: draw on it if you like");
};

watch("value", () => {
  if (props.value || !drawing.empty) load(props.value || null);
});

// ---- pens

const chips = root.querySelector(".sketchpad-pens");

// The stroke of a pen on a canvas of any shape, on which `acrossPx` px of the pad fit beside each other.
const preview = (target, shownPen, acrossPx) => {
  const density = Math.max(1, window.devicePixelRatio);
  const box = target.getBoundingClientRect();
  if (box.width === 0) return;
  const [width, height] = [Math.round(box.width * density), Math.round(box.height * density)];
  if (target.width !== width || target.height !== height) Object.assign(target, { width, height });
  const scale = width / acrossPx;
  const raster = new rasterOf.Raster(width, height, scale);
  const ink = new penOf.Stroke(shownPen, 0, (stamp) => raster.stamp(stamp));
  const swing = Math.max(0, height / scale - shownPen.widest_px) / 3;
  for (let i = 0; i <= 40; i++) {
    const x = acrossPx * (0.08 + 0.84 * (i / 40));
    ink.add(x / PAD_PX, (height / scale / 2 - swing * Math.sin((2 * Math.PI * i) / 40)) / PAD_PX);
  }
  ink.end();
  raster.show(target.getContext("2d", { alpha: false }));
};

// A whole drawing on a square canvas.
const thumbnail = (target, { strokes, pen: own, pens }) => {
  const raster = new rasterOf.Raster(target.width);
  strokes.forEach((points, i) => {
    const ink = new penOf.Stroke(pens?.[i] ?? own, i, (stamp) => raster.stamp(stamp));
    for (const point of points) ink.add(point[0], point[1], drawingOf.pressureOf(point));
    ink.end();
  });
  raster.show(target.getContext("2d", { alpha: false }));
};

const same = (a, b) => Object.keys(a).every((name) => a[name] === b[name]);

const setPen = (next) => {
  pen = { ...pen, ...next };
  let chosen = false;
  for (const chip of chips.children) {
    const checked = same(presets[chip.dataset.pen], pen);
    chosen ||= checked;
    chip.setAttribute("aria-checked", String(checked));
    chip.tabIndex = checked ? 0 : -1;
  }
  if (!chosen && chips.firstElementChild) chips.firstElementChild.tabIndex = 0;
  root.dispatchEvent(new CustomEvent("sketchpad:pen", { bubbles: true }));
};

for (const name of Object.keys(presets)) {
  const chip = Object.assign(document.createElement("button"), { type: "button", title: `Pen: ${name}` });
  chip.dataset.pen = name;
  chip.setAttribute("role", "radio");
  const label = Object.assign(document.createElement("span"), { textContent: name });
  chip.append(document.createElement("canvas"), label);
  chip.addEventListener("click", () => setPen(presets[name]));
  chips.append(chip);
}

chips.addEventListener("keydown", (event) => {
  const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
  if (step === undefined) return;
  event.preventDefault();
  const all = [...chips.children];
  const next = all[(all.indexOf(event.target) + step + all.length) % all.length];
  setPen(presets[next.dataset.pen]);
  next.focus();
});

// ---- size and start

const fit = () => {
  const side = canvas.getBoundingClientRect().width;
  if (side === 0) return; // in a hidden tab: it keeps what it has
  const px = Math.min(4 * PAD_PX, Math.round(side * window.devicePixelRatio));
  if (px !== canvas.width) {
    for (const each of [canvas, overlay]) each.width = each.height = px;
    drawing.resize(px);
    drawing.view.touch();
  }
  for (const chip of chips.children) preview(chip.firstElementChild, presets[chip.dataset.pen], 260);
  showSoon();
};
new ResizeObserver(fit).observe(canvas);

root.sketchpad = {
  get pen() {
    return { ...pen };
  },
  get strokes() {
    return drawing.sent().strokes;
  },
  presets,
  setPen,
  load,
  clear,
  undo,
  play,
  preview,
  thumbnail,
};
setPen(pen);
fit();
describe();
if (props.value) load(props.value);
root.dispatchEvent(new CustomEvent("sketchpad:ready", { bubbles: true }));
