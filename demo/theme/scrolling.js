// A finger that scrolls the page past a slider leaves it alone. Browsers move a slider to where the finger comes down and
// find out only then that it scrolls, so that first move is held back until the finger has gone sideways or is lifted.
(() => {
  let finger = null; // on a slider, and whether it slides or scrolls is not known yet

  const slides = () => {
    const { slider, moved } = finger;
    finger = null;
    if (moved) slider.dispatchEvent(new Event("input", { bubbles: true }));
  };

  const listen = (type, then) => addEventListener(type, (event) => finger && then(event), { capture: true });

  addEventListener(
    "pointerdown",
    ({ target, pointerType, clientX, clientY }) => {
      const touched = pointerType === "touch" && target instanceof HTMLInputElement && target.type === "range";
      finger = touched ? { slider: target, before: target.value, x: clientX, y: clientY, moved: false } : null;
    },
    { capture: true },
  );
  listen("input", (event) => {
    if (event.target !== finger.slider) return;
    finger.moved = true;
    event.stopImmediatePropagation();
  });
  listen("pointermove", ({ clientX, clientY }) => {
    if (Math.abs(clientX - finger.x) > Math.abs(clientY - finger.y)) slides();
  });
  listen("pointerup", slides);
  listen("pointercancel", () => {
    finger.slider.value = finger.before;
    finger = null;
  });
})();
