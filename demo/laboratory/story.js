// One step at a time: the laboratory shows the one whose number it carries.
const list = element.querySelector("ol");
const titles = props.value.steps;

function open(number, focus = false) {
  document.getElementById("laboratory").dataset.step = number;
  [...list.children].forEach((item, at) => {
    const chosen = at + 1 === number;
    const button = item.firstElementChild;
    button.setAttribute("aria-selected", chosen);
    button.tabIndex = chosen ? 0 : -1;
    if (chosen && focus) button.focus();
  });
}

list.append(
  ...titles.map((title, at) => {
    const button = make("button");
    button.type = "button";
    button.role = "tab";
    button.setAttribute("aria-controls", `step-${at + 1}`);
    button.append(make("i", "", at + 1), make("span", "", title));
    button.addEventListener("click", () => open(at + 1));
    const item = make("li");
    item.role = "presentation";
    item.append(button);
    return item;
  }),
);

list.addEventListener("keydown", (event) => {
  const moves = { ArrowRight: 1, ArrowLeft: -1 };
  if (!(event.key in moves)) return;
  event.preventDefault();
  const at = Number(document.getElementById("laboratory").dataset.step) - 1;
  open(((at + moves[event.key] + titles.length) % titles.length) + 1, true);
});

// A link holds the drawing (in its fragment, by the pad) and how it was looked into: ?net=caps-net&training=pen&step=4.
const SETTLED_MS = 100; // after the choices came, the chosen one is set once more
const CHOICES = ["net", "training", "way", "ink"];
const inputs = (choice) => [...document.querySelectorAll(`#laboratory-${choice} input`)];
const link = find("link");

async function address() {
  const pad = document.querySelector("#pad .sketchpad")?.sketchpad;
  const url = new URL((await pad?.link?.()) ?? location.href, location.href);
  url.searchParams.set("tab", "laboratory");
  url.searchParams.set("step", document.getElementById("laboratory").dataset.step);
  for (const choice of CHOICES) {
    const chosen = inputs(choice).find((input) => input.checked);
    if (chosen) url.searchParams.set(choice, chosen.value);
  }
  return url.href;
}

link.addEventListener("click", async () => {
  const text = await address();
  link.title = text;
  const copied = await navigator.clipboard?.writeText(text).then(() => true, () => false);
  link.textContent = copied ? "Link copied" : "Link: see its title";
});

// The nets to choose from come with the first answer, so a choice of the address waits until it is there.
function follow(choice, wanted) {
  const there = () => inputs(choice).find((one) => one.value === wanted);
  const choose = () => there() && !there().checked && there().click();
  if (there()) return choose();
  const waiting = new MutationObserver(() => {
    if (!there()) return;
    waiting.disconnect();
    setTimeout(choose, SETTLED_MS);
  });
  waiting.observe(document.getElementById("laboratory"), { subtree: true, childList: true });
}

const asked = new URLSearchParams(location.search);
for (const choice of CHOICES) if (asked.has(choice)) follow(choice, asked.get(choice));
const first = Number(asked.get("step"));
open(first >= 1 && first <= titles.length ? first : 1);
