/** `1 machine`, `1,204 machines`. */
export function many(n: number, noun: string): string {
  return `${n.toLocaleString('en-US')} ${noun}${n === 1 ? '' : 's'}`;
}

/** `a`, `a and b`, `a, b, c and 4 more`. */
export function listed(items: readonly string[], atMost = 3): string {
  const more = items.length - atMost;
  const shown = more > 0 ? [...items.slice(0, atMost), `${more.toLocaleString('en-US')} more`] : items;
  return shown.length < 2 ? (shown[0] ?? '') : `${shown.slice(0, -1).join(', ')} and ${shown.at(-1)}`;
}
