const list = element.querySelector("ul");
const [head, body] = ["thead", "tbody"].map((tag) => element.querySelector(`.score ${tag}`));
const failures = find("failures");
const TRAININGS = { "mnist-only": "trained on MNIST alone", pen: "with the pen" };
const prompt = Math.floor(10 * Math.random());

const names = (nets) => [...new Set(nets.map((net) => net.name))];
const of = (nets, name, training) => nets.find((net) => net.name === name && net.training === training);

function challenge() {
  const item = make("li", "beat");
  const button = make("button");
  button.type = "button";
  button.dataset.digit = prompt;
  const name = aDigit(prompt);
  button.append(make("b", "", prompt), make("h2", "", "Beat the gallery"));
  button.append(make("p", "", `Draw ${name} that every person reads and no net does.`), make("span", "go", "Take the pen"));
  item.append(button);
  return item;
}

function piece(one, index) {
  const item = make("li");
  const button = make("button");
  button.type = "button";
  button.dataset.index = index;
  const image = make("img");
  image.src = one.image;
  image.alt = `${aDigit(one.label)} drawn as ${one.title}`;
  const title = make("h2", "", one.title);
  button.append(image, make("b", "truth", one.label), title, make("div", "predictions"));
  item.append(button);
  return item;
}

function mark(net, index, label) {
  if (!net) return make("span", "mark");
  if (!net.predictions.length) return make("span", "mark skeleton", "·");
  const { digit, strength } = net.predictions[index];
  const correct = digit === label;
  const made = make("span", correct ? "mark correct" : "mark wrong");
  made.append(make("i", "", correct ? "✓" : "✗"), make("b", "", digit));
  made.title = `${net.name}, ${TRAININGS[net.training]}: ${digit} (${strength.toFixed(2)}), ${correct ? "correct" : "wrong"}`;
  return made;
}

function predictions(nets, index, label) {
  const lines = [make("span"), make("span", "head", "alone"), make("span", "head", "pen")];
  for (const name of names(nets)) {
    lines.push(make("span", "name", name));
    lines.push(...Object.keys(TRAININGS).map((training) => mark(of(nets, name, training), index, label)));
  }
  return lines;
}

function score(nets, count) {
  const line = make("tr");
  line.append(make("th", "", "net"), ...Object.values(TRAININGS).map((words) => make("th", "", words)));
  head.replaceChildren(line);
  body.replaceChildren(
    ...names(nets).map((name) => {
      const row = make("tr");
      row.style.setProperty("--colour-text", `var(--net-text-${nets.find((net) => net.name === name).colour})`);
      const title = make("th", "", name);
      title.scope = "row";
      row.append(title);
      for (const training of Object.keys(TRAININGS)) {
        const net = of(nets, name, training);
        const cell = make("td", net && net.correct === null ? "waiting" : "");
        if (net) cell.append(make("b", "", net.correct ?? "…"), ` of ${count}`, make("span", "wide", " correct"));
        row.append(cell);
      }
      return row;
    }),
  );
}

function show(value) {
  if (!value) {
    // the places of the drawings, until they come
    list.replaceChildren(...Array.from({ length: 28 }, () => make("li", "skeleton waiting-piece")));
    return;
  }
  if (list.children.length !== value.pieces.length + 1 || !list.querySelector("button"))
    list.replaceChildren(challenge(), ...value.pieces.map(piece));
  value.pieces.forEach((one, index) =>
    list.children[index + 1].querySelector(".predictions").replaceChildren(...predictions(value.nets, index, one.label)),
  );
  score(value.nets, value.pieces.length);
  failures.textContent = value.failures.join("\n");
}

list.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  if (button.dataset.digit !== undefined) trigger("submit", { digit: Number(button.dataset.digit) });
  else trigger("select", { index: Number(button.dataset.index) });
});

watch("value", () => show(props.value));
show(props.value);
