const list = element.querySelector("ol");
const reset = element.querySelector(".reset");
const source = element.querySelector(".source");
const details = element.querySelector("details");
const head = element.querySelector("thead");
const body = element.querySelector("tbody");
const STEPS = 400;
const NAMED_FROM = 0.5;

const written = (value) => (value < 0 ? "−" : "+") + Math.abs(value).toFixed(2);

function cell(tag, text, className = "") {
  const made = document.createElement(tag);
  made.textContent = text;
  made.className = className;
  return made;
}

function slider(index) {
  const item = document.createElement("li");
  const label = document.createElement("label");
  label.append(document.createElement("span"), " ", document.createElement("small"));
  const value = document.createElement("output");
  const groove = document.createElement("div");
  groove.className = "groove";
  const range = document.createElement("input");
  range.type = "range";
  range.id = `pose-${index}`;
  label.htmlFor = range.id;
  range.dataset.index = index;
  groove.append(document.createElement("i"), range);
  item.append(label, value, groove);
  return item;
}

function place(item, index, value) {
  const [low, high, own] = [value.low[index], value.high[index], value.own[index]];
  const range = item.querySelector("input");
  range.min = low;
  range.max = high;
  range.step = Math.max((high - low) / STEPS, 1e-6);
  range.disabled = false;
  range.value = value.values[index];
  item.querySelector("i").style.setProperty("--own", high > low ? (own - low) / (high - low) : 0.5);
  const meaning = value.dimensions[index];
  item.querySelector("label span").textContent = meaning && meaning.name ? `${index + 1} ${meaning.name}` : `dimension ${index + 1}`;
  item.querySelector("label small").textContent = meaning ? `${meaning.name ? "" : meaning.best + " "}r ${written(meaning.r)}` : "";
  item.querySelector("output").textContent = written(value.values[index]);
}

function correlations(value) {
  const measured = value.dimensions.length > 0;
  details.hidden = !measured;
  if (!measured) return;
  const names = Object.keys(value.dimensions[0].correlations);
  const row = document.createElement("tr");
  row.append(cell("th", "dimension"), ...names.map((name) => cell("th", name)));
  head.replaceChildren(row);
  body.replaceChildren(
    ...value.dimensions.map((dimension, index) => {
      const line = document.createElement("tr");
      line.append(cell("th", index + 1));
      for (const name of names) {
        const r = dimension.correlations[name];
        line.append(cell("td", written(r), Math.abs(r) >= NAMED_FROM ? "strong" : ""));
      }
      return line;
    }),
  );
}

function show(value) {
  const count = value && value.values ? value.values.length : 16;
  if (list.children.length !== count) list.replaceChildren(...Array.from({ length: count }, (_, index) => slider(index)));
  const empty = !value || !value.values;
  reset.disabled = empty;
  element.querySelectorAll("input").forEach((range) => (range.disabled = empty));
  source.textContent = empty ? "" : value.source;
  details.hidden = true;
  if (empty) {
    [...list.children].forEach((item, index) => (item.querySelector("span").textContent = `dimension ${index + 1}`));
    return;
  }
  [...list.children].forEach((item, index) => place(item, index, value));
  correlations(value);
}

function send(values, moved) {
  props.value = { ...props.value, values, moved };
  trigger("input");
}

list.addEventListener("input", (event) => {
  const index = Number(event.target.dataset.index);
  const values = [...props.value.values];
  values[index] = Number(event.target.value);
  event.target.closest("li").querySelector("output").textContent = written(values[index]);
  send(values, index);
});

reset.addEventListener("click", () => {
  const { own, moved } = props.value;
  send([...own], moved);
  show(props.value);
});

watch("value", () => show(props.value));
show(props.value);
