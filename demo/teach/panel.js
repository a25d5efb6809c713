// A lesson: the button that offers it, what Python tells while it runs, and what came of it.
const panel = find("teach");
const [offer, go, about, said, stop, lesson] = ["offer", "go", "about", "said", "stop", "lesson"].map(find);
const [problem, headline, wall, nets, outcome, learned] = ["message", "sentence", "wall", "nets", "outcome", "learned"].map(find);
const svg = find("learning svg");
const STRIP = 20; // digits in an image of the wall
const [LEFT, TOP, WIDTH, HEIGHT] = [30, 8, 300, 100]; // of the curves, in the units of the viewBox
const LINK = find("link").textContent;
const USUAL = { steps: 150, digits: 400, seed: 0 };

let wished = fromAddress();
let pen = null; // of a run of the stress test; else it is the pad's
let going = false; // until Gradio says how the lesson ended: before that it would drop another one
let running = false; // and shown
let cancelled = false; // what the server sends then is not shown any more, unless it was done already
let judged = false; // whether the person has said that a net is fooled

const pad = () => document.querySelector("#pad .sketchpad")?.sketchpad;
const chosenNet = () => (props.where === "draw" && document.querySelector("#net input:checked")?.value) || "all";

// A link such as ?pen={...}&teach=150,400,0 brings a lesson: steps, digits and seed.
function fromAddress() {
  const given = /^(\d{1,3}),(\d{1,3}),(\d{1,10})$/.exec(new URLSearchParams(location.search).get("teach") ?? "");
  if (!given) return null;
  const asked = { steps: Number(given[1]), digits: Number(given[2]), seed: Number(given[3]) };
  const bounded = Object.entries(asked).every(([name, value]) => props.least[name] <= value && value <= props.most[name]);
  return bounded ? asked : null;
}

function invite(shown) {
  offer.hidden = running || !shown;
  go.disabled = going;
  const one = chosenNet();
  write(go, one === "all" ? "Teach them this pen" : `Teach ${one} this pen`);
  const brought = wished ? "A lesson came with the link: the same pen, seed and steps make the same net. " : "";
  const time = one === "all" ? "Those that learn within seconds do." : "This net may take its time.";
  write(about, brought || time);
}

// The button stands there once a net is fooled: they disagree, or the person has said so; or once a pen has met MNIST.
if (props.where === "draw") {
  let drawing = null;
  let nets = [];
  const fooled = () => judged || new Set(nets.map((net) => net.digit).filter((digit) => digit !== undefined)).size > 1;
  listenOn(document, "sketchpad:sent", ({ detail }) => {
    if (detail.drawing !== drawing || detail.empty) judged = false;
    drawing = detail.drawing;
  });
  listenOn(document, "predictions", ({ detail }) => {
    const chosen = document.querySelector("#training input:checked")?.value ?? detail.training;
    if (detail.live || detail.training !== chosen) return;
    nets = detail.empty ? [] : detail.nets;
    invite(fooled() || wished);
  });
  listenOn(document, "label", ({ detail }) => {
    judged = detail.fooled > 0;
    invite(fooled() || wished);
  });
  if (wished) invite(true);
} else {
  listenOn(document, "pen-against-mnist", ({ detail }) => {
    pen = detail.pen;
    invite(true);
  });
}

// The wall: strips of twenty digits each, cut into tiles that fly in one after the other.
function hang(strips) {
  while (wall.children.length > strips.length * STRIP) wall.lastChild.remove();
  for (let at = wall.children.length; at < strips.length * STRIP; at += 1) {
    const tile = make("li");
    tile.style.backgroundImage = `url(${strips[Math.floor(at / STRIP)]})`;
    tile.style.backgroundPositionX = `${((at % STRIP) / (STRIP - 1)) * 100}%`;
    tile.style.setProperty("--late", `${(at % STRIP) * 18}ms`);
    tile.style.setProperty("--from", `${((at * 37) % 120) - 60}px`);
    wall.append(tile);
  }
}

function shape(tag, attributes, text = "") {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.textContent = text;
  return node;
}

const x = (step, steps) => LEFT + (WIDTH * step) / steps;
const y = (share) => TOP + HEIGHT * (1 - share);

function curves(value) {
  const grid = [0, 0.5, 1].flatMap((share) => [
    shape("line", { x1: LEFT, x2: LEFT + WIDTH, y1: y(share), y2: y(share), class: "grid" }),
    shape("text", { x: LEFT - 5, y: y(share) + 3.5, "text-anchor": "end" }, Math.round(100 * share)),
  ]);
  const ends = [
    shape("text", { x: LEFT, y: TOP + HEIGHT + 14 }, "before"),
    shape("text", { x: LEFT + WIDTH, y: TOP + HEIGHT + 14, "text-anchor": "end" }, `${value.steps} steps`),
  ];
  const lines = value.nets.filter((net) => net.curve.length).map((net) => {
    const places = net.curve.map(([step, correct]) => [x(step, value.steps), y(correct / value.asked)]);
    const group = shape("g", {});
    colour(group, net.colour);
    const [endX, endY] = places.at(-1);
    group.append(
      shape("polyline", { points: places.map((place) => place.map((each) => each.toFixed(1)).join()).join(" ") }),
      shape("circle", { cx: endX, cy: endY, r: 3.5 }),
    );
    return group;
  });
  svg.replaceChildren(...grid, ...ends, ...lines);
  const told = value.nets.filter((net) => net.curve.length);
  svg.setAttribute("aria-label", told.map((net) => `${net.name}: ${net.curve[0][1]} to ${net.curve.at(-1)[1]} of ${value.asked}`).join(", "));
}

// A net's row: its answer to the person's own drawing, which flips when it changes, and how many digits it reads.
function rowOf(net) {
  const row = make("li");
  colour(row, net.colour);
  const text = make("span", "text");
  text.append(make("b", "", net.name), make("small"));
  row.append(make("span", "flip"), text);
  return row;
}

function fill(row, net, asked) {
  const flip = row.querySelector(".flip");
  const digit = String(net.own ?? "");
  if (flip.textContent !== digit) {
    flip.classList.remove("turned");
    void flip.offsetWidth; // or the animation would not begin anew
    if (flip.textContent !== "") flip.classList.add("turned");
    flip.textContent = digit;
  }
  flip.hidden = digit === "";
  flip.title = `what ${net.name} makes of your drawing`;
  const [first, last] = [net.curve[0]?.[1], net.curve.at(-1)?.[1]];
  const words = {
    waits: "waits for its turn",
    learns: `${first} → ${last} of ${asked}`,
    taught: `${first} → ${last} of ${asked}${digit === "" ? "" : `; your drawing: ${net.first === net.own ? "still " : `${net.first} → `}${digit}`}`,
    passed: net.why,
  };
  write(row.querySelector("small"), words[net.state]);
  row.dataset.state = net.state;
}

const range = ({ percent, low, high }) => `${percent.toFixed(1)} % (${low.toFixed(1)} to ${high.toFixed(1)})`;

function change([before, after]) {
  const cell = make("td");
  cell.append(make("span", "", `${before.percent.toFixed(1)} → `), make("b", "", after.percent.toFixed(1)));
  cell.append(make("small", "", `${before.low.toFixed(1)}–${before.high.toFixed(1)} → ${after.low.toFixed(1)}–${after.high.toFixed(1)}`));
  cell.title = `before ${range(before)}, after ${range(after)}`;
  return cell;
}

function line(net) {
  const row = make("tr");
  colour(row, net.colour);
  const head = make("th", "", net.name);
  head.scope = "row";
  const button = make("button", "save", "Save weights");
  button.type = "button";
  button.dataset.net = net.name;
  const keep = make("td", "do");
  keep.append(button);
  const earlier = make("td", "earlier");
  for (const pair of net.earlier) earlier.append(...change(pair).childNodes);
  row.append(head, change(net.figures.pen), change(net.figures.mnist), earlier, make("td", "", `${net.seconds.toFixed(1)} s`), keep);
  return row;
}

function tiles({ count, tiles: some }, title) {
  if (count === 0) return [];
  const list = make("ul");
  for (const { label, before, after, image } of some) {
    const item = make("li");
    const picture = Object.assign(make("img"), { src: image, alt: `a ${label}` });
    const digits = make("span");
    digits.append(make("s", "", before === label ? after : before), make("b", "", label));
    item.title = `a ${label}: ${before} before the lesson, ${after} after it`;
    item.append(picture, digits);
    list.append(item);
  }
  return [make("h4", "", `${title}: ${count}`), list];
}

function conclude(value) {
  const taught = value.nets.filter((net) => net.state === "taught");
  write(find("link"), LINK);
  outcome.hidden = taught.length === 0;
  outcome.querySelector("tbody").replaceChildren(...taught.map(line));
  outcome.classList.toggle("again", taught.some((net) => net.earlier.length > 0));
  learned.replaceChildren(
    ...taught.map((net) => {
      const part = make("details");
      colour(part, net.colour);
      part.open = net === taught.at(-1);
      part.append(make("summary", "", `What ${net.name} learned`), ...tiles(net.gained, "Misread before, read now"), ...tiles(net.lost, "Lost"));
      return part;
    }),
  );
}

function show(value) {
  if (!value || value.ask) return;
  if (value.state === "done") cancelled = false; // too late: they have learned
  running = value.state === "running";
  if (cancelled && running) return void (running = false); // it was on its way when the lesson was cancelled
  panel.dataset.state = value.state;
  write(problem, value.state === "message" ? value.said : "");
  stop.hidden = !running;
  if (value.state === "message") {
    lesson.hidden = true;
    invite(true);
    return;
  }
  lesson.hidden = false;
  write(said, value.said);
  write(headline, value.sentence ?? "");
  if (value.wall) hang(value.wall);
  if (value.steps) curves(value);
  if (nets.children.length !== value.nets.length) nets.replaceChildren(...value.nets.map(rowOf));
  value.nets.forEach((net, at) => fill(nets.children[at], net, value.asked));
  outcome.hidden = value.state !== "done";
  if (value.state === "done") {
    conclude(value);
    invite(props.where !== "draw");
  }
}

function begin(net) {
  [going, running, cancelled] = [true, true, false];
  const ask = { net, pen: pen ?? pad().pen, ...(wished ?? USUAL) };
  wished = null;
  props.value = { ask };
  trigger("submit");
  offer.hidden = true;
  show({ state: "running", said: "Your pen is going to school: MNIST's digits are being fetched.", nets: [], wall: [], steps: ask.steps, asked: 100 });
  stop.focus({ preventScroll: true });
  lesson.scrollIntoView({ block: "nearest", behavior: "smooth" });
}

go.addEventListener("click", () => begin(chosenNet()));
if (props.where === "draw") listenOn(document, "teach", ({ detail }) => going || begin(detail.net)); // from a net's card

stop.addEventListener("click", () => {
  trigger("clear");
  cancelled = true;
  running = false;
  lesson.hidden = true;
  panel.dataset.state = "";
  write(problem, "The lesson was cancelled: the nets are as they were.");
  invite(true);
});

for (const end of ["success", "failure"]) {
  panel.addEventListener(end, () => {
    go.disabled = going = false;
    const said = "The server could not go on with this lesson: please try again.";
    if (end === "failure" && !cancelled) show({ state: "message", said });
  });
}

// The weights are fetched as a file, unless the net had to leave meanwhile.
async function save(net) {
  const href = new URL(`${props.value.weights}${net}.safetensors`, document.baseURI).href;
  const { ok, status } = await fetch(href, { method: "HEAD" }).catch(() => ({ ok: false }));
  write(problem, ok ? "" : status === 404 ? `${net} is not here any more: teach it again.` : "The server does not answer: please try again.");
  if (ok) Object.assign(document.createElement("a"), { href, download: `${net}-taught.safetensors` }).click();
}

outcome.addEventListener("click", async ({ target }) => {
  if (target.classList.contains("save")) await save(target.dataset.net);
  if (!target.classList.contains("link")) return;
  const { pen: taughtPen, lesson: how } = props.value;
  const url = new URL(location.href);
  url.search = url.hash = "";
  url.searchParams.set("pen", JSON.stringify(taughtPen));
  url.searchParams.set("teach", `${how.steps},${how.digits},${how.seed}`);
  target.title = url.href;
  const { hand } = await import(new URL(props.sharing, document.baseURI).href);
  target.textContent = (await hand(url.href, document.title, "A lesson for the nets.", "Copied")) || LINK;
});

watch("value", () => {
  if (going && cancelled && props.value?.state === "running") trigger("clear"); // it had not begun when it was cancelled
  show(props.value);
});
show(props.value);
