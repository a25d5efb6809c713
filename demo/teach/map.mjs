// The map of a net: which plain pens it reads, by their width and colour, before a lesson and after it.

function make(tag, className = "", text = "") {
  return Object.assign(document.createElement(tag), { className, textContent: text });
}

const named = (text) => make("span", "unseen", text);

function header(colours) {
  const row = make("tr");
  row.append(make("td"));
  for (const [name, rgb] of Object.entries(colours)) {
    const cell = make("th");
    cell.scope = "col";
    cell.title = name;
    const ink = make("i", "ink");
    ink.style.background = `rgb(${rgb.join()})`;
    cell.append(ink, named(name));
    row.append(cell);
  }
  return row;
}

function line(percents, at, axes) {
  const row = make("tr");
  const head = make("th");
  head.scope = "row";
  head.title = `${axes.widths[at]} px wide`;
  const ink = make("i", "wide");
  ink.style.setProperty("--wide", axes.widths[at]);
  head.append(ink, named(`${axes.widths[at]} px`));
  const has = (cells, column) => cells.some(([y, x]) => y === at && x === column);
  const colours = Object.keys(axes.colours);
  const cells = percents.map((percent, column) => {
    const cell = make("td", "cell");
    cell.style.setProperty("--share", percent / 100);
    if (has(axes.earlier, column)) cell.classList.add("earlier");
    if (has(axes.pen, column)) cell.classList.add("this");
    cell.title = `${colours[column]}, ${axes.widths[at]} px wide: ${percent} % of ${axes.digits} digits`;
    cell.append(named(`${percent} %`));
    return cell;
  });
  row.append(head, ...cells);
  return row;
}

function table(when, { cells, mean }, axes) {
  const made = make("table");
  const [head, body] = [make("thead"), make("tbody")];
  head.append(header(axes.colours));
  body.append(...cells.map((percents, at) => line(percents, at, axes)));
  const caption = make("caption", "", `${when}: `);
  caption.append(make("b", "", `${mean} %`));
  made.append(caption, head, body);
  return made;
}

// The figure with both tables; `axes` is the same for every net of a lesson.
export function penMap({ before, after }, axes) {
  const figure = make("figure", "pen-map");
  const pair = make("div", "pair");
  pair.append(table("Before", before, axes), table("After", after, axes));
  const again = axes.earlier.length ? ", the dotted ones those of your earlier pen" : "";
  figure.append(
    make("h4", "", "Pens that it reads, from thin to wide and from dark to light"),
    pair,
    make("figcaption", "", `The fuller a cell, the more of ${axes.digits} test digits it reads, drawn by one plain pen; above stands what it reads of all cells. Ringed cells are those that your pen goes through${again}.`),
  );
  return figure;
}
