const list = element.querySelector("ul");

function starter(one) {
  const button = make("button");
  button.type = "button";
  button.dataset.digit = one.label;
  const image = make("img");
  image.src = one.image;
  image.alt = `begin with this ${one.label}`;
  button.append(image);
  const item = make("li");
  item.append(button);
  return item;
}

if (props.value) list.replaceChildren(...props.value.starters.map(starter));

list.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button) trigger("select", { digit: Number(button.dataset.digit) });
});
