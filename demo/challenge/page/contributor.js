// Who this browser is to the challenge: a random key and a nickname, kept in localStorage. Whoever holds the key may see
// and delete what was submitted under it. Nothing is remembered between two readings, since another tab may have made or
// forgotten the key meanwhile; it is written only when there is none. Where storage is refused, as in a frame of another
// site without third-party cookies, both last for the visit, and `lasting` is false.
window.contributor = (() => {
  const KEY = "handwritten-digit-challenge.key";
  const NICKNAME = "handwritten-digit-challenge.nickname";
  const visit = {};

  function attempt(act, otherwise) {
    try {
      return act(window.localStorage);
    } catch {
      return otherwise; // refused, or full
    }
  }

  function lasting() {
    return attempt((storage) => {
      storage.setItem(`${KEY}.probe`, "1");
      storage.removeItem(`${KEY}.probe`);
      return true;
    }, false);
  }

  const read = (name) => attempt((storage) => storage.getItem(name), null) ?? visit[name] ?? "";

  function write(name, value) {
    visit[name] = value;
    attempt((storage) => storage.setItem(name, value));
  }

  function key() {
    const found = read(KEY);
    return /^[0-9a-f]{32}$/.test(found) ? found : "";
  }

  function ensure() {
    if (!key()) {
      const bytes = crypto.getRandomValues(new Uint8Array(16));
      write(KEY, Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(""));
    }
    return key(); // what is kept, should another tab have been quicker
  }

  function forget() {
    for (const name of [KEY, NICKNAME]) {
      delete visit[name];
      attempt((storage) => storage.removeItem(name));
    }
  }

  // Another tab has made or forgotten a key: what this one shows of the person is told to follow.
  window.addEventListener("storage", (event) => {
    if (event.key === null || event.key === KEY) {
      if (event.key === null || event.newValue === null) delete visit[KEY];
      document.dispatchEvent(new CustomEvent("contributor"));
    }
  });

  // What a person draws with is one of the scoreboard's slices.
  let pointer = "unknown";
  document.addEventListener(
    "pointerdown",
    (event) => {
      if (event.target.closest?.("#challenge-pad canvas")) pointer = event.pointerType || "unknown";
    },
    true,
  );

  return {
    key,
    ensure,
    forget,
    lasting,
    nickname: () => read(NICKNAME),
    rename: (name) => write(NICKNAME, String(name ?? "").slice(0, 24)),
    device: () => pointer,
  };
})();
