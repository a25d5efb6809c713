const list = element.querySelector("ol");
const sentence = find("sentence");
const DIMMEST = 0.18; // so that even a capsule of no length can be seen

function opinion(digit) {
  const button = make("button");
  button.type = "button";
  button.dataset.digit = digit;
  const image = make("img");
  image.alt = `the drawing as capsule ${digit} draws it`;
  const ground = make("span", "ground");
  ground.append(image);
  const track = make("span", "track");
  track.append(make("i"));
  button.append(ground, track, make("b", "", digit), make("span", "length"), make("span", "difference"));
  const item = make("li");
  item.append(button);
  return item;
}

list.append(...Array.from({ length: 10 }, (_, digit) => opinion(digit)));

function show(value) {
  const opinions = value && value.opinions;
  sentence.textContent = (value && value.sentence) || "";
  [...list.children].forEach((item, digit) => {
    const one = opinions ? opinions[digit] : null;
    const image = item.querySelector("img");
    if (one) image.src = one.image;
    else image.removeAttribute("src");
    const longest = opinions ? opinions[value.longest].length : 1;
    item.style.setProperty("--length", one ? one.length : 0);
    item.style.setProperty("--light", one ? DIMMEST + (1 - DIMMEST) * (one.length / longest) : 1);
    item.firstElementChild.setAttribute("aria-pressed", Boolean(one) && value.chosen === digit);
    const [length, difference] = ["length", "difference"].map((kind) => item.querySelector(`.${kind}`));
    length.textContent = one ? `length ${one.length.toFixed(2)}` : "";
    difference.textContent = one ? `off by ${one.difference.toFixed(2)}` : "";
    length.classList.toggle("best", Boolean(one) && value.longest === digit);
    difference.classList.toggle("best", Boolean(one) && value.nearest === digit);
  });
}

list.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button) trigger("select", { digit: Number(button.dataset.digit) });
});

watch("value", () => show(props.value));
show(props.value);
