const box = find("subject");
const image = element.querySelector("img");
const about = find("about");

function sentence({ tested, changed, empty, digit }) {
  const name = aDigit(digit);
  if (tested && changed) return `The maps are of this drawing, ${name}. The pad holds another one now: start again to test that.`;
  if (tested) return `The maps are of this drawing, ${name}.`;
  return empty ? "The pad is empty: draw a digit on the Draw tab first." : "This drawing is on your pad.";
}

function show(value) {
  if (!value) return;
  if (value.image) image.src = value.image;
  else image.removeAttribute("src");
  about.textContent = sentence(value);
  box.classList.toggle("changed", value.tested && value.changed);
}

watch("value", () => show(props.value));
show(props.value);
