// One step at a time: the laboratory shows the one whose number it carries.
const list = element.querySelector("ol");
const titles = props.value.steps;

function open(number, focus = false) {
  document.getElementById("laboratory").dataset.step = number;
  [...list.children].forEach((item, at) => {
    const chosen = at + 1 === number;
    const button = item.firstElementChild;
    button.setAttribute("aria-selected", chosen);
    button.tabIndex = chosen ? 0 : -1;
    if (chosen && focus) button.focus();
  });
}

list.append(
  ...titles.map((title, at) => {
    const button = make("button");
    button.type = "button";
    button.role = "tab";
    button.setAttribute("aria-controls", `step-${at + 1}`);
    button.append(make("i", "", at + 1), make("span", "", title));
    button.addEventListener("click", () => open(at + 1));
    const item = make("li");
    item.role = "presentation";
    item.append(button);
    return item;
  }),
);

list.addEventListener("keydown", (event) => {
  const moves = { ArrowRight: 1, ArrowLeft: -1 };
  if (!(event.key in moves)) return;
  event.preventDefault();
  const at = Number(document.getElementById("laboratory").dataset.step) - 1;
  open(((at + moves[event.key] + titles.length) % titles.length) + 1, true);
});

open(1);
