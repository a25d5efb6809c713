const line = element.querySelector(".saver");

function save({ name, data, type, hint }) {
  line.textContent = hint || `${name} saved`;
  if (!data) return;
  const bytes = Uint8Array.from(atob(data), (character) => character.charCodeAt(0));
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([bytes], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

watch("value", () => props.value && save(props.value));
