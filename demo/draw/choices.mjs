// Which net, which training, and how the nets are fed: chosen once, it stays so over a reload, a lost connection and a
// restart of the server, like the drawing. Gradio's radio buttons know nothing of that, so they are pressed again here.
import { keep, kept } from "../sketchpad/session.mjs";

const NAME = "choices";
const GROUPS = ["net", "training", "way", "ink"]; // ids of the groups of radio buttons
const PRESENT_WITHIN_MS = 30_000;

const chosen = kept(NAME) ?? {};
const waiting = new Set(GROUPS.filter((group) => typeof chosen[group] === "string"));

const restore = () => {
  for (const group of waiting) {
    const buttons = [...document.querySelectorAll(`#${group} input[type=radio]`)];
    if (buttons.length === 0) continue;
    waiting.delete(group);
    const button = buttons.find((each) => each.value === chosen[group]);
    if (button && !button.checked) button.click();
  }
  if (waiting.size === 0) observer.disconnect();
};

const observer = new MutationObserver(restore);
observer.observe(document.documentElement, { childList: true, subtree: true });
setTimeout(() => observer.disconnect(), PRESENT_WITHIN_MS);
restore();

document.addEventListener("change", ({ target }) => {
  const group = target.closest?.(GROUPS.map((id) => `#${id}`).join())?.id;
  if (!group || target.type !== "radio" || !target.checked) return;
  chosen[group] = target.value;
  keep(NAME, chosen);
});
