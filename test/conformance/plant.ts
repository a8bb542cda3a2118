/** A copy with one mistake in it: `value` at this place (`requestBody/attachments/0/type`); undefined takes away what is there. */
export function plant<T extends object>(right: T, at: string, value: unknown): T {
  const copy = structuredClone(right);
  const names = at.split('/');
  const last = names.pop() ?? '';
  let inner = copy as Record<string, unknown>;
  for (const name of names) {
    const next = inner[name];
    if (typeof next !== 'object' || next === null) throw new Error(`nothing at ${at}`);
    inner = next as Record<string, unknown>;
  }
  if (value === undefined) delete inner[last];
  else inner[last] = value;
  return copy;
}
