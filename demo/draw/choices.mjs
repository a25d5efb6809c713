// Which net, which training, and how the nets are fed: chosen once, it stays so over a reload, a lost connection and a
// restart of the server, like the drawing; and a link can name it: ?net=caps-net&training=pen&way=as+drawn&ink=ink+mask.
// Gradio's radio buttons know nothing of that, so they are pressed here.
import { keep, kept } from "../sketchpad/session.mjs";

const NAME = "choices";
const GROUPS = ["net", "training", "way", "ink"]; // ids of the groups of radio buttons
const GIVE_UP_MS = 30_000;
const TICK_MS = 200;
const HOLDS_TICKS = 10; // Gradio puts its own value back while it mounts: a choice has to last

const asked = new URLSearchParams(location.search); // the address goes before what was chosen
const chosen = kept(NAME) ?? {};
const wanted = { ...chosen };
for (const group of GROUPS) if (asked.has(group)) wanted[group] = asked.get(group);
if (asked.has("net")) delete wanted.net; // the server answers this one itself, since nets come and go
const waiting = new Map(GROUPS.filter((group) => typeof wanted[group] === "string").map((group) => [group, 0]));

let restoring = false; // a button is pressed from here, and by nobody

const restore = () => {
  for (const [group, held] of waiting) {
    const buttons = [...document.querySelectorAll(`#${group} input[type=radio]`)];
    if (buttons.length === 0) continue;
    const button = buttons.find((each) => each.value === wanted[group]);
    if (!button || held >= HOLDS_TICKS) waiting.delete(group);
    else if (button.checked) waiting.set(group, held + 1);
    else {
      waiting.set(group, 0);
      restoring = true;
      button.click();
      restoring = false;
    }
  }
  if (waiting.size === 0) clearInterval(timer);
};

const timer = setInterval(restore, TICK_MS);
setTimeout(() => clearInterval(timer), GIVE_UP_MS);

// What a person chooses after they came goes before what the address named, at the next reload too.
const forget = (group) => {
  const address = new URL(location.href);
  if (!address.searchParams.has(group)) return;
  address.searchParams.delete(group);
  history.replaceState(history.state, "", address);
};

document.addEventListener("change", ({ target }) => {
  const group = target.closest?.(GROUPS.map((id) => `#${id}`).join())?.id;
  if (!group || target.type !== "radio" || !target.checked) return;
  chosen[group] = target.value;
  keep(NAME, chosen);
  if (restoring) return;
  waiting.delete(group);
  forget(group);
});
