const box = find("cell-view");
const drawn = find("drawn");
const input = find("input");
const where = find("where");
const body = element.querySelector("tbody");

function prediction(net, digit) {
  const made = make("td");
  if (!net || net.digit < 0) return made;
  const correct = net.digit === digit;
  made.className = correct ? "correct" : "wrong";
  made.append(make("i", "", correct ? "✓" : "✗"), make("b", "", net.digit), make("span", "", net.strength.toFixed(2)));
  made.ariaLabel = `${net.digit}, ${correct ? "correct" : "wrong"}, ${net.strength.toFixed(2)}`;
  return made;
}

const TRAININGS = { "mnist-only": "MNIST alone", pen: "with the pen", taught: "taught by you" };
const shown = (nets) => Object.keys(TRAININGS).filter((each) => each !== "taught" || nets.some((net) => net.training === each));

function line(name, nets, digit) {
  const own = nets.filter((net) => net.name === name);
  const row = make("tr");
  row.style.setProperty("--colour-text", `var(--net-text-${own[0].colour})`);
  const head = make("th", "", name);
  head.scope = "row";
  row.append(head, ...shown(nets).map((training) => prediction(own.find((net) => net.training === training), digit)));
  return row;
}

function show(value) {
  box.hidden = !value;
  if (!value) return;
  drawn.src = value.image;
  input.src = value.input;
  where.textContent = value.where.map(([title, at]) => `${title} ${at}`).join(", ");
  const head = make("tr");
  head.append(make("td"), ...shown(value.nets).map((training) => make("th", "", TRAININGS[training])));
  const names = [...new Set(value.nets.map((net) => net.name))];
  body.replaceChildren(head, ...names.map((name) => line(name, value.nets, value.digit)));
}

find("put").addEventListener("click", () => trigger("submit", { row: props.value.row, column: props.value.column }));

watch("value", () => show(props.value));
show(props.value);
