// "Did you draw a 7?": asked once for each drawing, when the pen rests. The answer strikes through the tiles that are
// wrong and counts in the header, for as long as the tab is open.
const [chips, question, choices, result] = [find("chips"), find("question"), find("choices"), find("result")];
const COUNT = "fooled"; // in sessionStorage: {fooled, of}
const REST_MS = 350; // the pen may be on its way to the next stroke

let drawing = 0; // the number of the drawing on the pad
let said = null; // what the person said of this drawing: a digit, "else", or null
const denied = new Set(); // digits that a person who said "something else" has not drawn
let nets = []; // the answer that the tiles show
let training = ""; // of those nets
let rested = null; // turn of the last image that was asked about when the pen had been lifted
let asking = 0;
let counted = null; // what the drawing on the pad has added to the count: {fooled, of}

const tiles = () => [...document.querySelectorAll("#verdict .tile")];

function stored() {
  try {
    return JSON.parse(sessionStorage.getItem(COUNT)) ?? { fooled: 0, of: 0 };
  } catch {
    return { fooled: 0, of: 0 }; // storage may be refused
  }
}

let visit = stored();

function count(fooled, of) {
  visit = { fooled: visit.fooled + fooled, of: visit.of + of };
  try {
    sessionStorage.setItem(COUNT, JSON.stringify(visit));
  } catch {
    // it is counted for as long as the page is open
  }
  showCount();
}

function showCount() {
  const place = document.querySelector("#fooled");
  if (place === null) return;
  place.hidden = visit.of === 0;
  place.querySelector("strong").textContent = `${visit.fooled} of ${visit.of}`;
}

function chip(text, value) {
  const button = make("button", "chip", text);
  button.type = "button";
  button.setAttribute("aria-pressed", String(said === value));
  button.addEventListener("click", () => say(value));
  return button;
}

function ask() {
  const votes = new Map();
  for (const { digit } of nets) if (digit !== undefined && !denied.has(digit)) votes.set(digit, (votes.get(digit) ?? 0) + 1);
  if (votes.size === 0) return hide();
  const digits = [...votes.keys()].sort((a, b) => votes.get(b) - votes.get(a));
  chips.dataset.state = "asks";
  write(question, digits.length === 1 ? `Did you draw ${aDigit(digits[0])}?` : "Which did you draw?");
  const labels = digits.length === 1 ? ["Yes"] : digits.map(String);
  choices.replaceChildren(...digits.map((digit, i) => chip(labels[i], digit)), chip("something else", "else"));
  write(result, "");
  return undefined;
}

function hide() {
  chips.dataset.state = "off";
  choices.replaceChildren();
  write(question, "");
  write(result, "");
}

function say(value) {
  said = value;
  const answered = nets.filter(({ digit }) => digit !== undefined);
  const fooled = answered.filter(({ digit }) => digit !== value).length;
  if (value === "else") for (const { digit } of answered) denied.add(digit);
  count(fooled - (counted?.fooled ?? 0), answered.length - (counted?.of ?? 0));
  counted = { fooled, of: answered.length };
  chips.dataset.state = "answered";
  for (const button of choices.children) button.disabled = true;
  choices.replaceChildren();
  write(question, "");
  const all = fooled === answered.length;
  write(
    result,
    fooled === 0
      ? `Nobody was fooled: ${answered.length === 1 ? "it" : `all ${answered.length}`} read your ${value}.`
      : `You fooled ${all && fooled > 1 ? `all ${fooled}` : `${fooled} of ${answered.length}`}${all ? "!" : "."}`,
  );
  mark();
  document.dispatchEvent(
    new CustomEvent("label", {
      detail: { digit: value === "else" ? null : value, drawing, fooled, of: answered.length },
    }),
  );
}

function mark() {
  for (const tile of tiles()) {
    const digit = tile.dataset.digit;
    const judged = said !== null && digit !== "";
    const right = judged && String(said) === digit;
    tile.classList.toggle("correct", right);
    tile.classList.toggle("fooled", judged && !right);
    tile.querySelector(".tag").textContent = judged ? (right ? "correct" : "fooled") : "";
  }
}

function begin() {
  clearTimeout(asking);
  said = null;
  counted = null;
  denied.clear();
  hide();
  mark();
}

listenOn(document, "sketchpad:sent", ({ detail }) => {
  clearTimeout(asking);
  if (detail.drawing !== drawing || detail.empty) {
    drawing = detail.drawing;
    begin();
  } else if (detail.event === "input" && chips.dataset.state === "asks") hide();
});

listenOn(document, "predictions", ({ detail }) => {
  const chosen = document.querySelector("#training input:checked")?.value ?? detail.training;
  if (detail.training !== chosen) return;
  // The same image may have been asked about before, as one of an unfinished stroke, and that answer come last.
  if (detail.live && detail.turn === rested) return;
  if (!detail.live) rested = detail.turn;
  const otherwise = detail.training !== training;
  [nets, training] = [detail.nets, detail.training];
  clearTimeout(asking);
  if (detail.empty) begin();
  // "Something else" may be what a net of another training reads: it is asked.
  if (otherwise && said === "else" && nets.some(({ digit }) => digit !== undefined && !denied.has(digit))) said = null;
  mark();
  if (detail.empty || detail.live || said !== null) return;
  asking = setTimeout(ask, REST_MS);
});

showCount();
