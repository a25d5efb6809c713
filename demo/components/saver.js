const line = element.querySelector(".saver");

function save({ name, data, type, hint }) {
  line.textContent = hint;
  if (!data) return;
  const bytes = Uint8Array.from(atob(data), (character) => character.charCodeAt(0));
  const blob = new Blob([bytes], { type });
  const saving = new CustomEvent("saving", { detail: { name, blob }, cancelable: true });
  if (!document.dispatchEvent(saving)) return; // somebody shares it instead
  line.textContent = `${name} saved`;
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

watch("value", () => props.value && save(props.value));
