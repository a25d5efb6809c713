const root = find("challenge-annotate");
const buttons = new Map(); // key on the keyboard -> button

function send(value) {
  if (root.classList.contains("sending")) return;
  root.classList.add("sending");
  props.value = value;
  trigger("input");
}

function say(label) {
  const { uid, ticket } = props.value ?? {};
  if (uid) send({ uid, ticket, label });
}

function button(text, label, key, title = "") {
  const made = make("button", "", text);
  made.type = "button";
  made.title = title;
  made.setAttribute("aria-keyshortcuts", key);
  made.addEventListener("click", () => say(label));
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
  const pressed = event.key.toLowerCase();
  const chosen = pressed === "z" ? root.querySelector(".take-back") : buttons.get(pressed);
  if (chosen && (pressed === "z" || !root.classList.contains("empty"))) {
    event.preventDefault();
    chosen.click();
  }
});

function pastOf(past) {
  const item = make("li", past.last ? "last" : "");
  const image = make("img");
  image.src = past.image;
  image.alt = "";
  const words = make("p", "", `You said ${past.label}. `);
  item.append(image, words);
  if (past.last) {
    const back = make("button", "take-back", "Take it back");
    back.type = "button";
    back.setAttribute("aria-keyshortcuts", "z");
    back.addEventListener("click", () => send({ take_back: past.uid }));
    words.append(back);
  } else {
    words.append(past.others);
  }
  return item;
}

function show(value) {
  if (value?.label !== undefined || value?.take_back !== undefined) return; // on its way to the server
  root.classList.remove("sending");
  root.classList.toggle("empty", !value?.uid);
  find("hint").textContent = [value?.problem, value?.notice, value?.hint].filter(Boolean).join(" ");
  if (value?.uid) find("given").src = value.image;
  if (value?.past) find("past").replaceChildren(...value.past.map(pastOf));
}

watch("value", () => show(props.value));
show(props.value);
