const root = find("challenge-predictions");

function cellOf(digit, label, training) {
  const cell = make("td", digit === null ? "none" : digit === label ? "correct" : "fooled");
  if (digit === null) return cell;
  cell.append(make("b", "", digit));
  cell.setAttribute("aria-label", `${training}: ${digit}, ${digit === label ? "correct" : "fooled"}`);
  return cell;
}

function lineOf(net) {
  const line = make("tr");
  line.style.setProperty("--colour", `var(--net-${net.colour})`);
  const name = make("th", "", net.name);
  name.scope = "row";
  line.append(name, cellOf(net.digits[0], net.label, "on MNIST alone"), cellOf(net.digits[1], net.label, "with the pen"));
  return line;
}

function show(value) {
  find("problem").textContent = value?.problem ?? "";
  root.classList.toggle("answered", Boolean(value?.headline));
  if (!value?.headline) return;
  find("given").src = value.image;
  find("given").alt = `Your ${value.prompt}`;
  find("asked").textContent = `asked for: ${value.prompt}`;
  find("headline").textContent = value.headline;
  find("nets").hidden = !value.nets.length;
  find("nets tbody").replaceChildren(...value.nets.map(lineOf));
  find("note").textContent = value.note;
  find("next").textContent = Number.isInteger(value.next) ? `Next: draw ${aDigit(value.next)}` : "Next";
  root.scrollIntoView({ block: "nearest" });
  find("next").focus({ preventScroll: true });
}

function next() {
  root.classList.remove("answered");
  document.querySelector("#challenge-pad")?.scrollIntoView({ block: "nearest" });
}

find("next").addEventListener("click", next);
// Whoever draws on has read enough.
document.addEventListener("pointerdown", (event) => {
  if (event.target.closest?.("#challenge-pad canvas") && root.classList.contains("answered")) next();
});

watch("value", () => show(props.value));
show(props.value);
