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

