const list = element.querySelector("ul");
const score = element.querySelector(".score");
const failures = element.querySelector(".failures");

function make(tag, className = "", text = "") {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = text;
  return made;
}

function piece(one, index) {
  const item = document.createElement("li");
  const button = make("button");
  button.type = "button";
  button.dataset.index = index;
  const image = document.createElement("img");
  image.src = one.image;
  image.alt = `a ${one.label} drawn as ${one.title}`;
  const title = make("h3", "", ` ${one.title}`);
  title.prepend(make("b", "", one.label));
  button.append(image, title, make("div", "verdicts"));
  item.append(button);
  return item;
}

function verdict(net, index, label) {
  if (!net.verdicts.length) {
    const line = make("span", "verdict waiting");
    line.append(make("span", "name", net.name), make("b", "", "…"));
    return line;
  }
  const { digit, strength } = net.verdicts[index];
  const line = make("span", digit === label ? "verdict" : "verdict wrong");
  line.append(make("span", "name", net.name), make("b", "", digit), make("span", "", strength.toFixed(2)));
  line.title = `${net.name} reads ${digit === label ? "it right" : `a ${digit}`}`;
  return line;
}

function show(value) {
  if (!value) return;
  if (list.children.length !== value.pieces.length) list.replaceChildren(...value.pieces.map(piece));
  value.pieces.forEach((one, index) =>
    list.children[index].querySelector(".verdicts").replaceChildren(...value.nets.map((net) => verdict(net, index, one.label))),
  );
  score.replaceChildren(
    ...value.nets.map((net) => {
      const line = make("span");
      line.style.setProperty("--colour-text", `var(--net-text-${net.colour})`);
      line.append(make("b", "", net.name), ` reads ${net.right ?? "…"} of ${value.pieces.length} as you do`);
      return line;
    }),
  );
  failures.textContent = value.failures.join("\n");
}

list.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button) trigger("select", { index: Number(button.dataset.index) });
});

watch("value", () => show(props.value));
show(props.value);
