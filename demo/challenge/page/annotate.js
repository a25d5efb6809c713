const root = element.querySelector(".challenge-judge");
const buttons = new Map(); // key on the keyboard -> button

function say(said) {
  if (!props.value?.uid || root.classList.contains("sending")) return;
  root.classList.add("sending");
  props.value = { uid: props.value.uid, said };
  trigger("input");
}

function button(text, said, key, title = "") {
  const made = document.createElement("button");
  made.type = "button";
  made.textContent = text;
  made.title = title;
  made.setAttribute("aria-keyshortcuts", key);
  made.addEventListener("click", () => say(said));
  buttons.set(key, made);
  return made;
}

find("digits").append(...[1, 2, 3, 4, 5, 6, 7, 8, 9, 0].map((digit) => button(String(digit), digit, String(digit))));
find("words").append(
  button("Unreadable", props.words.unreadable, "u", "A digit, but nobody could say which (key U)"),
  button("Not a digit", props.words["not a digit"], "n", "Something else altogether (key N)"),
);
find("flag").addEventListener("click", () => say("flag"));

document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, textarea, select, [contenteditable]");
  if (typing || event.ctrlKey || event.metaKey || event.altKey || root.offsetParent === null) return;
  const chosen = buttons.get(event.key.toLowerCase());
  if (chosen && !root.classList.contains("empty")) {
    event.preventDefault();
    chosen.click();
  }
});

function show(value) {
  if (value?.said !== undefined) return; // on its way to the server
  root.classList.remove("sending");
  root.classList.toggle("empty", !value?.uid);
  find("hint").textContent = value?.problem ?? value?.hint ?? "";
  if (value?.uid) find("given").src = value.image;
}

watch("value", () => show(props.value));
show(props.value);
