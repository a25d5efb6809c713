// Which net, which training, and how the nets are fed: chosen once, it stays so over a reload, a lost connection and a
// restart of the server, like the drawing. Gradio's radio buttons know nothing of that, so they are pressed again here.
import { keep, kept } from "../sketchpad/session.mjs";

const NAME = "choices";
const GROUPS = ["net", "training", "way", "ink"]; // ids of the groups of radio buttons
const GIVE_UP_MS = 30_000;
const TICK_MS = 200;
const HOLDS_TICKS = 10; // Gradio puts its own value back while it mounts: a choice has to last

const chosen = kept(NAME) ?? {};
const named = new URLSearchParams(location.search).has("net"); // the address goes before what was chosen
const waiting = new Map(
  GROUPS.filter((group) => typeof chosen[group] === "string" && !(group === "net" && named)).map((group) => [group, 0]),
);

const restore = () => {
  for (const [group, held] of waiting) {
    const buttons = [...document.querySelectorAll(`#${group} input[type=radio]`)];
    if (buttons.length === 0) continue;
    const button = buttons.find((each) => each.value === chosen[group]);
    if (!button || held >= HOLDS_TICKS) waiting.delete(group);
    else if (button.checked) waiting.set(group, held + 1);
    else {
      waiting.set(group, 0);
      button.click();
    }
  }
  if (waiting.size === 0) clearInterval(timer);
};

const timer = setInterval(restore, TICK_MS);
setTimeout(() => clearInterval(timer), GIVE_UP_MS);

document.addEventListener("change", ({ target }) => {
  const group = target.closest?.(GROUPS.map((id) => `#${id}`).join())?.id;
  if (!group || target.type !== "radio" || !target.checked) return;
  chosen[group] = target.value;
  keep(NAME, chosen);
});
