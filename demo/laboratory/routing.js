const line = find("line");
const body = find("body");
const range = element.querySelector("input");
const play = find("play");
const which = find("which");
const sentence = find("sentence");
const lengths = find("lengths");
const [votes, maps] = ["votes", "maps"].map((name) => element.querySelector(`img.${name}`));
const [aboutVotes, aboutMaps] = element.querySelectorAll("figcaption");
const high = find("high");
const BEAT_MS = 900;
let beat = null;

lengths.append(
  ...Array.from({ length: 10 }, (_, digit) => {
    const item = make("li");
    const bar = make("div");
    bar.append(make("i"));
    item.append(bar, make("b", "", digit), make("span"));
    return item;
  }),
);

function bars(one, digit) {
  [...lengths.children].forEach((item, at) => {
    item.style.setProperty("--length", one ? one.lengths[at] : 0);
    item.classList.toggle("chosen", at === digit);
    item.querySelector("span").textContent = one ? one.lengths[at].toFixed(2) : "";
  });
}

function story(value, at) {
  const { digit, iterations } = value;
  const percent = (share) => `${(100 * share).toFixed(0)} %`;
  const now = iterations[at];
  if (iterations.length === 1)
    return `In its one step, the small capsule most taken with ${digit} gives it ${percent(now.strongest)} of its vote.`;
  if (at === 0)
    return `At first every small capsule shares its vote evenly, 10 % for each digit. Capsule ${digit} is ${now.lengths[digit].toFixed(2)} long.`;
  const before = iterations[at - 1].lengths[digit];
  const after = now.lengths[digit];
  const change = after > before + 0.005 ? "grew" : after < before - 0.005 ? "shrank" : "hardly changed";
  return `The small capsule most taken with ${digit} now gives it ${percent(now.strongest)} of its vote. Capsule ${digit} ${change}, from ${before.toFixed(2)} to ${after.toFixed(2)}.`;
}

// Every iteration of the run is here, so that neither slider nor play button needs a request.
function pick() {
  const value = props.value;
  const count = value.iterations.length;
  const at = Math.min(Number(range.value), count) - 1;
  const one = value.iterations[at];
  which.textContent = `Iteration ${at + 1} of ${count}`;
  range.ariaValueText = which.textContent;
  sentence.textContent = story(value, at);
  bars(one, value.digit);
  votes.src = one.votes;
  maps.src = one.maps;
  aboutVotes.textContent = `Where the votes come from: amber for ${value.digit}, blue against it.`;
  const [rows, columns] = value.grid;
  aboutMaps.textContent = `Each square is one type of small capsule, ${value.types} in all, at ${rows} × ${columns} places on the image. The brighter, the more of its vote goes to ${value.digit}; an even share would be 0.10.`;
  high.textContent = value.most.toFixed(2);
}

function stop() {
  clearInterval(beat);
  beat = null;
  play.classList.remove("playing");
  play.lastElementChild.textContent = "Play";
}

function step(to) {
  range.value = to;
  pick();
}

play.addEventListener("click", () => {
  if (beat !== null) return stop();
  play.classList.add("playing");
  play.lastElementChild.textContent = "Stop";
  step(1);
  beat = setInterval(() => {
    if (Number(range.value) >= props.value.iterations.length || !element.isConnected) stop();
    else step(Number(range.value) + 1);
  }, BEAT_MS);
});

function show(value) {
  stop();
  const empty = !value || !value.iterations;
  line.textContent = (value && value.line) || "";
  const single = !empty && value.iterations.length === 1;
  range.disabled = play.disabled = empty || single;
  body.classList.toggle("empty", empty);
  body.classList.toggle("single", single);
  if (empty) {
    [votes, maps].forEach((image) => image.removeAttribute("src"));
    [which, sentence, aboutVotes, aboutMaps].forEach((text) => (text.textContent = ""));
    bars(null, -1);
    return;
  }
  if (Number(range.max) !== value.iterations.length) {
    range.max = value.iterations.length;
    range.value = Math.min(3, value.iterations.length);
  }
  pick();
}

range.addEventListener("input", () => {
  stop();
  if (props.value && props.value.iterations) pick();
});
watch("value", () => show(props.value));
show(props.value);
