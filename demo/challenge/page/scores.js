const percent = (share, digits = 1) => `${(share * 100).toFixed(digits)} %`;
const span = ([low, high]) => `${(low * 100).toFixed(1)} to ${percent(high)}`;
const training = (net) => (net.baseline ? "on MNIST alone" : "with the pen");

function painted(node, net) {
  node.style.setProperty("--colour", `var(--net-${net.colour})`);
  node.classList.toggle("baseline", Boolean(net.baseline));
  return node;
}

// The scale starts where the interesting part does, and says so.
function floorOf(value) {
  const lows = value.nets.map((net) => Math.min(net.people[0], net.wilson[0]));
  if (value.human.share !== null) lows.push(value.human.people[0]);
  return Math.max(0, Math.floor((Math.min(...lows) - 0.03) * 10) / 10);
}

function nameOf(net) {
  const name = make("span", "name", net.name);
  name.append(make("small", "", training(net)));
  return name;
}

function trackOf(share, people, at) {
  const track = make("div", "track");
  const bar = make("i", "bar");
  bar.style.width = at(share);
  const whisker = make("i", "whisker");
  whisker.style.left = at(people[0]);
  whisker.style.right = `calc(100% - ${at(people[1])})`;
  track.append(bar, whisker);
  return track;
}

function lineOf(net, floor, human) {
  const at = (share) => `${(100 * (share - floor)) / (1 - floor)}%`;
  const line = painted(make("div", "net"), net);
  line.setAttribute("role", "row");
  const track = trackOf(net.share, net.people, at);
  if (human !== null) {
    const mark = make("i", "human");
    mark.style.left = at(human);
    track.append(mark);
  }
  const figure = make("span", "figure", percent(net.share));
  figure.title = `${net.correct} of ${net.total}; over people ${span(net.people)}, Wilson ${span(net.wilson)}`;
  const rank = make("span", "rank", `${net.rank}${net.tied ? "=" : ""}`);
  rank.title = net.tied ? "A tie, as far as these drawings can tell" : "";
  line.append(rank, nameOf(net), track, figure, make("span", "interval", span(net.people)));
  for (const cell of line.children) cell.setAttribute("role", "cell");
  return line;
}

function humanLine(human, floor) {
  const at = (share) => `${(100 * (share - floor)) / (1 - floor)}%`;
  const line = make("div", "net people");
  line.setAttribute("role", "row");
  const figure = make("span", "figure", percent(human.share));
  figure.title = `${human.correct} of ${human.total} first labels are what the others say; over people ${span(human.people)}`;
  const track = trackOf(human.share, human.people, at);
  line.append(make("span", "rank"), make("span", "name", "one person"), track, figure);
  line.append(make("span", "interval", span(human.people)));
  for (const cell of line.children) cell.setAttribute("role", "cell");
  return line;
}

function pairOf(pair) {
  const verdict = pair.ahead ? `${pair.ahead} is ahead` : "a tie, as far as these drawings can tell";
  const p = pair.p < 0.001 ? "p < 0.001" : `p = ${pair.p.toFixed(3)}`;
  return make(
    "li",
    "",
    `${pair.a} and ${pair.b}: ${verdict}. Only ${pair.a} has ${pair.only_a} correct, only ${pair.b} ${pair.only_b} ` +
      `(McNemar, Holm-corrected: ${p}).`,
  );
}

function tableOf(by, parts, nets) {
  const table = make("table", "slice");
  const head = table.createTHead().insertRow();
  for (const title of [by, "drawings"]) head.append(make("th", "", title));
  for (const net of nets) {
    const cell = make("th", "", net.name);
    cell.append(make("small", "", ` ${training(net)}`));
    head.append(cell);
  }
  for (const cell of head.cells) cell.scope = "col";
  const body = table.createTBody();
  for (const part of parts) {
    const row = body.insertRow();
    const title = make("th", "", part.value);
    title.scope = "row";
    row.append(title, make("td", "", part.total));
    const named = new Map(part.nets.map((net) => [net.net, net.correct]));
    for (const net of nets) {
      const cell = make("td", "", percent(named.get(net.net) / part.total, 0));
      cell.title = `${named.get(net.net)} of ${part.total}`;
      row.append(cell);
    }
  }
  return table;
}

function mapOf(net) {
  const figure = painted(make("figure", "map"), net);
  const table = make("table");
  const head = table.createTHead().insertRow();
  head.append(make("th"), ...Array.from({ length: 10 }, (_, digit) => make("th", "", digit)));
  net.confusion.forEach((row, label) => {
    const line = table.insertRow();
    const total = row.reduce((sum, count) => sum + count, 0);
    line.append(make("th", "", label));
    row.forEach((count, predicted) => {
      const cell = make("td", label === predicted ? "correct" : "", count || "");
      cell.style.setProperty("--share", total ? count / total : 0);
      cell.title = `${count} of ${total} drawings of ${label} predicted as ${predicted}`;
      line.append(cell);
    });
  });
  const caption = `${net.name}, ${training(net)}: rows are what people say, columns what the net does`;
  figure.append(make("figcaption", "", caption), table);
  return figure;
}

function hardOf(hard) {
  const item = make("li", "drawing");
  const image = make("img", "given");
  image.src = hard.image;
  image.alt = `A ${hard.label} that nets mistake`;
  const nets = make("span", "predicted");
  for (const net of hard.nets) {
    net.digits.forEach((digit, at) => {
      if (digit === null) return;
      const shown = painted(make("b", digit === hard.label ? "correct" : "wrong", digit), { ...net, baseline: at === 0 });
      shown.title = `${net.name}, ${at === 0 ? "on MNIST alone" : "with the pen"}: ${digit}`;
      nets.append(shown);
    });
  }
  item.append(image, make("span", "label", `People: ${hard.label}. Nets:`), nets);
  return item;
}

function countsOf(value) {
  const counts = value.counts;
  const parts = [
    `${counts.scored} drawings by ${value.contributors} people are scored`,
    `${counts["waiting for labels"]} wait for labels`,
  ];
  if (counts["people disagree"]) parts.push(`people disagree on ${counts["people disagree"]}`);
  for (const name of ["unreadable", "not a digit"]) {
    if (counts[name]) parts.push(`${counts[name]} ${counts[name] === 1 ? "is" : "are"} ${name}`);
  }
  return `${parts.join(", ")}. A drawing counts when all ten of its round are labelled.`;
}

function behindOf(value) {
  const sentences = value.behind.map((net) => `${net.name} has yet to see ${net.behind} of the drawings. ${net.why}`);
  if (value.progress) {
    const [done, total] = value.progress;
    sentences.unshift(`The nets are catching up: ${done.toLocaleString("en")} of ${total.toLocaleString("en")} predictions.`);
  } else if (value.renewing) {
    sentences.unshift("A new scoreboard is being made.");
  }
  return sentences.join(" ");
}

function show(value) {
  find("problem").textContent = value?.problem ?? "";
  if (!value?.nets) return;
  const { nets, human } = value;
  element.querySelectorAll(".part, .explained").forEach((part) => (part.hidden = !nets.length));
  find("headline").textContent = value.headline;
  find("caution").textContent = value.caution;
  find("counts").textContent = value.counts.submitted === undefined ? "" : countsOf(value);
  find("behind").textContent = behindOf(value);
  find("progress").hidden = !value.progress;
  if (value.progress) [find("progress").value, find("progress").max] = value.progress;
  const floor = nets.length ? floorOf(value) : 0;
  find("ranking").replaceChildren(...nets.map((net) => lineOf(net, floor, human.share)));
  if (nets.length && human.share !== null) find("ranking").append(humanLine(human, floor));
  find("scale").textContent = nets.length ? `The scale goes from ${percent(floor, 0)} to 100 %.` : "";
  find("pairs ul").replaceChildren(...value.pairs.map(pairOf));
  const kinds = [...new Set(value.slices.map((part) => part.by))];
  find("tables").replaceChildren(
    ...kinds.map((by) => tableOf(by, value.slices.filter((part) => part.by === by), nets)),
  );
  find("maps").replaceChildren(...nets.map(mapOf));
  find("hardest ul").replaceChildren(...value.hardest.map(hardOf));
  find("hardest").hidden = !value.hardest.length;
}

watch("value", () => show(props.value));
show(props.value);
