// What was on the pad before each act, and after those that were undone. A state is whatever the pad gives; it never
// changes afterwards.
const MOST = 200; // acts that can be undone

export class History {
  constructor() {
    this.past = [];
    this.future = [];
  }

  // An act is about to change `state`.
  note(state) {
    this.past.push(state);
    if (this.past.length > MOST) this.past.shift();
    this.future = [];
  }

  // The state before the last act, or null; `state` is the one that is left.
  back(state) {
    if (this.past.length === 0) return null;
    this.future.push(state);
    return this.past.pop();
  }

  forth(state) {
    if (this.future.length === 0) return null;
    this.past.push(state);
    return this.future.pop();
  }
}
