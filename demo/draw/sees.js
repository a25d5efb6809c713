const image = element.querySelector("img");
const hint = element.querySelector(".hint");
const caption = element.querySelector("figcaption");

function show(value) {
  if (!value) return;
  image.hidden = !value.image;
  if (value.image) image.src = value.image;
  image.alt = value.description;
  hint.textContent = value.hint;
  caption.textContent = value.caption;
}

watch("value", () => show(unpacked(props.value)));
show(unpacked(props.value));
