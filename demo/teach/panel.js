// A lesson: the button that offers it, what Python tells while it runs, and what came of it.
const panel = find("teach");
const [offer, go, about, forget, said, stop, lesson] = ["offer", "go", "about", "forget", "said", "stop", "lesson"].map(find);
const [problem, headline, wall, nets, outcome, learned] = ["message", "sentence", "wall", "nets", "outcome", "learned"].map(find);
const [svg, spoken] = [find("learning svg"), find("spoken")];
const STRIP = 20; // digits in an image of the wall
const [LEFT, TOP, WIDTH, HEIGHT] = [30, 8, 300, 100]; // of the curves, in the units of the viewBox
const LINK = find("link").textContent;
const KEPT = "lessons"; // in sessionStorage: what this page has taught, for a server that does not have it
const MOST_KEPT = 8;

let wished = fromAddress();
let pen = null; // of a run of the stress test; else it is the pad's
let going = false; // until Gradio says how the lesson ended: before that it would drop another one
let running = false; // and shown
let cancelled = false; // what the server sends then is not shown any more, unless it was done already
let judged = false; // whether the person has said that a net is fooled
let missing = []; // lessons of this page that the server which answers now has not given
let again = null; // the one of them that is being given
let because = ""; // and in words
let concluded = false; // whether the outcome stands there; the maps come after it
let tried = false; // whether that has begun by itself: it does once

const pad = () => document.querySelector("#pad .sketchpad")?.sketchpad;
const chosenNet = () => (props.where === "draw" && document.querySelector("#net input:checked")?.value) || "all";

// A link such as ?pen={...}&teach=150,400,0 brings a lesson: steps, digits and seed.
function fromAddress() {
  const given = /^(\d{1,3}),(\d{1,4}),(\d{1,10})$/.exec(new URLSearchParams(location.search).get("teach") ?? "");
  if (!given) return null;
  const asked = { steps: Number(given[1]), digits: Number(given[2]), seed: Number(given[3]) };
  const bounded = Object.entries(asked).every(([name, value]) => props.least[name] <= value && value <= props.most[name]);
  return bounded ? asked : null;
}

const usual = (one) => ({ nets: one === "all" ? [] : [one], pen: pen ?? pad().pen, ...(wished ?? props.usual) });

function invite(shown) {
  if (shown && offer.hidden && !running && !going) trigger("focus"); // the process of a lesson gets ready
  offer.hidden = running || !shown;
  go.disabled = going;
  forget.hidden = missing.length === 0;
  if (missing.length) {
    write(go, "Teach them again");
    write(about, `${taughtIn(missing)} learned ${missing.length > 1 ? "your pens" : "your pen"} here before; the same pen and seed make the same net.`);
    return;
  }
  const one = chosenNet();
  write(go, one === "all" ? "Teach them this pen" : `Teach ${one} this pen`);
  const brought = wished ? "A lesson came with the link: the same pen, seed and steps make the same net. " : "";
  const time = one === "all" ? "Those that learn within seconds do." : "This net may take its time.";
  write(about, brought || time);
}

// The lessons of this page, oldest first: nets, pen, steps, digits, seed, and the visit. When another process answers or
// the server has started anew, and after a reload, which is a new visit, they are given again from this.
function lessons() {
  try {
    return JSON.parse(sessionStorage.getItem(KEPT)) ?? [];
  } catch {
    return []; // the browser keeps nothing for this page
  }
}

function remember({ nets: all, pen: taughtPen, lesson: how, weights: visit }) {
  const taught = all.filter((net) => net.state === "taught").map((net) => net.name);
  if (taught.length === 0) return;
  document.cookie = "taught=1; samesite=lax"; // a proxy then stays with the process that has them
  if (again?.visit === visit) return;
  if (!again) tried = false;
  const kept = lessons().filter((one) => one.visit === visit); // nobody has asked for those of an earlier visit again
  try {
    sessionStorage.setItem(KEPT, JSON.stringify([...kept, { nets: taught, pen: taughtPen, ...how, visit }].slice(-MOST_KEPT)));
  } catch {
    // the browser keeps nothing for this page: a tile says where a net was not taught
  }
}

const taughtIn = (some) => [...new Set(some.flatMap((one) => one.nets))].join(", ");
const without = (names) => lessons().map((one) => ({ ...one, nets: one.nets.filter((net) => names.includes(net)) })).filter((one) => one.nets.length);

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
    notice(detail);
    invite(fooled() || wished || missing.length > 0);
  });
  listenOn(document, "label", ({ detail }) => {
    judged = detail.fooled > 0;
    invite(fooled() || wished || missing.length > 0);
  });
  // A net that this page has taught answers as it was: this server has not taught it.
  const notice = ({ nets: shown, training }) => {
    if (going || !training.startsWith("taught:")) return;
    missing = without(shown.filter((net) => !net.id.endsWith(training)).map((net) => net.name));
    if (missing.length && !tried) teachAgain(`The server that answers now has not taught ${taughtIn(missing)}: it learns again, from your pen and seed.`);
  };
  missing = wished ? [] : without(lessons().flatMap((one) => one.nets));
  if (wished || missing.length) invite(true);
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
  const under = (name, cell) => (cell.dataset.name = name) && cell;
  const earlier = under("your earlier pen", make("td", "earlier"));
  for (const pair of net.earlier) earlier.append(...change(pair).childNodes);
  const seconds = make("td", "", `${net.seconds.toFixed(1)} s`);
  row.append(head, under("under this pen", change(net.figures.pen)), under("MNIST", change(net.figures.mnist)), earlier, under("learned in", seconds), keep);
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

// They are told once all nets have learned.
async function maps(value) {
  const { penMap } = await import(new URL(props.map, document.baseURI).href);
  for (const net of value.nets.filter((each) => each.map)) {
    const place = learned.querySelector(`[data-net="${net.name}"] .map`);
    if (place && !place.hasChildNodes()) place.append(penMap(net.map, value.axes));
  }
}

function conclude(value) {
  concluded = true;
  remember(value);
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
      part.dataset.net = net.name;
      part.append(make("summary", "", `What ${net.name} learned`), make("div", "map"), ...tiles(net.gained, "Misread before, read now"), ...tiles(net.lost, "Lost"));
      return part;
    }),
  );
}

// A screen reader is told what begins, not each second and each digit of it.
const phase = (words) => words.replace(/about \d+ s left|almost done|\d+/g, "");

// A name such as resnet-ish does not break at its hyphen.
function title(sentence) {
  if (headline.textContent === sentence) return;
  headline.replaceChildren(...sentence.split(/(\S+-\S+)/).map((part, at) => (at % 2 ? make("span", "whole", part) : part)));
}

function show(value) {
  if (!value || value.ask) return;
  if (value.state === "done") cancelled = false; // too late: they have learned
  running = value.state === "running";
  if (cancelled && running) return void (running = false); // it was on its way when the lesson was cancelled
  panel.dataset.state = value.state;
  write(problem, value.state === "message" ? value.said : value.unmapped || (running ? because : ""));
  const focused = document.activeElement === stop; // and about to be hidden
  stop.hidden = !running;
  if (value.state === "message") {
    if (again) missing.unshift(again);
    again = null;
    lesson.hidden = true;
    invite(true);
    if (focused) go.focus();
    return;
  }
  lesson.hidden = false;
  write(said, value.said);
  if (running && phase(value.said) !== phase(spoken.textContent)) write(spoken, value.said);
  title(value.sentence ?? "");
  if (focused && !running) headline.focus({ preventScroll: true });
  else if (!running && !concluded) write(spoken, value.sentence);
  if (value.wall) hang(value.wall);
  if (value.steps) curves(value);
  if (nets.children.length !== value.nets.length) nets.replaceChildren(...value.nets.map(rowOf));
  value.nets.forEach((net, at) => fill(nets.children[at], net, value.asked));
  outcome.hidden = value.state !== "done";
  if (value.state === "done") {
    if (!concluded) conclude(value);
    maps(value);
    invite(props.where !== "draw");
  }
}

function begin(ask) {
  [going, running, cancelled, concluded] = [true, true, false, false];
  wished = null;
  props.value = { ask };
  trigger("submit");
  offer.hidden = true;
  show({ state: "running", said: "Your pen is going to school: MNIST's digits are being fetched.", nets: [], wall: [], steps: ask.steps, asked: 100 });
  if (!again || document.activeElement === document.body) stop.focus({ preventScroll: true });
  if (!again) lesson.scrollIntoView({ block: "nearest", behavior: "smooth" });
}

function teachAgain(why) {
  [because, tried, again] = [why, true, missing.shift()];
  begin(again);
}

go.addEventListener("click", () => (missing.length ? teachAgain("The nets learn again what they had learned here, from your pen and seed.") : begin(usual(chosenNet()))));
forget.addEventListener("click", () => {
  sessionStorage.removeItem(KEPT);
  missing = [];
  invite(props.where !== "draw" || judged);
});
if (props.where === "draw") listenOn(document, "teach", ({ detail }) => going || begin(usual(detail.net))); // from a net's card

lesson.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || stop.hidden) return;
  event.stopPropagation(); // on the pad it would wipe out the drawing
  stop.click();
});

stop.addEventListener("click", () => {
  trigger("clear");
  cancelled = true;
  running = false;
  [again, because] = [null, ""];
  lesson.hidden = true;
  panel.dataset.state = "";
  write(problem, "The lesson was cancelled: the nets are as they were.");
  invite(true);
  (go.disabled ? problem : go).focus();
});

for (const end of ["success", "failure"]) {
  panel.addEventListener(end, () => {
    go.disabled = going = false;
    if (again && missing.length && end === "success") return void begin((again = missing.shift()));
    if (again && end === "success") pad()?.resend(); // the switch stands where it stood: nothing else asks them
    again = null;
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
