const SIDE = 28;
const canvas = element.querySelector("canvas");
const pixel = find("pixel");
const lines = find("lines");
const context = canvas.getContext("2d");
const CELL = canvas.width / SIDE;
const HINT = "Point at a pixel to read its value.";

function show(value) {
  context.fillStyle = "#000";
  context.fillRect(0, 0, canvas.width, canvas.height);
  lines.replaceChildren(...((value && value.lines) || []).map((line) => make("p", "", line)));
  pixel.textContent = HINT;
  if (!value) return;
  value.pixels.forEach((light, at) => {
    context.fillStyle = `rgb(${Array(3).fill(Math.round(255 * light))})`;
    context.fillRect((at % SIDE) * CELL, Math.floor(at / SIDE) * CELL, CELL, CELL);
  });
}

canvas.addEventListener("pointermove", (event) => {
  const box = canvas.getBoundingClientRect();
  const [column, row] = [event.clientX - box.left, event.clientY - box.top].map((px) =>
    Math.min(SIDE - 1, Math.max(0, Math.floor((px / box.width) * SIDE))),
  );
  if (props.value) pixel.textContent = `Row ${row + 1}, column ${column + 1}: ${props.value.pixels[row * SIDE + column].toFixed(2)}`;
});
canvas.addEventListener("pointerleave", () => (pixel.textContent = HINT));

watch("value", () => show(props.value));
show(props.value);
