// Links that hold the drawing: made and given to a friend, and opened.
import { BadLink, pack, unpack } from "./link.mjs";

const COPIED = "Link copied. Whoever opens it sees it being drawn.";
const KEY = "#d="; // before the drawing in the fragment
const CHOICES = ["net", "training", "way", "ink"]; // ids of the page's radio buttons, and their names in an address

const CARD_WITHIN_MS = 3000;

// The share card, a file, as the page's button makes it; null where that cannot be shared or is not there in time.
const card = () => {
  const empty = new File([], "card.png", { type: "image/png" });
  const button = document.querySelector("#save-card");
  if (button === null || !navigator.canShare?.({ files: [empty] })) return null;
  return new Promise((resolve) => {
    const done = (file) => {
      document.removeEventListener("saving", saved);
      resolve(file);
    };
    const saved = (event) => {
      event.preventDefault(); // it is not saved, but shared
      done(new File([event.detail.blob], event.detail.name, { type: "image/png" }));
    };
    document.addEventListener("saving", saved);
    setTimeout(() => done(null), CARD_WITHIN_MS);
    button.click();
  });
};

// Give `url` to whatever the device shares with, else to the clipboard; returns what to tell the person.
export const hand = async (url, title, text, copied = COPIED, withCard = false) => {
  let shared = { title, text, url };
  if (matchMedia("(pointer: coarse)").matches && navigator.canShare?.(shared)) {
    const file = withCard ? await card() : null;
    if (file !== null && navigator.canShare({ ...shared, files: [file] })) shared = { ...shared, files: [file] };
    try {
      await navigator.share(shared);
      return "";
    } catch (error) {
      if (error.name === "AbortError") return "";
    }
  }
  try {
    await navigator.clipboard.writeText(url);
    return copied;
  } catch {
    prompt("Copy this link:", url); // a frame without the right to write to the clipboard
    return "";
  }
};

export class Sharing {
  constructor(pad, root) {
    this.pad = pad;
    this.banner = root.querySelector(".sketchpad-banner");
    this.banner.querySelector("button").addEventListener("click", () => this.#yourTurn());
    pad.tools.share.addEventListener("click", () => this.share());
    const opened = () => {
      if (root.isConnected) this.open();
      else removeEventListener("hashchange", opened);
    };
    addEventListener("hashchange", opened);
  }

  // The address of the drawing, as the nets that are chosen now are shown it.
  async link() {
    const { origin, pathname, search } = location;
    const query = new URLSearchParams(search);
    for (const choice of CHOICES) {
      const chosen = document.querySelector(`#${choice} input:checked`);
      // Nets that were taught in this visit are no one else's: a link opens with the usual training.
      if (chosen?.value.startsWith("taught:")) query.delete(choice);
      else if (chosen) query.set(choice, chosen.value);
    }
    const asked = query.size > 0 ? `?${query}` : "";
    return `${origin}${pathname}${asked}${KEY}${await pack(this.pad.drawing.sent())}`;
  }

  async share() {
    const { pad } = this;
    if (pad.drawing.strokes.length === 0) {
      pad.say("Draw something first: the link holds the drawing.", "warning");
      return;
    }
    const said = document.querySelector("#verdict .sentence")?.textContent ?? "";
    pad.say(await hand(await this.link(), document.title, `${said} Can the nets read yours?`.trim(), COPIED, true));
  }

  // Open the drawing in the address; returns a promise of the moment when it is on the pad, or null if there is none.
  open() {
    if (!location.hash.startsWith(KEY)) return null;
    const text = location.hash.slice(KEY.length);
    history.replaceState(history.state, "", location.pathname + location.search); // a reload shows what is on the pad then
    return this.#show(text);
  }

  async #show(text) {
    const { pad } = this;
    let drawing;
    try {
      drawing = await unpack(text);
    } catch (error) {
      if (!(error instanceof BadLink)) throw error;
      pad.say(`This link holds no drawing: ${error.message}.`, "warning");
      return;
    }
    this.#head("Can the nets read this?", "");
    await pad.load(drawing, { say: "" });
    const done = () => this.#head("Can the nets read this?", "Your turn");
    const otherTab = new URLSearchParams(location.search).has("tab"); // nobody sees the pad
    if (otherTab || matchMedia("(prefers-reduced-motion: reduce)").matches) done();
    else pad.play(done);
  }

  #head(text, button) {
    this.banner.hidden = text === "";
    this.banner.querySelector("strong").textContent = text;
    this.banner.querySelector("button").textContent = button;
    this.banner.querySelector("button").hidden = button === "";
  }

  #yourTurn() {
    this.#head("", "");
    this.pad.clear();
    this.pad.canvas.focus({ preventScroll: true });
  }
}
