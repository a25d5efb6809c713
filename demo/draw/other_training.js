// What the nets of the other training say, told to the rest of the page.
watch("value", () => {
  const value = props.value && unpacked(props.value);
  if (value && !value.empty) document.dispatchEvent(new CustomEvent("predictions", { detail: value }));
});
