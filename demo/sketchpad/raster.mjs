// An image in plain memory onto which the stamps are blended, byte for byte as PIL does it in
// architectures/input/inking.py. The browser's own anti-aliasing differs from machine to machine; this does not.
import { PAD_PX } from "./pen.mjs";

const SOFT_EDGE_PX = 2; // both as in architectures/input/inking.py
const OUTSIDE_PX = 0.5;

export class Raster {
  // `scale` px of this image are one px of the pad.
  constructor(widthPx, heightPx = widthPx, scale = widthPx / PAD_PX) {
    this.widthPx = widthPx;
    this.heightPx = heightPx;
    this.scale = scale;
    this.image = new ImageData(widthPx, heightPx);
    this.clear();
  }

  clear() {
    new Uint32Array(this.image.data.buffer).fill(0xff000000);
    this.dirty = null;
    this.touch();
  }

  // Lay square RGBA pixels over the whole: as they are, or between four neighbours where the sizes differ.
  ground({ data, widthPx }) {
    if (widthPx === this.widthPx) this.image.data.set(data);
    else this.#stretch(data, widthPx);
    this.touch();
  }

  stamp({ x, y, radius, rgb }) {
    x *= this.scale;
    y *= this.scale;
    radius *= this.scale;
    const outer = radius + OUTSIDE_PX;
    const inner = outer - SOFT_EDGE_PX;
    const full = inner > 0 ? inner * inner : -1;
    const left = Math.max(0, Math.floor(x - outer));
    const top = Math.max(0, Math.floor(y - outer));
    const right = Math.min(this.widthPx, Math.ceil(x + outer) + 1);
    const bottom = Math.min(this.heightPx, Math.ceil(y + outer) + 1);
    if (left >= right || top >= bottom) return;
    const data = this.image.data;
    const [r, g, b] = rgb;
    for (let row = top; row < bottom; row++) {
      const dy = row + 0.5 - y;
      let at = (row * this.widthPx + left) * 4;
      for (let column = left; column < right; column++, at += 4) {
        const dx = column + 0.5 - x;
        const squared = dy * dy + dx * dx;
        if (squared <= full) {
          data[at] = r;
          data[at + 1] = g;
          data[at + 2] = b;
          continue;
        }
        const mask = Math.floor((outer - Math.sqrt(squared)) * (255 / SOFT_EDGE_PX) + 0.5);
        if (mask <= 0) continue;
        const share = mask > 255 ? 255 : mask;
        data[at] = blend(share, data[at], r);
        data[at + 1] = blend(share, data[at + 1], g);
        data[at + 2] = blend(share, data[at + 2], b);
      }
    }
    this.#touch(left, top, right, bottom);
  }

  // Put what has changed since the last time on a canvas of the same size.
  show(context) {
    if (this.dirty === null) return;
    const { left, top, right, bottom } = this.dirty;
    context.putImageData(this.image, 0, 0, left, top, right - left, bottom - top);
    this.dirty = null;
  }

  // All of it is to be shown again.
  touch() {
    this.#touch(0, 0, this.widthPx, this.heightPx);
  }

  #stretch(data, sidePx) {
    const out = this.image.data;
    const last = sidePx - 1;
    const step = sidePx / this.widthPx;
    const near = (i) => Math.min(last, Math.max(0, (i + 0.5) * step - 0.5));
    for (let row = 0, at = 0; row < this.heightPx; row++) {
      const y = near(row);
      const top = Math.floor(y);
      const down = y - top;
      const below = Math.min(last, top + 1);
      for (let column = 0; column < this.widthPx; column++, at++) {
        const x = near(column);
        const left = Math.floor(x);
        const across = x - left;
        const beside = Math.min(last, left + 1);
        for (let channel = 0; channel < 3; channel++) {
          const of = (r, c) => data[(r * sidePx + c) * 4 + channel];
          const upper = of(top, left) * (1 - across) + of(top, beside) * across;
          const lower = of(below, left) * (1 - across) + of(below, beside) * across;
          out[at * 4 + channel] = upper * (1 - down) + lower * down;
        }
      }
    }
  }

  #touch(left, top, right, bottom) {
    const d = this.dirty;
    this.dirty =
      d === null
        ? { left, top, right, bottom }
        : {
            left: Math.min(d.left, left),
            top: Math.min(d.top, top),
            right: Math.max(d.right, right),
            bottom: Math.max(d.bottom, bottom),
          };
  }
}

// BLEND and DIV255 of PIL's Paste.c: division by 255 with rounding, without a division.
const blend = (mask, below, above) => {
  const sum = below * (255 - mask) + above * mask + 128;
  return ((sum >> 8) + sum) >> 8;
};
