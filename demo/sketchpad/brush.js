// The brush panel: sets the pen of the pad whose id is `props.pad`, all in the page; the server is never asked.
const panel = element.querySelector(".brush");
const padId = props.pad; // read now: an update from Python rewrites all props
const previewed = panel.querySelector(".brush-preview");
const plain = panel.querySelector(".brush-colour");
const seed = panel.querySelector(".brush-seed input");
const inks = Object.fromEntries([...panel.querySelectorAll("[data-ink]")].map((input) => [input.dataset.ink, input]));
const inputs = [...panel.querySelectorAll("[data-field]")];
const outputs = [...panel.querySelectorAll("[data-shows]")];
const PREVIEW_PX = 420; // at least so much of a pen's way is shown
const LARGEST_SEED = 2 ** 31 - 1;

// A slider goes from slow (0) to quick (100); a pen has the length of one period, which every step shortens alike.
const SLOWEST_PX = 2000;
const QUICKEST_PX = 20;
const quickness = (px) => (100 * Math.log(SLOWEST_PX / px)) / Math.log(SLOWEST_PX / QUICKEST_PX);
const period = (quick) => Math.round(SLOWEST_PX * (QUICKEST_PX / SLOWEST_PX) ** (quick / 100));
const isPeriod = (field) => field.endsWith("_period_px");

const shown = (field, value) => {
  if (isPeriod(field)) return `every ${value} px`;
  if (field.endsWith("_px")) return `${value} px`;
  return field.endsWith("_jitter") ? `${Math.round(100 * value)} %` : String(value);
};

let pad = null;

const preview = () => pad?.preview(previewed, pad.pen, Math.max(PREVIEW_PX, previewed.clientWidth));

const show = (pen) => {
  for (const input of inputs) {
    const value = pen[input.dataset.field];
    if (input.type === "checkbox") input.checked = value;
    else input.value = isPeriod(input.dataset.field) ? quickness(value) : value;
    if (input.type !== "range") continue;
    input.setAttribute("aria-valuetext", shown(input.dataset.field, value));
    input.style.setProperty("--share", String((input.value - input.min) / (input.max - input.min)));
  }
  for (const output of outputs) output.textContent = shown(output.dataset.shows, pen[output.dataset.shows]);
  inks.rainbow.checked = pen.colour === null;
  inks.plain.checked = pen.colour !== null;
  if (pen.colour !== null) plain.value = pen.colour;
  if (document.activeElement !== seed) seed.value = pad.seedIsTyped ? pen.seed : "";
  seed.placeholder = pen.seed;
  preview();
};

const set = (change) => pad?.setPen(change); // the pad answers with "sketchpad:pen"

for (const input of inputs)
  input.addEventListener("input", () => {
    const { field } = input.dataset;
    if (input.type === "checkbox") return set({ [field]: input.checked });
    const value = isPeriod(field) ? period(Number(input.value)) : Number(input.value);
    const change = { [field]: value };
    if (field === "thinnest_px" && value > pad.pen.widest_px) change.widest_px = value;
    if (field === "widest_px" && value < pad.pen.thinnest_px) change.thinnest_px = value;
    return set(change);
  });

const name = `brush-ink-${padId}-${document.querySelectorAll(".brush").length}`; // a page may hold several panels
for (const [ink, input] of Object.entries(inks)) {
  input.name = name;
  input.addEventListener("change", () => set({ colour: ink === "plain" ? plain.value : null }));
}
plain.addEventListener("input", () => set({ colour: plain.value }));
seed.addEventListener("input", () => {
  const typed = Number(seed.value);
  if (seed.value === "") pad?.setPen({}, false);
  else if (Number.isInteger(typed) && typed >= 0 && typed <= LARGEST_SEED) pad?.setPen({ seed: typed }, true);
});

// A pen at random among those that people can read: wide enough somewhere, and never dark for long.
const thrown = () => {
  const between = (least, most) => least + (most - least) * Math.random();
  const round = (value, step) => Math.round(value / step) * step;
  const widest = round(between(9, 46), 0.5);
  const jitters = Math.random() < 0.5;
  const hue = Math.floor(between(0, 360));
  return {
    widest_px: widest,
    thinnest_px: round(between(3, Math.min(24, widest)), 0.5),
    width_period_px: Math.round(between(80, 640)),
    hue_period_px: Math.round(between(100, 720)),
    hue_start_deg: hue,
    size_jitter: jitters ? round(between(0, 0.7), 0.01) : 0,
    colour_jitter: jitters ? round(between(0, 0.5), 0.01) : 0,
    colour: Math.random() < 0.2 ? bright(hue) : null,
  };
};

// A full colour mixed with white until its luma is that of something one sees on black.
const bright = (hue) => {
  const full = [0, 8, 4].map((n) => {
    const k = (n + hue / 30) % 12;
    return 0.5 - 0.5 * Math.max(-1, Math.min(k - 3, 9 - k, 1));
  });
  const luma = 0.299 * full[0] + 0.587 * full[1] + 0.114 * full[2];
  const white = luma < 0.45 ? (0.45 - luma) / (1 - luma) : 0;
  return `#${full.map((c) => Math.round(255 * (c + (1 - c) * white)).toString(16).padStart(2, "0")).join("")}`;
};
panel.querySelector(".brush-dice").addEventListener("click", () => set(thrown()));

const connect = () => {
  pad = document.querySelector(`#${CSS.escape(padId)} .sketchpad`)?.sketchpad ?? null;
  if (pad !== null) show(pad.pen);
};
const ours = (event) => event.target.closest(`#${CSS.escape(padId)}`) !== null;
const listen = (event) => {
  if (!panel.isConnected) {
    for (const kind of ["sketchpad:ready", "sketchpad:pen"]) document.removeEventListener(kind, listen);
  } else if (ours(event)) connect();
};
for (const kind of ["sketchpad:ready", "sketchpad:pen"]) document.addEventListener(kind, listen);
new ResizeObserver(preview).observe(previewed);
connect();
