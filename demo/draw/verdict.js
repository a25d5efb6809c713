// The sentence and the tiles; and the answer as an event for the rest of the page: chips, lanes, rounds.
const [section, sentence, line, tiles, trouble, failures, spoken] = [
  find("verdict"), find("sentence"), find("line"), find("tiles"), find("trouble"), find("failures"), find("spoken"),
];
const IN_SHORT = { pen: "with the pen", "mnist-only": "MNIST alone", taught: "taught by you" }; // the trainings, on a tile
const QUIET_MS = 700; // a screen reader hears an answer when it has stood for so long

let order = "";
let speaking = 0;
let shown = null; // the value that the tiles show

// While a newer drawing is on its way, what stands here is the answer to an older one.
const OLD_MS = 400; // an answer takes tens of milliseconds: only what is late is marked
let asked = -1; // number of the newest drawing that was sent
let marking = 0;

function isOld() {
  return shown !== null && !shown.empty && (shown.turn ?? asked) < asked;
}

function markSoon() {
  clearTimeout(marking);
  if (isOld()) marking = setTimeout(() => section.classList.toggle("stale", isOld()), OLD_MS);
}

listenOn(document, "sketchpad:sent", ({ detail }) => {
  asked = detail.turn ?? asked;
  markSoon();
});

function tileOf(net) {
  const tile = make("button", "tile");
  tile.type = "button";
  colour(tile, net.colour);
  const track = make("span", "track");
  track.append(make("i", "fill"));
  const value = make("span", "value");
  value.append(make("b"), make("small"));
  const other = make("span", "other"); // in a round all eight play, and each tile shows both trainings
  other.append(make("small"), make("b"));
  tile.append(make("span", "digit"), make("span", "tag"), other, make("span", "name", net.name), track, value);
  tile.addEventListener("click", () => trigger("select", { net: net.name }));
  return tile;
}

function fill(tile, net) {
  const answered = net.digit !== undefined;
  const part = (name) => tile.querySelector(name);
  tile.classList.toggle("answered", answered);
  tile.dataset.net = net.id;
  tile.dataset.digit = answered ? net.digit : "";
  write(part(".digit"), answered ? net.digit : net.failure ? "!" : "–");
  write(part(".value b"), answered ? net.value : net.failure ? "no answer" : "");
  write(part(".value small"), (net.note && ` ${net.note}`) || (answered && net.then !== null ? ` then ${net.then}` : ""));
  part(".fill").style.setProperty("--share", answered ? net.share : 0);
  tile.title = `About ${net.name}`;
  tile.setAttribute("aria-label", `${net.spoken ?? net.name}${net.note ? `, ${net.note}` : ""}. About this net`);
}

// What the net of a tile says in the other training; nothing until that is known of the drawing that is shown.
function fillOther(tile, net, training) {
  const known = net?.digit !== undefined;
  write(tile.querySelector(".other small"), known ? (IN_SHORT[training] ?? "") : "");
  write(tile.querySelector(".other b"), known ? net.digit : "");
}

function build(nets) {
  const names = JSON.stringify(nets.map(({ name, colour }) => [name, colour]));
  if (names === order) return;
  order = names;
  tiles.replaceChildren(...nets.map(tileOf));
  tiles.style.setProperty("--columns", Math.min(4, nets.length));
}

function speak(words) {
  clearTimeout(speaking);
  speaking = setTimeout(() => (spoken.textContent = words), QUIET_MS);
}

function show(value) {
  if (value.problem) {
    document.dispatchEvent(new CustomEvent("trouble", { detail: { message: value.problem, retry: true } }));
    return;
  }
  const anew = shown === null || value.turn !== shown.turn || value.training !== shown.training;
  shown = value;
  build(value.nets);
  value.nets.forEach((net, i) => fill(tiles.children[i], net));
  if (anew) for (const tile of tiles.children) fillOther(tile);
  section.classList.toggle("waiting", value.empty);
  if (!isOld()) section.classList.remove("stale");
  markSoon();
  write(trouble, "");
  write(sentence, value.sentence);
  if (value.line || anew) tell("", value.line);
  const failed = value.nets.filter((net) => net.failure).map((net) => net.failure);
  write(failures, failed.join("\n"));
  const said = value.nets.filter((net) => net.spoken).map((net) => net.spoken);
  speak([value.sentence, ...(value.empty ? [value.line] : said)].join(". "));
  document.dispatchEvent(new CustomEvent("predictions", { detail: value }));
}

// The line below the sentence: a hint, or what the other training says.
function tell(lead, said) {
  if (line.textContent === (lead ? `${lead} ${said}` : said)) return;
  line.replaceChildren(...(lead ? [`${lead} `, make("b", "", said)] : [said]));
}

listenOn(document, "predictions", ({ detail }) => {
  if (detail === shown || shown === null || detail.training === shown.training) return;
  if (detail.turn !== shown.turn || shown.empty) return;
  tell(detail.line, detail.sentence);
  const named = new Map(detail.nets.map((net) => [net.name, net]));
  shown.nets.forEach((net, i) => fillOther(tiles.children[i], named.get(net.name), detail.training));
});

listenOn(document, "trouble", ({ detail }) => {
  section.classList.toggle("stale", Boolean(detail.message) && !shown?.empty);
  write(trouble, detail.message);
});

watch("value", () => props.value && show(unpacked(props.value)));
if (props.value) show(unpacked(props.value));
