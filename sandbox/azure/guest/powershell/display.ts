import { Block, PsObject, Table, TypeName, toText, type Value } from './values';

/** How objects look when nobody takes them: four properties make a table, more a list. */
export function display(values: readonly Value[]): string {
  let text = '';
  let group: PsObject[] = [];
  const flush = () => {
    if (group.length > 0) text += objects(group);
    group = [];
  };
  for (const value of values.flat() as Value[]) {
    if (value instanceof PsObject && value.text === undefined) {
      if (group[0] && columns(group[0]).join() !== columns(value).join()) flush();
      group.push(value);
      continue;
    }
    flush();
    text += single(value);
  }
  flush();
  return text;
}

function single(value: Value): string {
  if (value === null) return '';
  if (value instanceof Table) {
    const rows = value.bag.entries.map(([name, v]) => PsObject.of('DictionaryEntry', { Name: name, Value: v }));
    return table(rows, ['Name', 'Value']);
  }
  if (value instanceof Block) return `${value.text}\n`;
  if (value instanceof TypeName) return `${toText(value)}\n`;
  if (value instanceof Date) {
    const day = value.toLocaleDateString('en-US', {
      weekday: 'long',
      month: 'long',
      day: 'numeric',
      year: 'numeric',
      timeZone: 'UTC',
    });
    return `\n${day} ${value.toLocaleTimeString('en-US', { timeZone: 'UTC' })}\n`;
  }
  if (value instanceof PsObject && (value.shown || value.type === 'System.Version')) return objects([value]);
  return `${toText(value)}\n`;
}

const columns = (object: PsObject): readonly string[] => object.shown ?? object.bag.names;

function objects(group: readonly PsObject[]): string {
  const names = columns(group[0] as PsObject);
  if (names.length === 0) return `${(group[0] as PsObject).type}\n`.repeat(group.length);
  const isTable = group[0]?.shown !== undefined || names.length <= 4;
  return isTable ? table(group, names) : list(group, names);
}

const cell = (value: Value | undefined): string =>
  Array.isArray(value) ? `{${value.map(toText).join(', ')}}` : toText(value);

export function table(rows: readonly PsObject[], names: readonly string[]): string {
  const cells = rows.map((row) => names.map((name) => cell(row.bag.get(name))));
  const isNumber = names.map((name) => rows.every((row) => typeof row.bag.get(name) === 'number'));
  const widths = names.map((name, i) => Math.max(name.length, ...cells.map((line) => (line[i] ?? '').length)));
  const line = (parts: readonly string[]) =>
    parts
      .map((part, i) => (isNumber[i] ? part.padStart(widths[i] ?? 0) : part.padEnd(widths[i] ?? 0)))
      .join(' ')
      .trimEnd();
  const rule = names.map((name) => '-'.repeat(name.length));
  return `\n${[line(names), line(rule), ...cells.map(line)].join('\n')}\n\n\n`;
}

export function list(rows: readonly PsObject[], names: readonly string[]): string {
  const width = Math.max(...names.map((name) => name.length));
  const blocks = rows.map((row) =>
    names.map((name) => `${name.padEnd(width)} : ${cell(row.bag.get(name))}`).join('\n'),
  );
  return `\n\n${blocks.join('\n\n')}\n\n\n\n`;
}
