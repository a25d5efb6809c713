const root = element.querySelector(".challenge-verdicts");

function lineOf(net) {
  const line = make("li", net.right ? "right" : "wrong");
  line.style.setProperty("--colour", `var(--net-${net.colour})`);
  line.append(make("span", "mark", net.right ? "✓" : "✗"), make("span", "read", net.digit), make("span", "name", net.name));
  return line;
}

function show(value) {
  root.classList.toggle("empty", !value?.headline);
  find("problem").textContent = value?.problem ?? "";
  if (!value?.headline) return;
  find("given").src = value.image;
  find("given").alt = `Your ${value.asked}`;
  find("asked").textContent = `asked for: ${value.asked}`;
  find("headline").textContent = value.headline;
  find("nets").replaceChildren(...value.nets.map(lineOf));
  find("note").textContent = value.note;
}

watch("value", () => show(props.value));
show(props.value);
