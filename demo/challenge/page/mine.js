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
  image.alt = `Your ${drawing.prompt}`;
  const button = make("button", "delete", "Delete");
  button.type = "button";
  button.setAttribute("aria-label", `Delete your ${drawing.prompt}`);
  sure(button, "Really?", () => remove([drawing.uid]));
  const article = drawing.prompt === 8 ? "An" : "A";
  item.append(image, make("b", "", `${article} ${drawing.prompt}`), make("span", "became", drawing.became), button);
  return item;
}

function sentence(value) {
  if (!value.number) return "You have not submitted any drawing from this browser.";
  const drawings = value.drawings ?? [];
  const more = value.number > drawings.length ? `, the latest ${drawings.length} of which are shown` : "";
  return `You have submitted ${value.number} drawing${value.number === 1 ? "" : "s"}${more}.`;
}

function show(value) {
  if (!value || value.uids !== undefined || value.again) return; // nothing yet, or on its way to the server
  if (value.forget) contributor.forget();
  find("hint").textContent = value.problem ?? sentence(value);
  if (value.problem) return; // what is shown is still the latest that is known
  find("drawings").replaceChildren(...(value.drawings ?? []).map(itemOf));
  find("everything").hidden = !value.number;
}

// Another tab of this browser has made or forgotten the key.
document.addEventListener("contributor", () => {
  if (!element.offsetParent) return;
  props.value = { again: true };
  trigger("input");
});

sure(find("everything"), "Really delete all of them?", () => remove(null));
watch("value", () => show(props.value));
show(props.value);
