/**
 * A copy of plain JSON, at a tenth of what `structuredClone` costs: worlds are made of it, and every exchange is kept as
 * one. What is no plain JSON is left to `structuredClone`.
 */
export function copyOf<T>(value: T): T;
export function copyOf(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((one: unknown) => copyOf(one));
  if (Object.getPrototypeOf(value) !== Object.prototype) return structuredClone(value);
  const copy: Record<string, unknown> = { ...value };
  for (const name in copy) {
    const one = copy[name];
    if (typeof one === 'object' && one !== null) copy[name] = copyOf(one);
  }
  return copy;
}
