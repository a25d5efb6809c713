// Undo, clear, replay and keys, and drawings that Python or the page puts on the pad.
const undo = () => {
  if (active !== null) return abandon();
  replay?.stop("undone");
  if (drawing.strokes.length > 0) drawing.strokes.pop();
  else if (cleared !== null) {
    ({ strokes: drawing.strokes, ground: drawing.ground } = cleared);
    cleared = null;
  } else return undefined;
  drawing.redraw();
  return rest(drawing.empty ? "Undone: the pad is empty" : `Undone: ${counted(drawing.strokes.length)}`);
};

const empty = () => {
  replay?.stop("cleared");
  active = null;
  drawing.stroke = null;
  drawing.strokes = [];
  drawing.ground = null;
  drawing.redraw();
  showSoon();
};

const clear = () => {
  if (active !== null) return abandon();
  if (drawing.empty) return undefined;
  const before = { strokes: drawing.strokes, ground: drawing.ground };
  loads += 1;
  empty();
  cleared = before;
  describe();
  say("Cleared. Undo brings it back.");
  return send("clear");
};

const play = () => {
  if (replay !== null) return replay.stop("stopped");
  if (active !== null || drawing.strokes.length === 0) return undefined;
  tools.replay.setAttribute("aria-pressed", "true");
  say("Replaying");
  replay = new replayOf.Replay(drawing, show, () => {
    replay = null;
    tools.replay.removeAttribute("aria-pressed");
    say(counted(drawing.strokes.length));
  });
  return undefined;
};

tools.undo.addEventListener("click", undo);
tools.clear.addEventListener("click", clear);
tools.replay.addEventListener("click", play);

const key = (event) => {
  if (!root.isConnected) {
    document.removeEventListener("keydown", key);
    return;
  }
  if (event.key === "Tab") delete root.dataset.by;
  const here = root.contains(event.target) || event.target === document.body;
  if (!here || event.defaultPrevented || root.offsetParent === null) return;
  const undoes = (event.ctrlKey || event.metaKey) && !event.shiftKey && event.key.toLowerCase() === "z";
  if (!undoes && event.key !== "Escape") return;
  event.preventDefault();
  if (undoes) undo();
  else clear();
};
document.addEventListener("keydown", key);

const imageAt = async (url) => {
  const image = new Image();
  image.src = url;
  await image.decode();
  return image;
};

const unpacked = (given) => (typeof given === "string" ? JSON.parse(given) : given);

// `{strokes, pen, pens?}` or `{image}`; null empties the pad.
const load = async (loaded) => {
  loads += 1;
  const mine = loads;
  const strokes = unpacked(loaded?.strokes) ?? [];
  const own = unpacked(loaded?.pen) ?? pen;
  const pens = unpacked(loaded?.pens);
  const ground = loaded && strokes.length === 0 && loaded.image ? await imageAt(loaded.image) : null;
  if (mine !== loads) return; // another drawing came while the image was decoded
  empty();
  cleared = null;
  drawing.ground = ground;
  drawing.strokes = strokes.map((points, i) => ({ points, pen: pens?.[i] ?? own }));
  drawing.redraw();
  rest(drawing.empty ? "" : "Loaded: draw on it if you like");
};

watch("value", () => {
  if (props.value || !drawing.empty) load(props.value || null);
});
