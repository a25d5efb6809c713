// Heat maps, two for each net: as trained on MNIST alone, and with the pen. A cell that is chosen is shown by cell.js.
const panel = find("heatmaps");
const progress = find("progress");
const state = find("state");
const maps = find("maps");
const failures = find("failures");
const EVERY = 2; // of the ticks across: so many fit under cells of 16 px
const TITLES = { pen: "with the pen", "mnist-only": "trained on MNIST alone", taught: "taught by you" };

let built = "";
let chosen = null; // {row, column}
let going = false; // until Gradio says how the run ended: before that it would drop another one
let waiting = false; // for the first cells of a run
let cancelled = false; // one more batch may come after that
let trouble = "";

const card = () => document.getElementById("stress-one");

function ticks(side, axis) {
  const made = make("div", `ticks ${side}`);
  made.append(...axis.ticks.map((tick, at) => make("span", "", side === "across" && at % EVERY ? "" : tick)));
  return made;
}

function mapOf(net, value) {
  const box = make("div", "map");
  box.dataset.id = net.id;
  const title = make("h4", "", TITLES[net.training] ?? net.training);
  title.append(make("span", "survived"));
  const field = make("div", "field");
  const cells = make("div", "cells");
  cells.role = "grid";
  cells.ariaLabel = `${net.id}: ${value.rows.title} down, ${value.columns.title} across; arrow keys go from cell to cell`;
  cells.style.setProperty("--columns", value.columns.values.length);
  value.rows.values.forEach((_, row) => {
    const line = make("div", "line");
    line.role = "row";
    value.columns.values.forEach((__, column) => {
      const cell = make("button", "cell");
      cell.type = "button";
      cell.role = "gridcell";
      Object.assign(cell.dataset, { row, column });
      cell.tabIndex = row * value.columns.values.length + column === value.own ? 0 : -1;
      line.append(cell);
    });
    cells.append(line);
  });
  const scroll = make("div", "scroll");
  field.append(make("b", "heading down", value.rows.heading), ticks("down", value.rows), cells);
  field.append(ticks("across", value.columns), make("b", "heading across", value.columns.heading));
  scroll.append(field);
  const smallest = make("button", "smallest");
  smallest.type = "button";
  smallest.append(make("img"), make("span", "why"));
  box.append(title, scroll, smallest);
  return box;
}

function pairOf(name, value) {
  const own = value.maps.filter((net) => net.name === name);
  const box = make("article", "pair");
  box.style.setProperty("--colour-text", `var(--net-text-${own[0].colour})`);
  const both = make("div", "both");
  both.append(...own.map((net) => mapOf(net, value)));
  box.append(make("h3", "", name), both);
  return box;
}

function said(value, net, at) {
  const columns = value.columns.values.length;
  const where = `${value.rows.title} ${value.rows.values[Math.floor(at / columns)]}, ${value.columns.title} ${value.columns.values[at % columns]}`;
  if (net.digits[at] < 0) return where;
  return `${where}: ${net.digits[at]}, ${net.digits[at] === value.digit ? "correct" : "wrong"} (${net.strengths[at].toFixed(2)})`;
}

function fill(box, net, value) {
  const finished = value.done === value.total;
  box.querySelector(".survived").textContent = value.done ? `survived ${(100 * net.survived).toFixed(0)} %` : "";
  box.querySelectorAll(".cell").forEach((cell, at) => {
    const digit = net.digits[at];
    const picked = chosen && Number(cell.dataset.row) === chosen.row && Number(cell.dataset.column) === chosen.column;
    const kind = digit < 0 ? "" : digit === value.digit ? "right" : "wrong";
    cell.className = ["cell", kind, at === value.own ? "own" : "", picked ? "picked" : ""].filter(Boolean).join(" ");
    cell.style.setProperty("--strength", net.strengths[at]);
    cell.ariaLabel = said(value, net, at);
    cell.title = cell.ariaLabel;
  });
  const smallest = box.querySelector(".smallest");
  const least = net.smallest;
  smallest.disabled = !least;
  const image = smallest.querySelector("img");
  const why = smallest.querySelector(".why");
  if (!least) {
    image.removeAttribute("src");
    why.textContent = finished ? "Nothing in this grid fools it." : "";
    return;
  }
  image.src = least.image;
  image.alt = `the smallest change that fools ${net.id}`;
  Object.assign(smallest.dataset, { row: least.row, column: least.column });
  const at = least.row * value.columns.values.length + least.column;
  why.textContent = at === value.own ? `Already wrong about your drawing as it is. ${said(value, net, at)}` : `Fooled first at ${said(value, net, at)}`;
}

function sentence(value, empty) {
  if (trouble) return trouble;
  if (waiting) return "drawing the first cells …";
  if (empty || value.hint) return (value && value.hint) || "";
  if (cancelled) return `cancelled after ${value.done} cells`;
  return `${value.done} of ${value.total} cells answered by every net`;
}

function show(value) {
  const empty = !value || !value.maps;
  const share = empty ? 0 : value.done / value.total;
  const running = going && !waiting && !empty && value.done < value.total && !cancelled;
  if (card()) card().dataset.state = running ? "running" : empty ? "" : "done";
  const start = document.getElementById("stress-start");
  if (start) start.disabled = going;
  progress.hidden = !running;
  progress.style.setProperty("--done", share);
  progress.ariaValueNow = Math.round(100 * share);
  state.textContent = sentence(value, empty);
  panel.classList.toggle("empty", empty);
  failures.textContent = empty ? "" : value.failures.join("\n");
  if (empty) {
    if (value && value.hint) maps.replaceChildren();
    built = "";
    return;
  }
  const names = [...new Set(value.maps.map((net) => net.name))];
  const wanted = JSON.stringify([value.grid, value.maps.map((net) => net.id)]);
  if (wanted !== built) {
    chosen = null;
    maps.replaceChildren(...names.map((name) => pairOf(name, value)));
  }
  built = wanted;
  value.maps.forEach((net) => fill(maps.querySelector(`[data-id="${net.id}"]`), net, value));
}

function choose(row, column) {
  chosen = { row, column };
  maps.querySelectorAll(".cell").forEach((cell) =>
    cell.classList.toggle("picked", Number(cell.dataset.row) === row && Number(cell.dataset.column) === column),
  );
  trigger("select", chosen);
}

maps.addEventListener("click", (event) => {
  const clicked = event.target.closest("button");
  if (clicked && !clicked.disabled) choose(Number(clicked.dataset.row), Number(clicked.dataset.column));
});

maps.addEventListener("keydown", (event) => {
  const cell = event.target.closest(".cell");
  const moves = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0] };
  if (!cell || !(event.key in moves)) return;
  event.preventDefault();
  const [row, column] = moves[event.key].map((step, axis) => Number(axis ? cell.dataset.column : cell.dataset.row) + step);
  const next = cell.closest(".cells").querySelector(`[data-row="${row}"][data-column="${column}"]`);
  if (!next) return;
  cell.tabIndex = -1;
  next.tabIndex = 0;
  next.focus();
});

// A run that was cancelled sends nothing more, or one last batch: what there is can be saved.
document.addEventListener("click", (event) => {
  const button = event.target.closest("#stress-cancel, #stress-start");
  if (!button) return;
  cancelled = button.id === "stress-cancel";
  if (!cancelled) [going, waiting, trouble] = [true, true, ""];
  show(props.value);
});

for (const end of ["success", "failure"]) {
  panel.addEventListener(end, () => {
    [going, waiting] = [false, false];
    if (end === "failure") trouble = "The server could not go on with this test: please try again.";
    show(props.value);
  });
}

watch("value", () => {
  waiting = false;
  show(props.value);
});
show(props.value);
