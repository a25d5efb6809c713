// What outlives a reload of the page, and goes when its tab is closed. No two tabs share it. Where a browser refuses
// storage, nothing is kept and nothing else changes.
const PREFIX = "digit-challenge:";

export const keep = (name, value) => {
  if (!name) return;
  try {
    sessionStorage.setItem(PREFIX + name, JSON.stringify(value));
  } catch {
    // refused, or full
  }
};

export const kept = (name) => {
  try {
    return JSON.parse(sessionStorage.getItem(PREFIX + name));
  } catch {
    return null;
  }
};
