function remove(uids) {
  props.value = { uids };
  trigger("input");
}

// The first click asks, the second deletes; looking away takes the question back.
function sure(button, question, act) {
  const words = button.textContent;
  const calm = () => {
    button.classList.remove("asking");
    button.textContent = words;
  };
  button.addEventListener("click", () => {
    if (button.classList.contains("asking")) return act();
    button.classList.add("asking");
    button.textContent = question;
  });
  button.addEventListener("blur", calm);
  button.addEventListener("pointerleave", calm);
}

function itemOf(drawing) {
  const item = make("li", "drawing");
  const image = make("img", "given");
  image.src = drawing.image;
  image.alt = `Your ${drawing.asked}`;
  const button = make("button", "delete", "Delete");
  button.type = "button";
  button.setAttribute("aria-label", `Delete your ${drawing.asked}`);
  sure(button, "Really?", () => remove([drawing.uid]));
  item.append(image, make("b", "", `A ${drawing.asked}`), make("span", "became", drawing.became), button);
  return item;
}

function show(value) {
  if (!value || value.uids !== undefined) return; // nothing yet, or on its way to the server
  const drawings = value.drawings ?? [];
  const more = value.number > drawings.length ? `, the latest ${drawings.length} of which are shown` : "";
  find("hint").textContent =
    value.problem ?? (value.number ? `You have given ${value.number} drawing${value.number === 1 ? "" : "s"}${more}.` : "You have not given any drawing from this browser.");
  find("drawings").replaceChildren(...drawings.map(itemOf));
  find("everything").hidden = !value.number;
}

sure(find("everything"), "Really delete all of them?", () => remove(null));
watch("value", () => show(props.value));
show(props.value);
