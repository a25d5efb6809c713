// What a game is, in the page: its state, its link, and what its outcome means.
import { BadLink, packBytes, penFromList, unpackBytes } from "../../sketchpad/link.mjs";

export const LENGTH = 5;
export const ROUND_MS = 20_000;
export const KEY = "#five="; // before a game in the fragment of an address
const MOST_POINTS = LENGTH * 200;
const PEN_FIELDS = [
  ...["thinnest_px", "widest_px", "width_period_px", "hue_period_px", "hue_start_deg"],
  ...["size_jitter", "colour_jitter", "seed"],
];

// A game: what is drawn with which pens; what became of it, `outcomes` and `drawings` one for each round that is over;
// and the points of the friend who sent it, or null.
export const begin = ({ digits, code, pens, names }, friend = null) => ({
  digits,
  code,
  pens,
  names,
  friend,
  outcomes: [],
  drawings: [],
});

export const points = (game) => game.outcomes.reduce((sum, outcome) => sum + outcome.points, 0);

export const isOver = (game) => game.outcomes.length >= LENGTH;

// Each net with how often it was fooled, and in which round first; the one that stood longest comes first.
export const standings = (game) => {
  const nets = new Map();
  game.outcomes.forEach((outcome, round) => {
    for (const { id, name, alone, colour, digit, fooled } of outcome.nets) {
      const net = nets.get(id) ?? { id, name, alone, colour, fooled: 0, first: LENGTH, digits: [] };
      if (fooled) Object.assign(net, { fooled: net.fooled + 1, first: Math.min(net.first, round) });
      net.digits[round] = { digit, fooled };
      nets.set(id, net);
    }
  });
  return [...nets.values()].sort((a, b) => a.fooled - b.fooled || b.first - a.first || a.alone - b.alone);
};

// Of the standings those that stood longest: several where they fell alike, none where every drawing fooled them all.
export const longest = ([best, ...rest]) => {
  if (best === undefined || best.digits.every((said) => said.fooled)) return [];
  return [best, ...rest.filter((net) => net.fooled === best.fooled && net.first === best.first)];
};

export const training = (net) => (net.alone ? "MNIST alone" : "with the pen");

// What happened in one round, in a sentence or two.
export const told = (outcome, digit) => {
  if (outcome.empty) return "Nothing was drawn: no points.";
  if (outcome.nobody) return `None of the nets read a ${digit}: nobody could, so no points.`.replace("a 8", "an 8");
  const alone = outcome.nets.filter((net) => net.fooled && net.alone).length;
  const pen = outcome.nets.filter((net) => net.fooled && !net.alone).length;
  if (alone + pen === 0) return "Every net read it. Nobody was fooled.";
  const parts = [];
  if (alone) parts.push(`${alone} trained on MNIST alone`);
  if (pen) parts.push(`${pen} that ${pen === 1 ? "knows" : "know"} the pen`);
  return `You fooled ${parts.join(" and ")}.`;
};

// The same five for a friend, as text for a link.
export const packGame = ({ digits, code, pens, names }, score) => {
  const lists = pens.map((pen) => [...PEN_FIELDS.map((field) => pen[field]), pen.colour, pen.pressure ? 1 : 0]);
  return packBytes(new TextEncoder().encode(JSON.stringify([1, digits, code, lists, names, score])));
};

// What `packGame` made a text of: {digits, code, pens, names, score}. Throws BadLink for anything else.
export const unpackGame = async (text) => {
  let parts;
  try {
    parts = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(await unpackBytes(text)));
  } catch (error) {
    if (error instanceof BadLink) throw error;
    throw new BadLink("it is cut short or changed");
  }
  if (!Array.isArray(parts) || parts[0] !== 1 || parts.length !== 6) throw new BadLink("it is of another version of this page");
  const [, digits, code, lists, names, score] = parts;
  const five = (list, isOne) => Array.isArray(list) && list.length === LENGTH && list.every(isOne);
  if (!five(digits, (digit) => Number.isInteger(digit) && digit >= 0 && digit <= 9)) throw new BadLink("its digits are wrong");
  if (!five(lists, Array.isArray)) throw new BadLink("its pens are wrong");
  if (!five(names, (name) => typeof name === "string" && name.length <= 40)) throw new BadLink("its pens are wrong");
  if (code !== null && !(typeof code === "string" && code.length < 200)) throw new BadLink("its code is wrong");
  if (!(Number.isInteger(score) && score >= 0 && score <= MOST_POINTS)) throw new BadLink("its score is wrong");
  return { digits, code, pens: lists.map(penFromList), names, score };
};
