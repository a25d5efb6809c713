const panel = element.querySelector(".heatmaps");
const progress = element.querySelector(".progress");
const state = element.querySelector(".state");
const maps = element.querySelector(".maps");

let built = "";

function make(tag, className, text = "") {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = text;
  return made;
}

function ends(side, axis) {
  const made = make("div", `ends ${side}`);
  made.append(make("span", "", axis.values[0]), make("b", "", axis.title), make("span", "", axis.values.at(-1)));
  return made;
}

function mapOf(net, value) {
  const box = make("article", "map");
  box.style.setProperty("--colour-text", `var(--net-text-${net.colour})`);
  const title = make("h3", "", net.name);
  title.append(make("span", "survived"));
  const field = make("div", "field");
  const cells = make("div", "cells");
  cells.style.setProperty("--columns", value.columns.values.length);
  value.rows.values.forEach((_, row) =>
    value.columns.values.forEach((__, column) => {
      const cell = make("button", "cell");
      cell.type = "button";
      cell.tabIndex = -1;
      cell.dataset.row = row;
      cell.dataset.column = column;
      cells.append(cell);
    }),
  );
  field.append(ends("down", value.rows), cells, ends("across", value.columns));
  const smallest = make("button", "smallest");
  smallest.type = "button";
  smallest.append(document.createElement("img"), make("span", "why"));
  box.append(title, field, make("p", "about"), smallest);
  return box;
}

function said(value, net, at) {
  const columns = value.columns.values.length;
  const where = `${value.rows.title} ${value.rows.values[Math.floor(at / columns)]}, ${value.columns.title} ${value.columns.values[at % columns]}`;
  return net.digits[at] < 0 ? where : `${where}: reads ${net.digits[at]} (${net.strengths[at].toFixed(2)})`;
}

function fill(box, net, value) {
  const finished = value.done === value.total;
  box.querySelector(".survived").textContent = value.done ? `survived ${(100 * net.survived).toFixed(0)} %` : "";
  [...box.querySelector(".cells").children].forEach((cell, at) => {
    const digit = net.digits[at];
    cell.className = `cell ${digit < 0 ? "" : digit === value.digit ? "right" : "wrong"} ${at === value.own ? "own" : ""}`;
    cell.style.setProperty("--strength", net.strengths[at]);
    cell.ariaLabel = said(value, net, at);
  });
  const smallest = box.querySelector(".smallest");
  const found = net.smallest;
  smallest.disabled = !found;
  const image = smallest.querySelector("img");
  const why = smallest.querySelector(".why");
  if (found) {
    image.src = found.image;
    image.alt = `the smallest change that fools ${net.name}`;
    smallest.dataset.row = found.row;
    smallest.dataset.column = found.column;
    const at = found.row * value.columns.values.length + found.column;
    why.textContent =
      at === value.own
        ? `${net.name} does not read your drawing as it is: ${said(value, net, at)}.`
        : `The smallest change that fools ${net.name}: ${said(value, net, at)}. Put it on the pad.`;
  } else {
    image.removeAttribute("src");
    why.textContent = finished ? `Nothing in this grid fools ${net.name}.` : "The smallest change is shown when every cell is answered.";
  }
}

function show(value) {
  const empty = !value || !value.maps;
  const share = empty ? 0 : value.done / value.total;
  progress.style.setProperty("--done", share);
  progress.ariaValueNow = Math.round(100 * share);
  state.textContent = value ? value.hint || `${value.done} of ${value.total} cells answered by every net` : "";
  panel.classList.toggle("empty", empty);
  if (empty) {
    if (value && value.hint) maps.replaceChildren();
    built = "";
    return;
  }
  const wanted = JSON.stringify([value.grid, value.maps.map((net) => net.name)]);
  if (wanted !== built) maps.replaceChildren(...value.maps.map((net) => mapOf(net, value)));
  built = wanted;
  value.maps.forEach((net, at) => fill(maps.children[at], net, value));
}

maps.addEventListener("pointerover", (event) => {
  const cell = event.target.closest(".cell");
  if (cell) cell.closest(".map").querySelector(".about").textContent = cell.ariaLabel;
});

maps.addEventListener("click", (event) => {
  const clicked = event.target.closest("button");
  if (clicked && !clicked.disabled) trigger("select", { row: Number(clicked.dataset.row), column: Number(clicked.dataset.column) });
});

watch("value", () => show(props.value));
show(props.value);
