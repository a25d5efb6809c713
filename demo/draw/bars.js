const table = element.querySelector("table");
const head = table.tHead.rows[0];
const body = table.tBodies[0];
const hint = element.querySelector(".hint");
const failures = element.querySelector(".failures");
const spoken = element.querySelector(".spoken");
const QUIET_MS = 700; // a screen reader hears an answer when it has stood for so long

let columns = "";
let speaking = 0;

// Only what differs is written: every text that is set anew costs a layout, even where it says the same.
function write(node, text) {
  if (node.textContent !== String(text)) node.textContent = text;
}

function make(tag, className, text = "") {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = text;
  return made;
}

function colour(node, index) {
  node.style.setProperty("--colour", `var(--net-${index})`);
  node.style.setProperty("--colour-text", `var(--net-text-${index})`);
}

function headOf(net) {
  const cell = make("th", "net");
  cell.scope = "col";
  colour(cell, net.colour);
  const inside = make("div", "head");
  const title = make("div", "title");
  title.append(make("span", "read"), make("span", "name", net.name), make("span", "caption"));
  inside.append(title);
  cell.append(inside);
  return cell;
}

function cellOf(net) {
  const cell = make("td", "net");
  colour(cell, net.colour);
  const inside = make("div", "cell"); // the container whose width decides how it is shown
  const shown = make("div", "shown");
  const track = make("span", "track");
  track.append(make("i", "fill"));
  shown.append(track, make("span", "value"));
  inside.append(shown);
  cell.append(inside);
  return cell;
}

function build(nets) {
  const named = JSON.stringify(nets.map((net) => [net.name, net.colour]));
  if (named === columns) return;
  columns = named;
  head.replaceChildren(head.cells[0], ...nets.map(headOf));
  body.replaceChildren(
    ...Array.from({ length: 10 }, (_, digit) => {
      const row = document.createElement("tr");
      const label = make("th", "", String(digit));
      label.scope = "row";
      row.append(label, ...nets.map(cellOf));
      return row;
    }),
  );
}

function fillHead(cell, net) {
  const answered = net.digit !== undefined;
  cell.classList.toggle("answered", answered);
  write(cell.querySelector(".read"), answered ? net.digit : "");
  write(cell.querySelector(".caption"), net.caption ?? (net.failure ? "no answer" : ""));
}

function fillCell(cell, net, digit) {
  cell.classList.toggle("winner", net.digit === digit);
  cell.querySelector(".fill").style.setProperty("--share", net.shares ? net.shares[digit] : 0);
  write(cell.querySelector(".value"), net.values ? net.values[digit] : "");
}

function speak(sentence) {
  clearTimeout(speaking);
  speaking = setTimeout(() => (spoken.textContent = sentence), QUIET_MS);
}

function show(value) {
  if (!value) return;
  build(value.nets);
  value.nets.forEach((net, column) => {
    fillHead(head.cells[column + 1], net);
    for (let digit = 0; digit < 10; digit++) fillCell(body.rows[digit].cells[column + 1], net, digit);
  });
  for (let digit = 0; digit < 10; digit++) {
    body.rows[digit].classList.toggle("read-by-one", value.nets.some((net) => net.digit === digit));
  }
  table.classList.toggle("waiting", Boolean(value.hint));
  write(hint, value.hint);
  const failed = value.nets.filter((net) => net.failure).map((net) => `${net.name}: ${net.failure}`);
  write(failures, failed.join("\n"));
  speak(value.hint || value.nets.map((net) => net.spoken ?? "").join(". "));
}

watch("value", () => show(unpacked(props.value)));
show(unpacked(props.value));
