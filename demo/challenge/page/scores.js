const percent = (share, digits = 1) => `${(share * 100).toFixed(digits)} %`;
const span = ([low, high]) => `${(low * 100).toFixed(1)} to ${percent(high)}`;

function painted(node, colour) {
  node.style.setProperty("--colour", `var(--net-${colour})`);
  return node;
}

// The scale starts where the interesting part does, and says so.
function floorOf(value) {
  const lows = value.nets.map((net) => Math.min(net.people[0], net.wilson[0]));
  if (value.human.share !== null) lows.push(value.human.share);
  return Math.max(0, Math.floor((Math.min(...lows) - 0.03) * 10) / 10);
}

function lineOf(net, floor, human) {
  const at = (share) => `${(100 * (share - floor)) / (1 - floor)}%`;
  const line = painted(make("div", "net"), net.colour);
  line.setAttribute("role", "row");
  const track = make("div", "track");
  const bar = make("i", "bar");
  bar.style.width = at(net.share);
  const whisker = make("i", "whisker");
  whisker.style.left = at(net.people[0]);
  whisker.style.right = `calc(100% - ${at(net.people[1])})`;
  track.append(bar, whisker);
  if (human !== null) {
    const mark = make("i", "human");
    mark.style.left = at(human);
    track.append(mark);
  }
  const figure = make("span", "figure", percent(net.share));
  figure.title = `${net.right} of ${net.of}; over people ${span(net.people)}, Wilson ${span(net.wilson)}`;
  const rank = make("span", "rank", `${net.rank}${net.tied ? "=" : ""}`);
  rank.title = net.tied ? "A tie, as far as these drawings can tell" : "";
  line.append(rank, make("span", "name", net.name), track, figure, make("span", "interval", span(net.people)));
  return line;
}

function humanLine(human) {
  const line = make("div", "net people");
  line.setAttribute("role", "row");
  line.append(make("span", "rank"), make("span", "name", "one person"), make("span", "track none"));
  line.append(make("span", "figure", percent(human.share)), make("span", "interval", span(human.wilson)));
  return line;
}

function pairOf(pair) {
  const verdict = pair.ahead ? `${pair.ahead} is ahead` : "a tie, as far as these drawings can tell";
  const p = pair.p < 0.001 ? "p < 0.001" : `p = ${pair.p.toFixed(3)}`;
  return make(
    "li",
    "",
    `${pair.a} and ${pair.b}: ${verdict}. Only ${pair.a} read ${pair.only_a}, only ${pair.b} read ${pair.only_b} ` +
      `(McNemar, Holm-corrected: ${p}).`,
  );
}

function tableOf(by, parts, nets) {
  const table = make("table", "slice");
  const head = table.createTHead().insertRow();
  for (const title of [by, "drawings", ...nets.map((net) => net.name)]) {
    const cell = make("th", "", title);
    cell.scope = "col";
    head.append(cell);
  }
  const body = table.createTBody();
  for (const part of parts) {
    const row = body.insertRow();
    row.append(make("th", "", part.value), make("td", "", part.of));
    for (const net of part.nets) {
      const cell = make("td", "", percent(net.right / part.of, 0));
      cell.append(make("small", "", ` ${(net.wilson[0] * 100).toFixed(0)}–${(net.wilson[1] * 100).toFixed(0)}`));
      row.append(cell);
    }
  }
  return table;
}

function mapOf(net) {
  const figure = painted(make("figure", "map"), net.colour);
  const table = make("table");
  const head = table.createTHead().insertRow();
  head.append(make("th"), ...Array.from({ length: 10 }, (_, digit) => make("th", "", digit)));
  net.confusion.forEach((row, drawn) => {
    const line = table.insertRow();
    const total = row.reduce((sum, count) => sum + count, 0);
    line.append(make("th", "", drawn));
    row.forEach((count, read) => {
      const cell = make("td", drawn === read ? "right" : "", count || "");
      cell.style.setProperty("--share", total ? count / total : 0);
      cell.title = `${count} of ${total} drawings of ${drawn} read as ${read}`;
      line.append(cell);
    });
  });
  figure.append(make("figcaption", "", `${net.name}: rows are what people read, columns what the net did`), table);
  return figure;
}

function hardOf(hard) {
  const item = make("li", "drawing");
  const image = make("img", "given");
  image.src = hard.image;
  image.alt = `A ${hard.label} that nets misread`;
  const read = make("span", "read");
  for (const net of hard.read) {
    const digit = painted(make("b", net.digit === hard.label ? "right" : "wrong", net.digit), net.colour);
    digit.title = `${net.name} read ${net.digit}`;
    read.append(digit);
  }
  item.append(image, make("span", "label", `People: ${hard.label}. Nets:`), read);
  return item;
}

function countsOf(value) {
  const counts = value.counts;
  const parts = [
    `${counts.scored} drawings by ${value.contributors} people are scored`,
    `${counts["waiting for judges"]} wait for judges`,
  ];
  if (counts["people disagree"]) parts.push(`people disagree on ${counts["people disagree"]}`);
  for (const name of ["unreadable", "not a digit"]) {
    if (counts[name]) parts.push(`${counts[name]} ${counts[name] === 1 ? "is" : "are"} ${name}`);
  }
  return `${parts.join(", ")}. A drawing counts when all ten of its round are judged.`;
}

function show(value) {
  find("problem").textContent = value?.problem ?? "";
  if (!value?.nets) return;
  const { nets, human } = value;
  element.querySelectorAll(".part, .explained").forEach((part) => (part.hidden = !nets.length));
  find("headline").textContent = value.headline;
  find("caution").textContent = value.caution;
  find("counts").textContent = value.counts.given === undefined ? "" : countsOf(value);
  const floor = nets.length ? floorOf(value) : 0;
  find("ranking").replaceChildren(...nets.map((net) => lineOf(net, floor, human.share)));
  if (nets.length && human.share !== null) find("ranking").append(humanLine(human));
  if (nets.length) find("ranking").append(make("p", "scale", `The scale goes from ${percent(floor, 0)} to 100 %.`));
  find("pairs ul").replaceChildren(...value.pairs.map(pairOf));
  const kinds = [...new Set(value.slices.map((part) => part.by))];
  find("tables").replaceChildren(
    ...kinds.map((by) => tableOf(by, value.slices.filter((part) => part.by === by), nets)),
  );
  find("maps").replaceChildren(...nets.map(mapOf));
  find("hardest ul").replaceChildren(...value.hardest.map(hardOf));
  find("hardest").hidden = !value.hardest.length;
  find("catching").textContent = value.catching_up
    .map((net) => `${net.name} has yet to read ${net.behind} of the drawings. ${net.why}`)
    .join(" ");
}

watch("value", () => show(props.value));
show(props.value);
