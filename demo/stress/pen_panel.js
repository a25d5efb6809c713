// A run: Python sends what is known after each batch. The runs of the visit stay here, in the page.
const panel = find("against");
const [go, stop, all] = ["go", "stop", "all"].map(find);
const state = find("state");
const progress = find("progress");
const accuracies = element.querySelector(".accuracies tbody");
const failures = find("failures");
const fell = find("fell");
const wall = find("wall");
const visit = find("visit");
const runsBody = element.querySelector(".runs tbody");
const FEW = 24; // tiles of the wall that are shown at first
const KEY = "pens of this visit";
const PREVIEW_PX = 420;
const ALONE = "mnist-only";
const PEN = "pen";
const TAUGHT = "taught";

let runs = remembered();
let last = null; // the run that was filed last, as text, so that no run is filed twice
let copied = null;
let going = false; // until Gradio says how the run ended: before that it would drop another one
let cancelled = false; // one more batch may come after that
let trouble = "";

const pad = () => document.querySelector("#pad .sketchpad")?.sketchpad;
const percent = (share) => `${(100 * share).toFixed(1)} %`;

function remembered() {
  try {
    return JSON.parse(sessionStorage.getItem(KEY)) ?? [];
  } catch {
    return []; // storage is closed to this page, or holds something else
  }
}

function remember() {
  try {
    sessionStorage.setItem(KEY, JSON.stringify(runs));
  } catch {
    // full or closed: the runs are here as long as the page is
  }
}

// Accuracies: a line for each net, a bar with its interval for each training.

function cell(net) {
  const made = make("td");
  if (!net) return made;
  const bar = make("span", "bar");
  bar.style.setProperty("--share", net.accuracy);
  bar.style.setProperty("--low", net.low);
  bar.style.setProperty("--high", net.high);
  bar.append(make("i"), make("u"));
  made.append(make("b", "", net.asked ? percent(net.accuracy) : "…"), bar);
  made.append(make("small", "", net.asked ? `${(100 * net.low).toFixed(0)} to ${(100 * net.high).toFixed(0)} %` : ""));
  made.title = `${net.correct} of ${net.asked} correct; 95 % interval (Wilson) ${percent(net.low)} to ${percent(net.high)}`;
  return made;
}

// The trainings that have a column and a row of the wall: two, and a third once somebody has taught nets.
const trainings = (nets) => [ALONE, PEN, TAUGHT].filter((each) => each !== TAUGHT || nets.some((net) => net.training === TAUGHT));

function line(name, nets) {
  const row = make("tr");
  const own = nets.filter((net) => net.name === name);
  row.style.setProperty("--colour", `var(--net-${own[0].colour})`);
  row.style.setProperty("--colour-text", `var(--net-text-${own[0].colour})`);
  const head = make("th", "", name);
  head.scope = "row";
  row.append(head, ...trainings(nets).map((training) => cell(own.find((net) => net.training === training))));
  return row;
}

const names = (nets) => [...new Set(nets.map((net) => net.name))];

// The wall: what fell, the hardest first, with what every net made of it.

function tile(one, nets) {
  const item = make("li");
  const button = make("button");
  button.type = "button";
  button.dataset.index = one.index;
  const image = make("img");
  image.src = one.image;
  image.alt = "";
  button.append(image, make("b", "truth", one.label));
  for (const training of trainings(nets)) {
    const row = make("span", "row");
    nets.forEach((net, at) => {
      if (net.training !== training) return;
      const predicted = one.predictions[at];
      row.append(make("i", predicted === one.label ? "" : "wrong", predicted < 0 ? "" : predicted));
    });
    button.append(row);
  }
  const wrong = one.predictions.filter((predicted) => predicted >= 0 && predicted !== one.label).length;
  button.ariaLabel = `${one.label}, fooled ${wrong} of ${nets.length} nets; put it on the pad`;
  button.title = nets.map((net, at) => `${net.id}: ${one.predictions[at]}`).join("\n");
  item.append(button);
  return item;
}

const fooled = (one) => one.predictions.filter((predicted) => predicted >= 0 && predicted !== one.label).length;

function showWall(value) {
  fell.hidden = value.wall.length === 0;
  element.querySelector(".fell h3").textContent =
    `${value.fallen} of ${value.done} digits fooled at least one net` +
    (value.fallen > value.wall.length ? `; the first ${value.wall.length} of them` : "");
  const hardest = [...value.wall].sort((a, b) => fooled(b) - fooled(a) || a.index - b.index);
  const shown = panel.dataset.wall === "all" ? hardest : hardest.slice(0, FEW);
  wall.replaceChildren(...shown.map((one) => tile(one, value.nets)));
  all.hidden = hardest.length <= FEW;
  all.textContent = panel.dataset.wall === "all" ? "Show fewer" : `Show all ${hardest.length}`;
}

// The runs of the visit.

const mean = (run, training) => {
  const nets = run.nets.filter((net) => net.training === training);
  return nets.reduce((sum, net) => sum + net.accuracy, 0) / Math.max(1, nets.length);
};

function runRow(run, at, meanest) {
  const row = make("tr", at === meanest ? "meanest" : "");
  const canvas = make("canvas");
  canvas.role = "img";
  canvas.ariaLabel = `a stroke of pen ${at + 1}`;
  const picture = make("td");
  picture.append(canvas);
  const alone = run.nets.filter((net) => net.training === ALONE);
  const hit = (alone.length ? alone : run.nets).reduce((worst, net) => (net.accuracy < worst.accuracy ? net : worst));
  const use = make("button", "use", "Use");
  const link = make("button", "link", copied === at ? "Copied" : "Link");
  for (const button of [use, link]) Object.assign(button, { type: "button" }).dataset.run = at;
  const buttons = make("td", "do");
  buttons.append(use, link);
  row.append(
    picture,
    make("td", "", percent(mean(run, ALONE))),
    make("td", "", percent(mean(run, PEN))),
    make("td", "", `${hit.name} ${percent(hit.accuracy)}`),
    buttons,
  );
  return row;
}

function showRuns() {
  visit.hidden = runs.length === 0;
  const means = runs.map((run) => mean(run, ALONE));
  const meanest = runs.length > 1 ? means.indexOf(Math.min(...means)) : -1;
  runsBody.replaceChildren(...runs.map((run, at) => runRow(run, at, meanest)).reverse());
  [...runsBody.rows].forEach((row, at) => pad()?.preview(row.querySelector("canvas"), runs[runs.length - 1 - at].pen, PREVIEW_PX));
}

function file(value) {
  document.dispatchEvent(new CustomEvent("pen-against-mnist", { detail: { pen: value.pen } }));
  const text = JSON.stringify([value.pen, value.nets.map((net) => net.correct)]);
  if (text === last) return;
  last = text;
  runs = runs.filter((run) => JSON.stringify(run.pen) !== JSON.stringify(value.pen));
  copied = null;
  runs.push({ pen: value.pen, total: value.total, nets: value.nets, labels: value.labels });
  remember();
  showRuns();
}

function download(name, type, text) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

function csv() {
  const fields = Object.keys(runs[0].pen);
  const lines = [["run", ...fields, "net", "training", "digit", "label", "prediction", "correct"]];
  runs.forEach((run, at) =>
    run.nets.forEach((net) =>
      net.predictions.forEach((predicted, digit) =>
        lines.push([
          ...[at + 1, ...fields.map((field) => run.pen[field] ?? ""), net.name, net.training],
          ...[digit, run.labels[digit], predicted, Number(predicted === run.labels[digit])],
        ]),
      ),
    ),
  );
  return lines.map((line) => line.join(",")).join("\r\n") + "\r\n";
}

// A link carries the pen: demo/stress/pen_link.js puts it on the pad where the link is opened.
const address = (pen) => {
  const url = new URL(location.href);
  url.search = url.hash = "";
  url.searchParams.set("tab", "stress-test");
  url.searchParams.set("pen", JSON.stringify(pen));
  return url.href;
};

function show(value) {
  const running = going && !cancelled;
  panel.dataset.state = running ? "running" : value && value.nets ? "done" : "";
  go.disabled = going;
  stop.hidden = !running;
  const share = value && value.done ? value.done / value.total : 0;
  progress.style.setProperty("--done", share);
  progress.ariaValueNow = Math.round(100 * share);
  progress.hidden = !running;
  if (!value || !value.nets) {
    state.textContent = trouble || (cancelled ? "cancelled" : (value && value.hint) || "");
    accuracies.parentElement.hidden = true;
    fell.hidden = true;
    return;
  }
  accuracies.parentElement.hidden = false;
  find("accuracies .taught").hidden = !trainings(value.nets).includes(TAUGHT);
  find("taught-row").hidden = find("accuracies .taught").hidden;
  const count = cancelled ? `cancelled after ${value.done} digits` : `${value.done} of ${value.total} digits`;
  state.textContent = trouble ? `${count}. ${trouble}` : count;
  accuracies.replaceChildren(...names(value.nets).map((name) => line(name, value.nets)));
  failures.textContent = value.failures.join("\n");
  showWall(value);
  if (value.done === value.total) file(value);
}

go.addEventListener("click", () => {
  const { pen } = pad();
  panel.dataset.wall = "";
  [going, cancelled, trouble, last] = [true, false, "", null];
  props.value = { pen, total: 500, hint: "drawing the first digits …" };
  trigger("submit");
  show(props.value);
});

stop.addEventListener("click", () => {
  trigger("clear");
  cancelled = true;
  show(props.value);
});

for (const end of ["success", "failure"]) {
  panel.addEventListener(end, () => {
    going = false;
    if (end === "failure") trouble = "The server could not go on with this run: please try again.";
    show(props.value);
  });
}

all.addEventListener("click", () => {
  panel.dataset.wall = panel.dataset.wall === "all" ? "" : "all";
  showWall(props.value);
});

wall.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button) trigger("select", { index: Number(button.dataset.index) });
});

runsBody.addEventListener("click", async (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  const at = Number(button.dataset.run);
  if (button.classList.contains("use")) return pad()?.setPen(runs[at].pen);
  const url = address(runs[at].pen);
  button.title = url;
  const { hand } = await import(new URL(props.sharing, document.baseURI).href);
  if ((await hand(url, document.title, "A pen for the nets.", "Copied")) === "") return;
  copied = at;
  for (const link of runsBody.querySelectorAll(".link")) write(link, Number(link.dataset.run) === at ? "Copied" : "Link");
});

find("csv").addEventListener("click", () => download("pens-against-mnist.csv", "text/csv", csv()));
find("json").addEventListener("click", () =>
  download("pens-against-mnist.json", "application/json", JSON.stringify({ runs }, null, 1) + "\n"),
);

watch("value", () => {
  if (going && cancelled) trigger("clear"); // the run had not begun when it was cancelled
  show(props.value);
});
show(props.value);
showRuns();
new ResizeObserver(showRuns).observe(visit.querySelector(".scroll"));
