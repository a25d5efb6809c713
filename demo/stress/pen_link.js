// A link such as ?pen={"widest_px":12,...} puts its pen on the pad as soon as there is one.
(() => {
  const text = new URLSearchParams(location.search).get("pen");
  if (text === null) return;
  const isField = (value, usual) => typeof value === typeof usual || (value !== null && usual === null) || value === null;
  const use = () => {
    const pad = document.querySelector("#pad .sketchpad")?.sketchpad;
    if (!pad) return;
    removeEventListener("sketchpad:ready", use);
    let taken = false;
    try {
      const wanted = Object.entries(JSON.parse(text)).filter(([field, value]) => field in pad.pen && isField(value, pad.pen[field]));
      taken = pad.setPen(Object.fromEntries(wanted), true);
    } catch {
      // it is not JSON, or no object
    }
    if (!taken) pad.say("This link holds no pen that can draw: the pad keeps its own.", "warning");
  };
  addEventListener("sketchpad:ready", use);
  use();
})();
