const images = ["input", "inked", "over"].map((name) => [name, element.querySelector(`img.${name}`)]);
const legend = element.querySelector(".legend");

function entry(one) {
  const line = document.createElement("span");
  const dot = document.createElement("i");
  dot.style.setProperty("--ink-of-digit", one.ink);
  line.append(dot, `${one.digit}, length ${one.length.toFixed(3)}`);
  return line;
}

function show(value) {
  const empty = !value || !value.inked;
  for (const [name, image] of images) {
    if (empty) image.removeAttribute("src");
    else image.src = value[name];
  }
  legend.replaceChildren(...(empty ? [] : [entry(value.first), entry(value.second)]));
}

watch("value", () => show(props.value));
show(props.value);
