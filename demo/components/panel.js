// What the script of every panel begins with. A place is the name of a class, perhaps with more of a selector.

function find(place) {
  return element.querySelector(`.${place}`);
}

function unpacked(value) {
  return typeof value === "string" ? JSON.parse(value) : value;
}

function make(tag, className = "", text = "") {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = text;
  return made;
}

// Only what differs is written: every text that is set anew costs a layout, even where it says the same.
function write(node, text) {
  if (node.textContent !== String(text)) node.textContent = text;
}

// "a 7", and "an 8".
function aDigit(digit) {
  return `${digit === 8 ? "an" : "a"} ${digit}`;
}

// The colour of a net, by its index, for the rules below `node`.
function colour(node, index) {
  node.style.setProperty("--colour", `var(--net-${index})`);
  node.style.setProperty("--colour-text", `var(--net-text-${index})`);
}

// Listen to events of the page for as long as the panel is in it.
function listenOn(target, type, then) {
  const heard = (event) => (element.isConnected ? then(event) : target.removeEventListener(type, heard));
  target.addEventListener(type, heard);
}

