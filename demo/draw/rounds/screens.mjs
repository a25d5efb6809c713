// What a game shows: a bar above the pad and the time that runs round it, and the screens before and after.
import { LENGTH, longest, points, standings, training } from "./rules.mjs";

const PREVIEW_PX = 300;
const THUMBNAIL_PX = 260;

const make = (tag, className = "", text = "") => Object.assign(document.createElement(tag), { className, textContent: text });

const button = (text, act, className = "") => {
  const made = make("button", className, text);
  made.type = "button";
  made.addEventListener("click", act);
  return made;
};

const leaving = (act) => {
  const made = button("×", act, "rounds-leave");
  made.title = "Leave the game";
  made.setAttribute("aria-label", "Leave the game");
  return made;
};

const a = (digit) => `a${digit === 8 ? "n" : ""} ${digit}`;
const counted = (n, what) => `${n} ${what}${n === 1 ? "" : "s"}`;

// Above the pad while a round runs and when it is over.
export class Bar {
  constructor(pad) {
    this.pad = pad;
    this.element = make("div", "rounds-bar");
    this.element.setAttribute("role", "status");
    this.ring = make("div", "rounds-ring");
    this.ring.innerHTML =
      '<svg viewBox="0 0 100 100" aria-hidden="true"><rect x="1" y="1" width="98" height="98" rx="4" pathLength="1"/></svg>';
    const frame = pad.querySelector(".sketchpad-frame");
    frame.before(this.element);
    frame.append(this.ring);
  }

  ask(game, round, ms, { done, leave }) {
    const words = make("div", "rounds-words");
    words.append(make("strong", "", `Draw ${a(game.digits[round])}`));
    words.append(make("small", "", `${round + 1} of ${LENGTH} · ${game.names[round]} · ${counted(points(game), "point")}`));
    this.#show(words, button("Done", done, "main"), leaving(leave));
    this.ring.style.setProperty("--lasts", `${ms}ms`);
    this.ring.dataset.runs = "";
    void this.ring.offsetWidth; // so that the way round begins anew
    this.ring.dataset.runs = "true";
    this.pad.scrollIntoView({ block: "nearest" });
  }

  wait() {
    this.ring.dataset.runs = "stopped";
    for (const each of this.element.querySelectorAll("button")) each.disabled = true;
  }

  tell(outcome, text, next, acts) {
    const words = make("div", "rounds-words");
    words.append(make("strong", "", counted(outcome.points, "point")), make("small", "", text));
    const on = button(next, acts.next, "main");
    this.#show(words, on, leaving(acts.leave));
    this.ring.dataset.runs = "";
    this.pad.scrollIntoView({ block: "nearest" });
    on.focus({ preventScroll: true });
  }

  fail(problem, { again, leave }) {
    const words = make("div", "rounds-words");
    words.append(make("strong", "", "No score yet"), make("small", "", problem));
    this.#show(words, button("Try again", again, "main"), leaving(leave));
  }

  remove() {
    this.element.remove();
    this.ring.remove();
  }

  #show(words, ...buttons) {
    const acts = make("div", "rounds-acts");
    acts.append(...buttons);
    this.element.replaceChildren(words, acts);
  }
}

// A dialog over the page.
export class Screen {
  constructor(root) {
    this.dialog = make("dialog", "rounds-screen");
    root.append(this.dialog);
  }

  show(...parts) {
    const close = button("×", () => this.close(), "rounds-close");
    close.setAttribute("aria-label", "Close");
    this.dialog.replaceChildren(close, ...parts);
    if (!this.dialog.open) this.dialog.showModal();
    this.dialog.scrollTop = 0;
  }

  close() {
    this.dialog.close();
  }
}

// Before a game: its rules and its pens, and the score to beat.
export const startOf = (screen, game, { preview, start }) => {
  const title = make("h2", "", game.friend === null ? "Five digits, five pens" : "Your friend's five");
  const lead =
    game.friend === null
      ? "Draw what you are asked for in twenty seconds, so that a person can read it and the nets cannot."
      : `Your friend scored ${counted(game.friend, "point")} with these digits and pens. Can you beat that?`;
  const pens = make("ol", "rounds-pens");
  const canvases = game.names.map((name) => {
    const item = make("li");
    const canvas = make("canvas");
    item.append(canvas, make("span", "", name));
    pens.append(item);
    return canvas;
  });
  const rules = make("ul", "rounds-rules");
  for (const [worth, text] of [
    ["1 point", "for each net trained on MNIST alone that is fooled"],
    ["3 points", "for each that was trained with the pen"],
    ["Nothing", "if not one of the eight reads it: then nobody could"],
  ]) {
    const rule = make("li");
    rule.append(make("b", "", worth), ` ${text}`);
    rules.append(rule);
  }
  const acts = make("p", "rounds-acts");
  const go = button("Start", start, "main");
  acts.append(go, make("small", "", "Twenty seconds each. Nothing is kept."));
  screen.show(title, make("p", "rounds-lead", lead), pens, rules, acts);
  canvases.forEach((canvas, i) => preview(canvas, game.pens[i], PREVIEW_PX));
  go.focus();
};

// After a game. Returns `{others}`, which is told what other people drew once it is known.
export const endOf = (screen, game, { thumbnail, terms, challenge, again, give }) => {
  const total = points(game);
  const nets = standings(game);
  const title = make("h2", "", counted(total, "point"));
  const lead = make("p", "rounds-lead", sentence(game, nets));
  const table = make("div", "rounds-table");
  const head = make("div", "rounds-row rounds-drawings");
  head.append(make("span"));
  const theirs = game.digits.map(() => make("div", "rounds-theirs"));
  game.digits.forEach((digit, round) => {
    const cell = make("figure");
    const canvas = Object.assign(make("canvas"), { width: THUMBNAIL_PX, height: THUMBNAIL_PX });
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", `Your drawing of ${a(digit)}, ${game.names[round]}`);
    thumbnail(canvas, game.drawings[round]);
    const { points: worth, nobody } = game.outcomes[round];
    const caption = make("figcaption");
    caption.append(make("b", "", nobody ? "nobody" : `+${worth}`), make("span", "", `${a(digit)}`));
    caption.title = nobody ? "None of the nets read it: no points" : `${counted(worth, "point")} for ${a(digit)}`;
    cell.append(canvas, caption);
    head.append(cell);
  });
  table.append(head, ...nets.map((net) => rowOf(net, longest(nets))));
  const others = make("div", "rounds-row rounds-others");
  const label = make("span", "rounds-net", "Others drew");
  others.append(label, ...theirs);
  table.append(others);

  const said = make("p", "rounds-said");
  said.setAttribute("role", "status");
  const acts = make("p", "rounds-acts");
  const friend = button("Challenge a friend", async () => (said.textContent = await challenge()), "main");
  acts.append(friend, button("Play again", again));
  const parts = [title, lead, table, acts, said];
  if (terms !== null) parts.push(givingOf(terms, give));
  screen.show(...parts);
  title.tabIndex = -1;
  title.focus();
  return {
    others: (found) => {
      others.hidden = found.every((each) => each.images.length === 0);
      label.textContent = found.some((each) => each.from === "people") ? "Others drew" : "In the gallery";
      found.forEach(({ images }, round) => {
        const digit = game.digits[round];
        theirs[round].replaceChildren(
          ...images.map((src) => Object.assign(make("img"), { src, alt: `Another drawing of ${a(digit)}`, loading: "lazy" })),
        );
      });
    },
  };
};

const sentence = (game, nets) => {
  const beaten = game.friend === null ? "" : versus(points(game), game.friend);
  if (nets.length === 0) return `${beaten} Nothing was drawn.`.trim();
  const best = longest(nets);
  return `${beaten} ${stoodOf(best, nets.length)}`.trim();
};

const stoodOf = (best, of) => {
  if (best.length === 0) return "No net read any of them.";
  const [{ name, alone, fooled }] = best;
  if (fooled === 0 && best.length > 1) return best.length === of ? "No net ever fell." : `${best.length} nets never fell.`;
  const fell = fooled === 0 ? "never fell" : `fell ${["", "once", "twice"][fooled] ?? `${fooled} times`}`;
  if (best.length > 1) return `${best.length} nets stood longest: each ${fell}.`;
  return `${name}, trained ${alone ? "on MNIST alone" : "with the pen"}, stood longest: it ${fell}.`;
};

const versus = (mine, theirs) => {
  if (mine === theirs) return `A draw: your friend has ${theirs} too.`;
  return mine > theirs ? `You beat your friend, who has ${theirs}.` : `Your friend is ahead with ${theirs}.`;
};

const rowOf = (net, best) => {
  const row = make("div", "rounds-row");
  const name = make("span", "rounds-net");
  name.style.setProperty("--colour-text", `var(--net-text-${net.colour})`);
  const under = make("small", "", training(net));
  if (best.includes(net)) under.append(" · ", make("em", "", "stood longest"));
  name.append(make("b", "", net.name), under);
  row.append(name);
  for (let round = 0; round < LENGTH; round++) {
    const said = net.digits[round];
    const cell = make("span", "rounds-cell", said === undefined ? "–" : String(said.digit));
    cell.dataset.fooled = String(said?.fooled ?? "");
    if (said?.fooled) cell.append(make("span", "unseen", " fooled"));
    row.append(cell);
  }
  return row;
};

// The only place of a game where anything is kept, and the only one where it is asked for.
const givingOf = (terms, give) => {
  const box = make("section", "rounds-giving");
  const label = make("label");
  const tick = Object.assign(make("input"), { type: "checkbox" });
  label.append(tick, " I give these drawings to everybody, and agree to what is kept");
  const said = make("p", "rounds-said");
  said.setAttribute("role", "status");
  const act = button("Give these to the challenge", async () => {
    act.disabled = true;
    said.textContent = "";
    const { done, text } = await give();
    said.textContent = text;
    act.disabled = done || !tick.checked;
    tick.disabled = done;
  });
  act.disabled = true;
  tick.addEventListener("change", () => (act.disabled = !tick.checked));
  const more = make("details");
  more.append(make("summary", "", "What is kept, and for how long"), make("p", "", terms));
  box.append(label, act, said, more);
  return box;
};
