const rows = element.querySelector(".rows");
const hint = element.querySelector(".hint");
const note = element.querySelector(".note");

function image(name, ...words) {
  const figure = make("figure", name);
  const caption = make("figcaption", "");
  caption.append(...words);
  figure.append(document.createElement("img"), caption);
  return figure;
}

function build() {
  const row = make("div", "row");
  const images = make("div", "images");
  const legend = [make("span", "key left-out", "left out"), ", ", make("span", "key added", "added")];
  images.append(image("fed", "fed"), image("drawn", "drawn"), image("difference", ...legend));
  row.append(images, make("p", "caption"));
  return row;
}

function fill(row, shown) {
  const alts = {
    fed: "What the net was fed",
    drawn: `The ${shown.digit} that ${shown.net} draws from what it saw`,
    difference: "The difference between the two: blue is ink left out, orange is ink added",
  };
  for (const [name, alt] of Object.entries(alts)) {
    const image = row.querySelector(`.${name} img`);
    image.src = shown[name];
    image.alt = alt;
  }
  row.querySelector(".caption").textContent = shown.caption;
}

function show(value) {
  if (!value) return;
  while (rows.children.length > value.rows.length) rows.lastChild.remove();
  while (rows.children.length < value.rows.length) rows.append(build());
  value.rows.forEach((shown, index) => fill(rows.children[index], shown));
  hint.textContent = value.hint;
  note.textContent = value.note;
}

watch("value", () => show(unpacked(props.value)));
show(unpacked(props.value));
