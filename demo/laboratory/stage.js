const laboratory = () => document.getElementById("laboratory");
const images = {
  drawing: element.querySelector("img.drawing"),
  input: element.querySelector("img.input"),
  decoded: element.querySelector("img.result"),
  strip: element.querySelector(".strip img"),
};
const strip = find("strip");
const said = find("said");
const caption = element.querySelector(".large figcaption");
const capsules = find("capsules");

capsules.append(
  ...Array.from({ length: 10 }, (_, digit) => {
    const button = make("button");
    button.type = "button";
    button.dataset.digit = digit;
    const track = make("span", "track");
    track.append(make("i"));
    button.append(track, make("b", "", digit));
    const item = make("li");
    item.append(button);
    return item;
  }),
);

function choose(value) {
  [...capsules.children].forEach((item, digit) => {
    const length = value.lengths[digit];
    const button = item.firstElementChild;
    button.style.setProperty("--length", length);
    button.setAttribute("aria-pressed", digit === value.digit);
    button.classList.toggle("longest", digit === value.longest);
    button.ariaLabel = `look into capsule ${digit}, ${length.toFixed(2)} long`;
    button.title = `${digit}: ${length.toFixed(2)} long`;
  });
}

// An answer to a slider brings the decoded digit and the strip alone; the rest stays.
function show(value) {
  if (!value) {
    laboratory().dataset.state = "loading";
    return;
  }
  if (value.kept) {
    said.textContent = value.kept;
    return;
  }
  if (value.hint) {
    laboratory().dataset.state = value.empty ? "empty" : "refused";
    Object.values(images).forEach((image) => image.removeAttribute("src"));
    said.textContent = value.hint;
    return;
  }
  laboratory().dataset.state = "full";
  for (const [name, image] of Object.entries(images)) if (value[name]) image.src = value[name];
  strip.classList.toggle("blank", !value.strip);
  if (value.lengths) {
    choose(value);
    caption.textContent = `what capsule ${value.digit} draws`;
    said.textContent =
      value.digit === value.longest
        ? `Looking into ${value.digit}, the longest capsule.`
        : `Looking into ${value.digit}; the longest capsule is ${value.longest}.`;
  } else said.textContent = value.moved ? `Eleven steps of ${value.moved}; the one framed is where it stands.` : "";
}

capsules.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button) trigger("select", { digit: Number(button.dataset.digit) });
});

watch("value", () => show(props.value));
show(props.value);
