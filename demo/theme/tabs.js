// The tab is in the address: ?tab=gallery. Back and forward work, and each tab's address can be sent. The fragment is left
// alone: it holds a drawing.
(() => {
  const SETTLES_MS = 40; // until Gradio has taken up what the pad sent last
  const PATIENCE_MS = 5000;
  const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
  const settled = new Promise((resolve) => document.addEventListener("sketchpad:settled", resolve, { once: true }));
  const name = (tab) => tab.textContent.trim().toLowerCase().replace(/\s+/g, "-");
  const tabs = () => [...document.querySelectorAll(".tab-container:not(.visually-hidden) [role=tab]")];
  const wanted = () => new URLSearchParams(location.search).get("tab");
  const chosen = () => tabs().find((tab) => tab.getAttribute("aria-selected") === "true");

  // "laboratory" stands for "capsule-laboratory" too.
  const called = (wish) => tabs().find((tab) => name(tab) === wish) ?? tabs().find((tab) => name(tab).includes(wish));

  const open = (wish) => {
    const tab = wish ? called(wish) : tabs()[0];
    if (tab && tab !== chosen()) tab.click();
    return tab !== undefined;
  };

  let last = null; // the tab that the address names
  const note = () => {
    const tab = chosen();
    if (tab === undefined || name(tab) === last) return;
    const first = tab === tabs()[0];
    const address = new URL(location.href);
    if (first) address.searchParams.delete("tab");
    else address.searchParams.set("tab", name(tab));
    if (last !== null && String(address) !== location.href) history.pushState(null, "", address);
    last = name(tab);
  };

  // A tab looks at the pad when it is opened: the drawing of a link, or what was left there, has to be on it by then.
  const openOnceSettled = async (wish) => {
    const before = chosen();
    await Promise.race([settled.then(() => wait(SETTLES_MS)), wait(PATIENCE_MS)]);
    if (chosen() === before) open(wish);
  };

  const start = () => {
    if (tabs().length === 0) return false;
    const wish = wanted();
    if (wish) openOnceSettled(wish.toLowerCase());
    last = name(wish ? (called(wish.toLowerCase()) ?? tabs()[0]) : tabs()[0]);
    const strip = document.querySelector(".tab-container:not(.visually-hidden)").parentElement;
    new MutationObserver(note).observe(strip, { subtree: true, attributeFilter: ["aria-selected"] });
    return true;
  };

  addEventListener("popstate", () => {
    const tab = wanted() ? called(wanted().toLowerCase()) : tabs()[0];
    if (tab === undefined) return;
    last = name(tab); // it is where the address is already
    if (tab !== chosen()) tab.click();
  });
  addEventListener("tab:open", ({ detail }) => open(detail));

  const waiting = new MutationObserver(() => start() && waiting.disconnect());
  waiting.observe(document, { subtree: true, childList: true });
})();
