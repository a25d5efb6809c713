const list = element.querySelector("ul");
const SIDE_PX = 182;

function starter(drawing) {
  const button = make("button");
  button.type = "button";
  button.dataset.digit = drawing.label;
  button.setAttribute("aria-label", `begin with this ${drawing.label}`);
  button.append(Object.assign(make("canvas"), { width: SIDE_PX, height: SIDE_PX }));
  const item = make("li");
  item.append(button);
  return item;
}

const { starters } = props.value;
list.replaceChildren(...starters.map(starter));

// The pad of the Draw tab draws them, once it is there.
function drawThem() {
  const pad = document.querySelector("#pad .sketchpad")?.sketchpad;
  if (pad === undefined) return false;
  list.querySelectorAll("canvas").forEach((canvas, i) => pad.thumbnail(canvas, starters[i]));
  return true;
}
if (!drawThem()) {
  const whenReady = () => drawThem() && document.removeEventListener("sketchpad:ready", whenReady);
  document.addEventListener("sketchpad:ready", whenReady);
}

list.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button) trigger("select", { digit: Number(button.dataset.digit) });
});
