const images = ["input", "inked", "over"].map((name) => [name, element.querySelector(`img.${name}`)]);
const legend = element.querySelector(".legend");

function entry(one) {
  const line = make("span");
  const dot = make("i");
  dot.style.setProperty("--ink-of-digit", one.ink);
  line.append(dot, `${one.digit}, length ${one.length.toFixed(2)}`);
  return line;
}

function show(value) {
  const empty = !value || !value.inked;
  for (const [name, image] of images) {
    if (empty) image.removeAttribute("src");
    else image.src = value[name];
  }
  element.querySelector(".sentence").textContent = empty ? "" : value.sentence;
  legend.replaceChildren(...(empty ? [] : [entry(value.first), entry(value.second)]));
}

watch("value", () => show(props.value));
show(props.value);
