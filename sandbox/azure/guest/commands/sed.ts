import { type Call, fail, inputs, lines, options, path, unmodelled } from './call';
import { regularExpression } from './regular-expression';

type Address = { readonly line: number } | { readonly last: true } | { readonly pattern: RegExp };

interface Edit {
  readonly from?: Address;
  readonly to?: Address;
  readonly negated: boolean;
  readonly command: string;
  readonly pattern?: RegExp;
  readonly text: string;
  readonly print: boolean;
}

/** `sed [-n] [-i] [-E] [-e] 'EDIT;EDIT' FILE…`, where an edit is s, d, p, a, i or c with at most two addresses. */
export function sed(call: Call): number {
  const suffixes = call.args.map((a) => (/^-i./.test(a) && !/^-i[nErs]+$/.test(a) ? '-i' : a));
  const { flags, rest } = options(suffixes.filter((a, i) => a !== '-e' && suffixes[i - 1] !== '-e'));
  const scripts = suffixes.filter((_, i) => suffixes[i - 1] === '-e');
  const files = scripts.length > 0 ? rest : rest.slice(1);
  if (scripts.length === 0) scripts.push(rest[0] ?? '');
  const extended = ['E', 'r', 'regexp-extended'].some((f) => flags.has(f));
  const edits = scripts.flatMap((s) => readEdits(s, extended) ?? [undefined]);
  if (edits.some((e) => e === undefined)) return unmodelled(call);
  const known = edits as readonly Edit[];
  const quiet = flags.has('n') || flags.has('quiet');
  if (!flags.has('i') && !flags.has('in-place')) {
    const { texts, failed } = inputs(call, files);
    for (const line of apply(
      known,
      texts.flatMap(({ text }) => lines(text)),
      quiet,
    ))
      call.out(`${line}\n`);
    return failed ? 2 : 0;
  }
  return inPlace(call, files, (all) => apply(known, all, quiet));
}

function inPlace(call: Call, files: readonly string[], change: (all: string[]) => string[]): number {
  for (const name of files) {
    const at = path(call, name);
    const text = call.state.files.read(at);
    if (text === undefined) return fail(call, `can't read ${name}: No such file or directory`, 2);
    if (!call.state.mayWrite(at)) return fail(call, `couldn't open temporary file ${name}: Permission denied`, 4);
    const changed = change(lines(text));
    call.state.files.write(at, changed.length > 0 ? `${changed.join('\n')}\n` : '');
  }
  return 0;
}

/** Undefined when an edit is not modelled. */
function readEdits(script: string, extended: boolean): Edit[] | undefined {
  const edits: Edit[] = [];
  let rest = script.trim();
  while (rest !== '') {
    const read = readEdit(rest, extended);
    if (!read) return undefined;
    edits.push(read.edit);
    rest = read.rest.replace(/^[\s;]+/, '');
  }
  return edits;
}

function readEdit(script: string, extended: boolean): { edit: Edit; rest: string } | undefined {
  const from = readAddress(script, extended);
  let rest = (from?.rest ?? script).trimStart();
  const to = from && rest.startsWith(',') ? readAddress(rest.slice(1), extended) : undefined;
  rest = (to?.rest ?? rest).trimStart();
  const negated = rest.startsWith('!');
  if (negated) rest = rest.slice(1).trimStart();
  const base = { ...(from && { from: from.address }), ...(to && { to: to.address }), negated };
  const command = rest[0] ?? '';
  if (command === 's') return substitution(rest, base, extended);
  if (command === 'd' || command === 'p')
    return { edit: { ...base, command, text: '', print: false }, rest: rest.slice(1) };
  if (!['a', 'i', 'c'].includes(command)) return undefined;
  const text = rest.slice(1).replace(/^\s*\\?\n?\s*/, '');
  return { edit: { ...base, command, text, print: false }, rest: '' };
}

function readAddress(script: string, extended: boolean): { address: Address; rest: string } | undefined {
  const line = /^\d+/.exec(script)?.[0];
  if (line) return { address: { line: Number(line) }, rest: script.slice(line.length) };
  if (script.startsWith('$')) return { address: { last: true }, rest: script.slice(1) };
  const pattern = /^\/((?:[^/\\]|\\.)*)\/(I?)/.exec(script);
  if (!pattern) return undefined;
  const source = regularExpression((pattern[1] ?? '').replaceAll('\\/', '/'), extended ? 'extended' : 'basic');
  return { address: { pattern: new RegExp(source, pattern[2] ? 'i' : '') }, rest: script.slice(pattern[0].length) };
}

function substitution(
  script: string,
  base: Pick<Edit, 'from' | 'to' | 'negated'>,
  extended: boolean,
): { edit: Edit; rest: string } | undefined {
  const mark = (script[1] ?? '/').replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const shape = new RegExp(`^s${mark}((?:[^\\\\]|\\\\.)*?)${mark}((?:[^\\\\]|\\\\[\\s\\S])*?)${mark}([gIip]*)`, 's');
  const found = shape.exec(script);
  if (!found) return undefined;
  const [all, pattern = '', replacement = '', flags = ''] = found;
  const own = new RegExp(`\\\\${mark.replace('\\', '')}`, 'g');
  const plain = script[1] === '|' || script[1] === '/' ? pattern.replace(own, script[1]) : pattern;
  const source = regularExpression(plain, extended ? 'extended' : 'basic');
  const regex = new RegExp(source, (flags.includes('g') ? 'g' : '') + (/[iI]/.test(flags) ? 'i' : ''));
  const text = replacement
    .replace(/\$/g, '$$$$')
    .replace(/\\([\s\S])|&/g, (token, c: string | undefined) =>
      token === '&' ? '$&' : /\d/.test(c ?? '') ? `$${c}` : c === 'n' ? '\n' : c === 't' ? '\t' : (c ?? ''),
    );
  return {
    edit: { ...base, command: 's', pattern: regex, text, print: flags.includes('p') },
    rest: script.slice(all.length),
  };
}

function apply(edits: readonly Edit[], all: readonly string[], quiet: boolean): string[] {
  const inside = new Map<Edit, boolean>();
  return all.flatMap((original, i) => {
    const before: string[] = [];
    const after: string[] = [];
    let line = original;
    for (const edit of edits) {
      if (applies(edit, inside, { line, number: i + 1, isLast: i === all.length - 1 }) === edit.negated) continue;
      if (edit.command === 'd') return [...before, ...after];
      if (edit.command === 'c') return [...before, edit.text, ...after];
      if (edit.command === 'a') after.push(edit.text);
      else if (edit.command === 'i') before.push(edit.text);
      else if (edit.command === 'p') before.push(line);
      else if (edit.pattern) {
        const hit = new RegExp(edit.pattern.source, edit.pattern.flags.replace('g', '')).test(line);
        line = line.replace(edit.pattern, edit.text);
        if (hit && edit.print) before.push(line);
      }
    }
    return [...before, ...(quiet ? [] : [line]), ...after];
  });
}

interface At {
  readonly line: string;
  readonly number: number;
  readonly isLast: boolean;
}

function applies(edit: Edit, inside: Map<Edit, boolean>, at: At): boolean {
  if (!edit.from) return true;
  if (!edit.to) return matches(edit.from, at);
  if (inside.get(edit)) {
    if (matches(edit.to, at)) inside.set(edit, false);
    return true;
  }
  if (!matches(edit.from, at)) return false;
  inside.set(edit, !('line' in edit.to && edit.to.line <= at.number));
  return true;
}

function matches(address: Address, { line, number, isLast }: At): boolean {
  if ('line' in address) return address.line === number;
  return 'last' in address ? isLast : address.pattern.test(line);
}
