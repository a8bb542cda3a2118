const classes: Readonly<Record<string, string>> = {
  space: '\\s',
  blank: ' \\t',
  digit: '0-9',
  alpha: 'A-Za-z',
  alnum: 'A-Za-z0-9',
  upper: 'A-Z',
  lower: 'a-z',
  punct: '!-\\/:-@\\[-`{-~',
};

/** A POSIX pattern as JavaScript writes it. In a basic one `( ) { } + ? |` are themselves until they are escaped. */
export function regularExpression(pattern: string, kind: 'basic' | 'extended' | 'fixed'): string {
  if (kind === 'fixed') return pattern.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const named = pattern.replace(/\[:(\w+):\]/g, (all, name: string) => classes[name] ?? all);
  if (kind === 'extended') return named;
  const starred = named.replace(/^(\^?)\*/, '$1\\*');
  return starred.replace(/\[\^?\]?[^\]]*\]|\\.|[(){}+?|]/gs, (found) => {
    if (found.length === 1) return `\\${found}`;
    if (found.startsWith('\\') && /[(){}+?|]/.test(found)) return found.slice(1);
    return found;
  });
}
