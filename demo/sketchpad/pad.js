// What the pad knows, shows and sends. This file and the next, up to start.js, run as one script, once for each pad, with
// `element`, `props`, `trigger` and `watch` of gr.HTML; pen.js, raster.js, drawing.js and replay.js stand before them.
// Events for Python: "input" while a stroke is drawn, "release" when the drawing has changed and rests, "clear".
const { PAD_PX } = penOf;
const { live_ms: liveMs } = props; // read now: an update from Python rewrites all props
const presets = JSON.parse(props.presets); // one text, like all that Gradio would copy number by number at each event
const root = element.querySelector(".sketchpad");
const canvas = root.querySelector(".sketchpad-canvas");
const overlay = root.querySelector(".sketchpad-tail");
const status = root.querySelector(".sketchpad-status");
const tools = Object.fromEntries([...root.querySelectorAll("[data-tool]")].map((tool) => [tool.dataset.tool, tool]));

const drawing = new drawingOf.Drawing();
let pen = JSON.parse(props.pen);
let active = null; // the pointer that draws: {id, type, rect, start, point}
let lastStylus = -Infinity;
let lastSent = -Infinity;
let timer = null;
let replay = null;
let cleared = null; // what the last clear took away, for undo
let frame = null;
let loads = 0;
let turn = 0; // how often a drawing was sent: the answer to an older one is not shown any more

const context = canvas.getContext("2d", { alpha: false });
const tailContext = overlay.getContext("2d");

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
  const what = drawing.empty ? "empty" : n > 0 ? counted(n) : "an image";
  canvas.setAttribute("aria-label", `Sketchpad, ${what}. Draw a digit with mouse, finger or pen.`);
  tools.undo.disabled = n === 0 && cleared === null;
  tools.clear.disabled = drawing.empty;
  tools.replay.disabled = n === 0;
};

const outputCanvas = Object.assign(document.createElement("canvas"), { width: PAD_PX, height: PAD_PX });
const outputContext = outputCanvas.getContext("2d", { alpha: false });

const imageUrl = () => {
  outputContext.putImageData(drawing.image.image, 0, 0);
  return outputCanvas.toDataURL("image/png");
};

const value = () => {
  if (drawing.empty) return ""; // what Gradio makes of null: it would come back as a change, for ever
  const sent = drawing.sent();
  const strokes = JSON.stringify(sent.strokes);
  const pens = sent.pens && JSON.stringify(sent.pens);
  const own = JSON.stringify(sent.pen ?? pen);
  return { image: imageUrl(), strokes, pen: own, ...(pens && { pens }), turn: ++turn };
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
