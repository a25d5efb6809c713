// The brush panel: sets the pen of the pad whose id is `props.pad`, all in the page; the server is never asked.
const panel = element.querySelector(".brush");
const padId = props.pad; // read now: an update from Python rewrites all props
const previewed = panel.querySelector(".brush-preview");
const plain = panel.querySelector(".brush-colour");
const inks = Object.fromEntries([...panel.querySelectorAll("[data-ink]")].map((input) => [input.dataset.ink, input]));
const inputs = [...panel.querySelectorAll("[data-field]")];
const outputs = [...panel.querySelectorAll("[data-shows]")];
const PREVIEW_PX = 420; // at least so much of a pen's way is shown
const SEEDS = 1000; // to choose from by the dice

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

const name = `brush-ink-${padId}`;
for (const [ink, input] of Object.entries(inks)) {
  input.name = name;
  input.addEventListener("change", () => set({ colour: ink === "plain" ? plain.value : null }));
}
plain.addEventListener("input", () => set({ colour: plain.value }));
panel.querySelector(".brush-dice").addEventListener("click", () => {
  set({ seed: Math.floor(SEEDS * Math.random()) });
});

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
