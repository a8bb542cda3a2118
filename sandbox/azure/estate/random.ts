/** Taken out once: with millions of calls, looking up a global costs more than the arithmetic. */
const { imul, floor } = Math;

/** A small seeded generator (mulberry32): the same seed tells the same story. */
export function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = imul(t ^ (t >>> 15), t | 1);
    t ^= t + imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** A GUID made from the generator's numbers. */
export function guid(next: () => number): string {
  const hex = Array.from({ length: 32 }, () => floor(next() * 16).toString(16)).join('');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20)}`;
}
