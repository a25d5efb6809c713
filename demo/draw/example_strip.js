// Small drawings that go onto the pad whose id is `props.pad` when they are clicked; the pad's own pen draws them.
const strip = element.querySelector(".examples");
const { pad: padId, drawings } = props; // read now: an update from Python rewrites all props
const THUMBNAIL_PX = 112;

const buttons = drawings.map((drawing) => {
  const what = drawing.label === null ? "a drawing" : `${drawing.label === 8 ? "an" : "a"} ${drawing.label}`;
  const button = Object.assign(document.createElement("button"), { type: "button", title: `Put ${what} on the pad` });
  button.setAttribute("aria-label", `Example: ${what}`);
  button.append(Object.assign(document.createElement("canvas"), { width: THUMBNAIL_PX, height: THUMBNAIL_PX }));
  strip.append(button);
  return button;
});

const connect = () => {
  const pad = document.querySelector(`#${CSS.escape(padId)} .sketchpad`)?.sketchpad;
  if (pad === undefined) return;
  buttons.forEach((button, i) => {
    pad.thumbnail(button.firstElementChild, drawings[i]);
    button.onclick = () => pad.load(drawings[i]);
  });
};
const ready = (event) => {
  if (!strip.isConnected) document.removeEventListener("sketchpad:ready", ready);
  else if (event.target.closest(`#${CSS.escape(padId)}`) !== null) connect();
};
document.addEventListener("sketchpad:ready", ready);
connect();
