const picture = element.querySelector("img");
const hint = element.querySelector(".hint");
const caption = element.querySelector("figcaption");

function show(value) {
  if (!value) return;
  picture.hidden = !value.picture;
  if (value.picture) picture.src = value.picture;
  picture.alt = value.description;
  hint.textContent = value.hint;
  caption.textContent = value.caption;
}

watch("value", () => show(props.value));
show(props.value);
