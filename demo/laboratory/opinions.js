const list = element.querySelector("ol");

function opinion(digit) {
  const item = document.createElement("li");
  const image = document.createElement("img");
  image.alt = `what the drawing would look like as a ${digit}`;
  const track = document.createElement("span");
  track.className = "track";
  track.append(document.createElement("i"));
  const name = document.createElement("b");
  name.textContent = digit;
  item.append(image, track, name, ...["length", "distance"].map((kind) => Object.assign(document.createElement("span"), { className: kind })));
  return item;
}

list.append(...Array.from({ length: 10 }, (_, digit) => opinion(digit)));

function show(value) {
  [...list.children].forEach((item, digit) => {
    const one = value && value.opinions ? value.opinions[digit] : null;
    const image = item.querySelector("img");
    if (one) image.src = one.image;
    else image.removeAttribute("src");
    item.style.setProperty("--length", one ? one.length : 0);
    const [length, distance] = ["length", "distance"].map((kind) => item.querySelector(`.${kind}`));
    length.textContent = one ? `length ${one.length.toFixed(2)}` : "";
    distance.textContent = one ? `distance ${one.distance.toFixed(1)}` : "";
    length.classList.toggle("best", Boolean(one) && value.longest === digit);
    distance.classList.toggle("best", Boolean(one) && value.nearest === digit);
  });
}

watch("value", () => show(props.value));
show(props.value);
