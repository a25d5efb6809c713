const root = find("challenge-prompt");

function show(value) {
  if (!value) return;
  const asked = value.digit !== undefined;
  if (asked) {
    const words = value.digit === 8 ? "Draw an" : "Draw a";
    find("words").textContent = words;
    find("digit").textContent = value.digit;
    const hint = document.querySelector("#challenge-pad .sketchpad-hint");
    if (hint) hint.textContent = `${words} ${value.digit}`;
  }
  root.classList.toggle("refused", !asked && !find("digit").textContent);
  find("problem").textContent = value.problem ?? "";
  find("notice").textContent = value.notice ?? "";
  find("lasting").hidden = contributor.lasting();
  find("own-tab").href = window.location.href;
}

watch("value", () => show(props.value));
show(props.value);
