const root = element.querySelector(".challenge-prompt");
const digit = element.querySelector(".digit");
const ask = element.querySelector(".ask");
const problem = element.querySelector(".problem");

// What a person draws with is one of the scoreboard's slices; the hand-in button reads it from here.
if (!document.documentElement.dataset.challengePointer) {
  document.documentElement.dataset.challengePointer = "unknown";
  document.addEventListener(
    "pointerdown",
    (event) => {
      if (event.target.closest("#challenge-pad canvas")) {
        document.documentElement.dataset.challengePointer = event.pointerType || "unknown";
      }
    },
    true,
  );
}

function show(value) {
  if (!value) return;
  const asked = value.digit !== undefined;
  root.classList.toggle("refused", !asked);
  if (asked) {
    const words = value.digit === 8 ? "Draw an" : "Draw a";
    ask.firstChild.textContent = `${words} `;
    digit.textContent = value.digit;
    const hint = document.querySelector("#challenge-pad .sketchpad-hint");
    if (hint) hint.textContent = `${words} ${value.digit}`;
  }
  problem.textContent = value.problem ?? "";
}

watch("value", () => show(props.value));
show(props.value);
