// Play five: deals, takes the pad for twenty seconds at a time, asks what each drawing is worth, and shows the end.
// The game lives here and in sessionStorage, so that a reload costs one round's time at most; Python keeps nothing of it.
import { hand } from "../../sketchpad/sharing.mjs";
import { kept, keep } from "../../sketchpad/session.mjs";
import { KEY, LENGTH, ROUND_MS, begin, isOver, packGame, points, told, unpackGame } from "./rules.mjs";
import { Bar, Screen, endOf, startOf } from "./screens.mjs";

const NAME = "five"; // in sessionStorage
const ANSWERS_WITHIN_MS = 15_000;
const SETTLES_MS = 40; // until Gradio has taken up what the pad sent last

const ALL = "all"; // in the page's selector of nets

// Choose a net in the page's selector; returns the one that was chosen before.
const chooseNet = (net) => {
  const buttons = [...document.querySelectorAll("#net input[type=radio]")];
  const before = buttons.find((button) => button.checked)?.value;
  if (before !== net) buttons.find((button) => button.value === net)?.click();
  return before;
};

export class Game {
  #asked = 0;
  #waiting = new Map(); // number of a question -> who waits for the answer
  #deadline = null;
  game = null;

  constructor({ element, props, trigger, watch }) {
    this.props = props;
    this.trigger = trigger;
    this.terms = props.terms;
    this.root = element.querySelector(".rounds");
    this.play = this.root.querySelector(".rounds-play");
    this.friend = this.root.querySelector(".rounds-friend");
    this.screen = new Screen(this.root);
    watch("value", () => this.#take(props.value));
    this.play.addEventListener("click", () => (this.game === null ? this.#deal() : this.#round()));
    this.friend.addEventListener("click", () => this.pad?.share());
    const opened = () => (this.root.isConnected ? this.#open() : removeEventListener("hashchange", opened));
    addEventListener("hashchange", opened);
    const left = kept(NAME);
    if (left !== null && !isOver(left)) this.game = left;
    this.#idle();
    this.#open();
  }

  get pad() {
    return document.querySelector("#pad .sketchpad")?.sketchpad ?? null;
  }

  // ---- Python

  #ask(act, more = {}) {
    this.#asked += 1;
    const id = this.#asked;
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      this.props.value = JSON.stringify({ id, act, ...more });
      this.trigger("input");
      setTimeout(() => this.#answer({ id, problem: "The page's server does not answer." }), ANSWERS_WITHIN_MS);
    });
  }

  #take(text) {
    const value = typeof text === "string" ? JSON.parse(text || "null") : text;
    if (value && value.act === undefined) this.#answer(value);
  }

  #answer(value) {
    this.#waiting.get(value.id)?.(value);
    this.#waiting.delete(value.id);
  }

  // ---- before

  #idle() {
    this.play.textContent = this.game === null ? "Play five" : `Go on: round ${this.game.outcomes.length + 1} of ${LENGTH}`;
    this.play.disabled = false;
    this.friend.hidden = false;
  }

  async #deal() {
    this.play.disabled = true;
    const dealt = await this.#ask("deal");
    this.#idle();
    if (dealt.problem) this.pad?.say(dealt.problem, "warning");
    else this.#start(begin(dealt));
  }

  #start(game) {
    startOf(this.screen, game, {
      preview: this.pad.preview,
      start: () => {
        this.game = game;
        this.#round();
      },
    });
  }

  // The five that a friend sent, if there are such in the address.
  async #open() {
    if (!location.hash.startsWith(KEY)) return;
    const text = location.hash.slice(KEY.length);
    history.replaceState(history.state, "", location.pathname + location.search);
    await this.#padIsThere();
    try {
      const sent = await unpackGame(text);
      this.#start(begin(sent, sent.score));
    } catch (error) {
      this.pad.say(`This link holds no game: ${error.message}.`, "warning");
    }
  }

  async #padIsThere() {
    while (this.pad === null) await new Promise(requestAnimationFrame);
  }

  // ---- a round

  #round() {
    const { game, pad } = this;
    const round = game.outcomes.length;
    this.screen.close();
    document.body.dataset.round = "true"; // whoever else asks about a drawing is silent meanwhile
    game.net ??= chooseNet(ALL); // all of them play
    keep(NAME, game);
    pad.borrow(game.pens[round]);
    this.bar ??= new Bar(document.querySelector("#pad .sketchpad"));
    this.bar.ask(game, round, ROUND_MS, { done: () => this.#over(), leave: () => this.#leave() });
    clearTimeout(this.#deadline);
    this.#deadline = setTimeout(() => this.#over(), ROUND_MS);
  }

  async #over() {
    const { game, pad } = this;
    const round = game.outcomes.length;
    clearTimeout(this.#deadline);
    pad.finish();
    this.bar.wait();
    await new Promise((resolve) => setTimeout(resolve, SETTLES_MS));
    const outcome = await this.#ask("score", { digit: game.digits[round] });
    if (this.game !== game || game.outcomes.length !== round) return; // left meanwhile
    if (outcome.problem) {
      this.bar.fail(outcome.problem, { again: () => this.#over(), leave: () => this.#leave() });
      return;
    }
    game.drawings.push({ ...pad.drawing, device: pad.by });
    game.outcomes.push(outcome);
    keep(NAME, game);
    const last = isOver(game);
    this.bar.tell(outcome, told(outcome, game.digits[round]), last ? "See how you did" : "Next", {
      next: () => (last ? this.#end() : this.#round()),
      leave: () => this.#leave(),
    });
  }

  #leave() {
    clearTimeout(this.#deadline);
    const { net } = this.game;
    this.game = null;
    keep(NAME, null);
    this.#free(net);
  }

  // Give pad and selector back; net: the one that was chosen before the game.
  #free(net) {
    chooseNet(net);
    this.bar?.remove();
    this.bar = null;
    delete document.body.dataset.round;
    this.pad.giveBack();
    this.#idle();
  }

  // ---- after

  async #end() {
    const { game } = this;
    this.game = null;
    keep(NAME, null);
    this.#free(game.net);
    const shown = endOf(this.screen, game, {
      thumbnail: this.pad.thumbnail,
      terms: game.code === null ? null : this.terms,
      challenge: () => this.#challenge(game),
      again: () => {
        this.screen.close();
        this.#deal();
      },
      give: () => this.#give(game),
    });
    const others = await this.#ask("others", { digits: game.digits, key: window.contributor?.key() || null });
    shown.others(others.problem ? [] : others.others);
  }

  async #challenge(game) {
    const { origin, pathname, search } = location;
    const url = `${origin}${pathname}${search}${KEY}${await packGame(game, points(game))}`;
    const text = `I scored ${points(game)} against eight nets. Can you beat that with the same five?`;
    return hand(url, document.title, text, "Link copied. Your friend plays the same five.");
  }

  // With consent, which was given for exactly this; returns what to tell.
  async #give(game) {
    const drawings = game.drawings.map(({ strokes, pen, pens }) => ({ strokes, pen, ...(pens && { pens }) }));
    const { code, tickets } = game;
    const device = game.drawings.find((each) => each.device)?.device ?? "unknown";
    const key = window.contributor?.ensure() ?? "";
    const answer = await this.#ask("give", { code, tickets, drawings, consent: true, device, key });
    if (answer.problem) return { done: false, text: answer.problem };
    game.tickets = answer.tickets; // sent again, nothing is stored twice
    const stored = answer.given.filter((each) => each.stored).length;
    const why = answer.given.find((each) => !each.stored)?.problem;
    const text = stored === 0 ? "None was taken" : `Thank you: ${stored} ${stored === 1 ? "drawing is" : "drawings are"} in`;
    return { done: stored > 0, text: why ? `${text}. ${why}` : `${text}.` };
  }
}

export const open = (gradio) => new Game(gradio);
