// Where the pose stands: the numbers turned one by one, and what every knob adds along its direction.
const knobList = find("knobs");
const list = find("dimensions");
const reset = find("reset");
const source = find("source");
const raw = find("raw");
const measured = find("measured");
const head = element.querySelector("thead");
const body = element.querySelector("tbody");
const STEPS = 400;
const NAMED_FROM = 0.5;

let turned = []; // (D,): the drawing's own numbers, or as they were turned one by one
let knobs = []; // where each knob stands, in its unit
let hadKnobs = true; // without them the sixteen numbers are unfolded
let shownOf = null; // the value that the sliders were laid out for

const written = (value) => (value < 0 ? "−" : "+") + Math.abs(value).toFixed(2);

const number = (value, { low, high }) => (value < 0 ? "−" : "") + Math.abs(value).toFixed(high - low < 3 ? 2 : 1);

function slider(id, index) {
  const item = make("li");
  const label = make("label");
  label.append(make("span"), " ", make("small"));
  label.htmlFor = id;
  const groove = make("div", "groove");
  const range = make("input");
  range.type = "range";
  range.id = id;
  range.dataset.index = index;
  groove.append(make("i"), range);
  item.append(label, make("output"), groove, make("span", "less"), make("span", "more"));
  return item;
}

function lay(item, low, high, own, value) {
  const range = item.querySelector("input");
  range.min = low;
  range.max = high;
  range.step = Math.max((high - low) / STEPS, 1e-6);
  range.disabled = false;
  range.value = value;
  item.querySelector("i").style.setProperty("--own", high > low ? (own - low) / (high - low) : 0.5);
}

const pose = (but = -1, instead = 0) =>
  turned.map((number, at) =>
    props.value.knobs.reduce((sum, knob, k) => sum + ((k === but ? instead : knobs[k]) - knob.own) * knob.vector[at], number),
  );

const rounded = (numbers) => numbers.map((number) => Number(number.toFixed(5)));

function texts(value) {
  const numbers = pose();
  value.knobs.forEach((knob, k) => {
    knobList.children[k].querySelector("output").textContent = `${number(knobs[k], knob)} ${knob.unit}`;
  });
  [...list.children].forEach((item, at) => {
    item.querySelector("output").textContent = written(numbers[at]);
  });
}

function correlations(value) {
  measured.hidden = value.dimensions.length === 0;
  if (measured.hidden) return;
  const names = Object.keys(value.dimensions[0].correlations);
  const row = make("tr");
  row.append(make("th", "", "number"), ...names.map((name) => make("th", "", name)));
  head.replaceChildren(row);
  body.replaceChildren(
    ...value.dimensions.map((dimension, index) => {
      const line = make("tr");
      line.append(make("th", "", index + 1));
      for (const name of names) {
        const r = dimension.correlations[name];
        line.append(make("td", Math.abs(r) >= NAMED_FROM ? "strong" : "", written(r)));
      }
      return line;
    }),
  );
}

function show(value) {
  const empty = !value || !value.values;
  const count = empty ? 16 : value.values.length;
  if (list.children.length !== count)
    list.replaceChildren(...Array.from({ length: count }, (_, at) => slider(`pose-${at}`, at)));
  reset.disabled = empty;
  source.textContent = empty ? "" : value.source;
  if (empty) {
    element.querySelectorAll("input").forEach((range) => (range.disabled = true));
    measured.hidden = true;
    return;
  }
  turned = [...value.own];
  knobs = value.knobs.map((knob) => knob.own);
  knobList.replaceChildren(...value.knobs.map((knob, k) => slider(`knob-${knob.name.replaceAll(" ", "-")}`, k)));
  value.knobs.forEach((knob, k) => {
    const item = knobList.children[k];
    lay(item, knob.low, knob.high, knob.own, knob.own);
    item.querySelector("label span").textContent = knob.name;
    item.querySelector("small").textContent = `R ${knob.r.toFixed(2)}`;
    item.querySelector("small").title = "how closely this direction follows the measurement, on digits it was not fitted to";
    item.querySelector(".less").textContent = knob.less;
    item.querySelector(".more").textContent = knob.more;
  });
  [...list.children].forEach((item, at) => {
    lay(item, value.low[at], value.high[at], value.own[at], value.own[at]);
    const meaning = value.dimensions[at];
    item.querySelector("label span").textContent = meaning && meaning.name ? `${at + 1} ${meaning.name}` : `number ${at + 1}`;
    item.querySelector("small").textContent = meaning ? `${meaning.name ? "" : meaning.best + " "}r ${written(meaning.r)}` : "";
    item.querySelector(".less").textContent = written(value.low[at]);
    item.querySelector(".more").textContent = written(value.high[at]);
  });
  const hasKnobs = value.knobs.length > 0;
  if (hasKnobs !== hadKnobs) raw.open = !hasKnobs;
  hadKnobs = hasKnobs;
  texts(value);
  correlations(value);
  shownOf = value;
}

function send(moved, start, end) {
  texts(props.value);
  shownOf = { ...props.value, values: rounded(pose()), start: rounded(start), end: rounded(end), moved };
  props.value = shownOf;
  trigger("input");
}

knobList.addEventListener("input", (event) => {
  const k = Number(event.target.dataset.index);
  const knob = props.value.knobs[k];
  knobs[k] = Number(event.target.value);
  send(knob.name, pose(k, knob.low), pose(k, knob.high));
});

list.addEventListener("input", (event) => {
  const at = Number(event.target.dataset.index);
  const { low, high } = props.value;
  turned[at] += Number(event.target.value) - pose()[at];
  const [start, end] = [pose(), pose()];
  [start[at], end[at]] = [low[at], high[at]];
  send(`number ${at + 1}`, start, end);
});

reset.addEventListener("click", () => {
  const value = props.value;
  show(value);
  send("", pose(), pose());
});

watch("value", () => props.value !== shownOf && show(props.value));
show(props.value);
