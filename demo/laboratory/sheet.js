const image = element.querySelector("img");
const list = element.querySelector("ol");
const mark = element.querySelector("i");

function show(value) {
  mark.hidden = !value || !value.image;
  if (mark.hidden) image.removeAttribute("src");
  else image.src = value.image;
  const rows = (value && value.rows) || [];
  while (list.children.length < rows.length) list.append(make("li"));
  while (list.children.length > rows.length) list.lastChild.remove();
  rows.forEach((row, at) => (list.children[at].textContent = row.name ? `${row.index + 1} ${row.name}` : row.index + 1));
  if (rows.length) image.style.aspectRatio = `318 / ${29 * rows.length - 1}`;
}

watch("value", () => show(props.value));
show(props.value);
