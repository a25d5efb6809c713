const table = element.querySelector("table");
const head = table.tHead.rows[0];
const body = table.tBodies[0];
const FAINT = 0.01; // a digit that every net gives less than this is faint

let columns = "";

function headOf(net) {
  const cell = make("th", "net");
  cell.scope = "col";
  colour(cell, net.colour);
  const inside = make("div", "head");
  inside.append(make("span", "name", net.name), " ", make("span", "caption"));
  cell.append(inside);
  return cell;
}

function cellOf(net) {
  const cell = make("td", "net");
  colour(cell, net.colour);
  const shown = make("div", "shown");
  const track = make("span", "track");
  track.append(make("i", "fill"));
  shown.append(track, make("span", "value"));
  cell.append(shown);
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

function fillCell(cell, net, digit) {
  const share = net.shares ? net.shares[digit] : 0;
  cell.classList.toggle("winner", net.digit === digit);
  cell.classList.toggle("faint", share < FAINT);
  cell.querySelector(".fill").style.setProperty("--share", share);
  write(cell.querySelector(".value"), net.values ? net.values[digit] : "");
}

function show(value) {
  if (!value) return;
  build(value.nets);
  value.nets.forEach((net, column) => {
    write(head.cells[column + 1].querySelector(".caption"), net.caption ?? "");
    for (let digit = 0; digit < 10; digit++) fillCell(body.rows[digit].cells[column + 1], net, digit);
  });
  for (let digit = 0; digit < 10; digit++) {
    const { classList } = body.rows[digit];
    classList.toggle("predicted", value.nets.some((net) => net.digit === digit));
    classList.toggle("faint", value.nets.every((net) => (net.shares?.[digit] ?? 0) < FAINT));
  }
  table.parentElement.classList.toggle("waiting", value.nets.every((net) => !net.shares));
}

watch("value", () => show(unpacked(props.value)));
show(unpacked(props.value));
