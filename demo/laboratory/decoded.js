const images = {
  drawing: element.querySelector("img.drawing"),
  input: element.querySelector("img.input"),
  decoded: element.querySelector("img.result"),
  strip: element.querySelector(".strip img"),
};
const said = element.querySelector(".said");
const mark = element.querySelector(".strip i");

// An answer to a slider brings the decoded digit and the strip alone; the other images stay.
function show(value) {
  if (!value) return;
  if (value.kept) {
    said.textContent = value.kept;
    return;
  }
  for (const [name, image] of Object.entries(images)) {
    if (value.hint) image.removeAttribute("src");
    else if (value[name]) image.src = value[name];
  }
  mark.hidden = Boolean(value.hint);
  said.textContent = value.hint || `Eleven steps of dimension ${value.dimension + 1}; the one framed is where the sliders stand.`;
}

watch("value", () => show(props.value));
show(props.value);
