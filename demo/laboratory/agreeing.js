const line = element.querySelector(".line");
const body = element.querySelector(".body");
const range = element.querySelector("input");
const chosen = element.querySelector(".choose span");
const lengths = element.querySelector(".lengths");
const [votes, maps] = ["votes", "maps"].map((name) => element.querySelector(`img.${name}`));
const [aboutVotes, aboutMaps] = element.querySelectorAll("figcaption");
const sums = element.querySelector(".sums");

lengths.append(
  ...Array.from({ length: 10 }, (_, digit) => {
    const item = document.createElement("li");
    const bar = document.createElement("div");
    bar.append(document.createElement("i"));
    item.append(bar, Object.assign(document.createElement("b"), { textContent: digit }), document.createElement("span"));
    return item;
  }),
);

function clear() {
  [votes, maps].forEach((image) => image.removeAttribute("src"));
  [chosen, aboutVotes, aboutMaps, sums].forEach((text) => (text.textContent = ""));
}

function bars(one, digit) {
  [...lengths.children].forEach((item, at) => {
    item.style.setProperty("--length", one ? one.lengths[at] : 0);
    item.classList.toggle("chosen", at === digit);
    item.querySelector("span").textContent = one ? one.lengths[at].toFixed(2) : "";
  });
}

// Every iteration of the run is here, so that the slider needs no request.
function pick() {
  const value = props.value;
  const one = value.iterations[Math.min(Number(range.value), value.iterations.length) - 1];
  chosen.textContent = `Iteration ${Math.min(Number(range.value), value.iterations.length)} of ${value.iterations.length}`;
  bars(one, value.digit);
  votes.src = one.votes;
  maps.src = one.maps;
  const length = one.lengths[value.digit].toFixed(3);
  aboutVotes.textContent = `Where the votes for ${value.digit} come from (amber for it, blue against). All of the map adds up to ${one.laid.toFixed(3)}: the votes' sum is ${one.s.toFixed(3)} long, squashed to ${length}.`;
  const [rows, columns] = value.grid;
  aboutMaps.textContent = `Couplings to ${value.digit}: ${value.types} types of primary capsules at ${rows} x ${columns} places. Black is 0, the brightest ${value.most.toFixed(3)}; an even share would be 0.1.`;
  sums.textContent = `Each of the ${value.inputs.toLocaleString("en")} primary capsules shares one vote among the ten digits: their sums lie between ${one.lowest.toFixed(6)} and ${one.highest.toFixed(6)}.`;
}

function show(value) {
  const empty = !value || !value.iterations;
  line.textContent = (value && value.line) || "";
  range.disabled = empty || value.iterations.length === 1;
  body.classList.toggle("empty", empty);
  if (empty) {
    clear();
    bars(null, -1);
    return;
  }
  if (Number(range.max) !== value.iterations.length) {
    range.max = value.iterations.length;
    range.value = Math.min(3, value.iterations.length);
  }
  pick();
}

range.addEventListener("input", () => props.value && props.value.iterations && pick());
watch("value", () => show(props.value));
show(props.value);
