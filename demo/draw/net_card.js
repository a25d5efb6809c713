const dialog = find("net-card");
const [WIDTH, HEIGHT] = [320, 70];

function line(points) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", "polyline");
  node.setAttribute("points", points.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join(" "));
  return node;
}

// Validation errors over the epochs, on a logarithmic scale: lines from left to right, the pen's the dashed one.
function curve(errors) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", `0 0 ${WIDTH} ${HEIGHT}`);
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", "Validation error over the epochs of the training");
  const heights = errors.map((one) => one.map((error) => Math.log(Math.max(error, 1e-4))));
  const [low, high] = [Math.min(...heights.flat()), Math.max(...heights.flat())];
  for (const one of heights) {
    const step = WIDTH / Math.max(1, one.length - 1);
    svg.append(line(one.map((at, i) => [i * step, 4 + (HEIGHT - 8) * (1 - (at - low) / (high - low || 1))])));
  }
  return svg;
}

function row(cells, tag) {
  const made = document.createElement("tr");
  cells.forEach((text, i) => {
    const cell = make(i === 0 || tag === "th" ? "th" : "td", "", text);
    if (cell.tagName === "TH") cell.scope = tag === "th" ? "col" : "row";
    made.append(cell);
  });
  return made;
}

function show(value) {
  colour(dialog, value.colour);
  write(find("name"), value.name);
  write(find("summary"), value.summary);
  find("by").replaceChildren(
    value.by,
    ...value.links.flatMap(({ address, text }) => {
      const link = Object.assign(make("a", "", text), { href: address, target: "_blank", rel: "noopener" });
      return [" · ", link];
    }),
  );
  find("facts").replaceChildren(...value.facts.flatMap(([term, fact]) => [make("dt", "", term), make("dd", "", fact)]));
  const [head, body] = [find("accuracy thead"), find("accuracy tbody")];
  const sets = [...new Set(value.accuracy.map((one) => one.set))];
  head.replaceChildren(row(["training", ...sets], "th"));
  body.replaceChildren(
    ...[...new Set(value.accuracy.map((one) => one.training))].map((training) =>
      row([training, ...value.accuracy.filter((one) => one.training === training).map((one) => one.text)], "td"),
    ),
  );
  find("training-curve").replaceChildren(
    ...(value.curve.length ? [make("h3", "", "Validation error while it was trained"), curve(value.curve)] : []),
  );
  find("mistakes").hidden = !value.mistakes;
  if (value.mistakes) find("mistakes img").src = value.mistakes;
  find("mistakes img").alt = `Digits that ${value.name} takes for others, with what it says`;
  if (!dialog.open) dialog.showModal();
  dialog.scrollTop = 0;
}

find("teach-it").addEventListener("click", () => {
  dialog.close();
  document.dispatchEvent(new CustomEvent("teach", { detail: { net: unpacked(props.value).name } }));
});
find("close").addEventListener("click", () => dialog.close());
dialog.addEventListener("click", (event) => event.target === dialog && dialog.close()); // beside the card
watch("value", () => props.value && show(unpacked(props.value)));
