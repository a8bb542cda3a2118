import { type Call, cmdlets } from '../call';
import { memberOf } from '../members';
import { combined, compare, compared, OperatorError, regularExpression, same } from '../operators';
import { gzipStream, memoryStream } from '../streams';
import {
  arrayLists,
  Bag,
  Block,
  customObject,
  itemsOf,
  PsObject,
  Table,
  toBool,
  toNumber,
  toText,
  type Value,
  wildcard,
} from '../values';

/** A property by name, or what a block makes of the object. */
function pick(call: Call, item: Value, by: Value): Value {
  if (by instanceof Block) return last(call.engine.callBlock(by, { _: item }));
  return memberOf(item, toText(by)) ?? null;
}

const last = (values: readonly Value[]): Value => (values.length > 1 ? [...values] : (values[0] ?? null));

/** An object with the properties that were chosen: names, patterns, or `@{Name; Expression}`. */
export function chosen(item: Value, properties: readonly Value[], call: Call): PsObject {
  const bag = new Bag();
  for (const property of properties) {
    if (property instanceof Table) {
      const name =
        property.bag.get('Name') ?? property.bag.get('N') ?? property.bag.get('Label') ?? property.bag.get('L');
      const expression = property.bag.get('Expression') ?? property.bag.get('E') ?? null;
      bag.set(toText(name ?? expression), pick(call, item, expression));
      continue;
    }
    const name = toText(property);
    const own = item instanceof PsObject || item instanceof Table ? item.bag.names : [];
    const names = /[*?]/.test(name) ? own.filter((n) => wildcard(name).test(n)) : [name];
    for (const one of names)
      bag.set(own.find((n) => n.toLowerCase() === one.toLowerCase()) ?? one, memberOf(item, one) ?? null);
  }
  return new PsObject('Selected.System.Management.Automation.PSCustomObject', bag);
}

const flagOperators =
  'EQ NE GT GE LT LE Like NotLike Match NotMatch Contains NotContains In NotIn CEQ CNE CMatch'.split(' ');

function where(call: Call): void {
  const by = call.value('FilterScript') ?? call.value('Property') ?? null;
  const operator = flagOperators.find((name) => call.has(name))?.toLowerCase();
  for (const item of call.inputOr('InputObject')) {
    const left = by instanceof Block ? last(call.engine.callBlock(by, { _: item })) : pick(call, item, by);
    const right = operator === undefined ? null : (call.value(operator) ?? call.value('Value') ?? null);
    const fits =
      operator === undefined
        ? toBool(left)
        : toBool(compared(operator, left, right) ?? combined(operator, left, right));
    if (fits) call.emit(item);
  }
}

function forEach(call: Call): void {
  const [first = null, ...more] = itemsOf(call.value('Process'));
  const begin = call.value('Begin');
  const end = call.value('End');
  if (begin instanceof Block) call.engine.inPlace(begin, null, (v) => call.emit(v));
  for (const item of call.isFirst ? [] : call.input) {
    if (first instanceof Block) call.engine.inPlace(first, item, (v) => call.emit(v));
    else for (const value of itemsOf(memberOf(item, toText(first)))) call.emit(value);
    for (const block of more) if (block instanceof Block) call.engine.inPlace(block, item, (v) => call.emit(v));
  }
  if (end instanceof Block) call.engine.inPlace(end, null, (v) => call.emit(v));
}

function select(call: Call): void {
  let items = call.inputOr('InputObject');
  const skip = call.number('Skip') ?? 0;
  const first = call.number('First');
  const lastOnes = call.number('Last');
  items = items.slice(skip);
  if (first !== undefined) items = items.slice(0, first);
  if (lastOnes !== undefined) items = lastOnes === 0 ? [] : items.slice(-lastOnes);
  if (call.has('Index')) items = itemsOf(call.value('Index')).flatMap((i) => items[toNumber(i) ?? 0] ?? []);
  if (call.flag('Unique')) items = items.filter((item, i) => items.findIndex((other) => same(other, item)) === i);
  const expand = call.text('ExpandProperty');
  const properties = itemsOf(call.value('Property'));
  for (const item of items) {
    if (expand) for (const value of expanded(call, item, expand)) call.emit(value);
    else call.emit(properties.length > 0 ? chosen(item, properties, call) : item);
  }
}

function expanded(call: Call, item: Value, name: string): Value[] {
  const found = memberOf(item, name);
  if (found !== undefined) return itemsOf(found);
  call.fail({
    message: `Property "${name}" cannot be found.`,
    category: 'InvalidArgument',
    target: `${toText(item)}:PSObject`,
    exception: 'System.Management.Automation.PSArgumentException',
    id: 'ExpandPropertyNotFound,Microsoft.PowerShell.Commands.SelectObjectCommand',
  });
  return [];
}

function sort(call: Call): void {
  const by = itemsOf(call.value('Property'));
  const keys = by.length > 0 ? by : [undefined];
  const sign = call.flag('Descending') ? -1 : 1;
  const key = (item: Value, k: Value | undefined) =>
    k === undefined ? item : pick(call, item, k instanceof Table ? (k.bag.get('Expression') ?? null) : k);
  const items = [...call.inputOr('InputObject')].sort((a, b) => {
    for (const k of keys) {
      const [left, right] = [key(a, k), key(b, k)];
      const order = left === null ? (right === null ? 0 : -1) : right === null ? 1 : ordered(left, right);
      if (order !== 0) return order * sign;
    }
    return 0;
  });
  const isSame = (a: Value, b: Value) => keys.every((k) => same(key(a, k), key(b, k)));
  for (const [i, item] of items.entries())
    if (!call.flag('Unique') || i === 0 || !isSame(items[i - 1] ?? null, item)) call.emit(item);
}

function ordered(left: Value, right: Value): number {
  try {
    return compare(left, right);
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    return toText(left) < toText(right) ? -1 : 1;
  }
}

function measure(call: Call) {
  const property = call.text('Property');
  const values = call.inputOr('InputObject').map((item) => (property ? (memberOf(item, property) ?? null) : item));
  if (call.flag('Line') || call.flag('Word') || call.flag('Character')) {
    const text = values.map(toText);
    const words = text.flatMap((t) => t.split(/\s+/).filter(Boolean));
    return call.emit(
      customObject({
        Lines: text.flatMap((t) => t.split('\n')).length,
        Words: words.length,
        Characters: text.join('').length,
        Property: null,
      }),
    );
  }
  const numbers = values.flatMap((v) => toNumber(v) ?? []);
  const sum = numbers.reduce((a, b) => a + b, 0);
  const any = numbers.length > 0;
  call.emit(
    PsObject.of('Microsoft.PowerShell.Commands.GenericMeasureInfo', {
      Count: values.length,
      Average: call.flag('Average') && any ? sum / numbers.length : null,
      Sum: call.flag('Sum') ? sum : null,
      Maximum: call.flag('Maximum') && any ? Math.max(...numbers) : null,
      Minimum: call.flag('Minimum') && any ? Math.min(...numbers) : null,
      Property: property || null,
    }),
  );
}

function group(call: Call): void {
  const groups = new Map<string, Value[]>();
  for (const item of call.inputOr('InputObject')) {
    const name = toText(call.has('Property') ? pick(call, item, call.value('Property') ?? null) : item);
    groups.set(name, [...(groups.get(name) ?? []), item]);
  }
  for (const [Name, Group] of groups)
    call.emit(PsObject.of('Microsoft.PowerShell.Commands.GroupInfo', { Count: Group.length, Name, Group }));
}

function selectString(call: Call) {
  const patterns = call.texts('Pattern');
  const simple = call.flag('SimpleMatch');
  const paths = call.texts('Path');
  const lines =
    paths.length > 0
      ? paths.flatMap((p) => (call.runtime.files.read(call.runtime.filePath(p)) ?? '').split(/\r?\n/))
      : call.inputOr('InputObject').flatMap((v) => toText(v).split(/\r?\n/));
  const fits = (line: string) =>
    patterns.some((p) =>
      simple
        ? line.toLowerCase().includes(p.toLowerCase())
        : regularExpression(p, call.flag('CaseSensitive')).test(line),
    );
  for (const [i, line] of lines.entries()) {
    if (fits(line) === call.flag('NotMatch')) continue;
    if (call.flag('Quiet')) return call.emit(true);
    call.emit(
      PsObject.of(
        'Microsoft.PowerShell.Commands.MatchInfo',
        { Line: line, LineNumber: i + 1, Pattern: patterns[0] ?? '' },
        line,
      ),
    );
  }
  if (call.flag('Quiet')) call.emit(false);
}

function newObject(call: Call) {
  const type = call
    .text('TypeName')
    .toLowerCase()
    .replace(/^system\./, '');
  const given = call.value('Property');
  if (type === 'psobject' || type === 'pscustomobject' || type === 'management.automation.psobject') {
    return call.emit(
      new PsObject('System.Management.Automation.PSCustomObject', given instanceof Table ? given.bag : new Bag()),
    );
  }
  const list: Value[] = [];
  if (type === 'collections.arraylist') arrayLists.add(list);
  // An empty list comes out as one value, not as nothing.
  if (type === 'collections.arraylist' || type.startsWith('collections.generic.list')) return call.emit(list);
  if (type === 'hashtable' || type === 'collections.hashtable') return call.emit(new Table());
  const stream = type === 'io.memorystream' ? memoryStream() : type === 'io.compression.gzipstream' && gzipOf(call);
  if (stream) return call.emit(stream);
  throw call.notModelled(call.text('TypeName'));
}

function gzipOf(call: Call): PsObject | undefined {
  const [target, mode] = itemsOf(call.value('ArgumentList'));
  return gzipStream(target, toText(mode));
}

function addMember(call: Call): void {
  const target = call.has('InputObject') ? (call.value('InputObject') ?? null) : (call.input[0] ?? null);
  if (!(target instanceof PsObject)) throw call.notModelled('to something that is no object');
  const members = call.value('NotePropertyMembers');
  if (members instanceof Table) for (const [name, value] of members.bag.entries) target.bag.set(name, value);
  else
    target.bag.set(
      call.text('NotePropertyName', call.text('Name')),
      call.value('NotePropertyValue') ?? call.value('Value') ?? null,
    );
  if (call.flag('PassThru')) call.emit(target);
}

function compareObject(call: Call): void {
  const before = itemsOf(call.value('ReferenceObject'));
  const after = itemsOf(call.value('DifferenceObject'));
  const side = (InputObject: Value, SideIndicator: string) => call.emit(customObject({ InputObject, SideIndicator }));
  for (const item of after) if (!before.some((b) => same(b, item))) side(item, '=>');
  for (const item of before) if (!after.some((a) => same(a, item))) side(item, '<=');
  if (call.flag('IncludeEqual')) for (const item of before) if (after.some((a) => same(a, item))) side(item, '==');
}

export const objects = cmdlets({
  'Where-Object': [`FilterScript|Property Value InputObject= ${flagOperators.map((n) => `${n}=`).join(' ')}`, where],
  'ForEach-Object': ['Process|MemberName Begin= End= InputObject=', forEach],
  'Select-Object': [
    'Property InputObject= ExpandProperty= ExcludeProperty= First= Last= Skip= Index= -Unique -Wait',
    select,
  ],
  'Sort-Object': ['Property InputObject= Culture= -Descending -Unique -CaseSensitive', sort],
  'Measure-Object': ['Property InputObject= -Sum -Average -Maximum -Minimum -Line -Word -Character', measure],
  'Group-Object': ['Property InputObject= -NoElement', group],
  'Select-String': [
    'Pattern Path|LiteralPath= InputObject= Context= -SimpleMatch -Quiet -NotMatch -CaseSensitive -AllMatches -List',
    selectString,
  ],
  'New-Object': ['TypeName ArgumentList Property= ComObject=', newObject],
  'Add-Member': [
    'NotePropertyName NotePropertyValue MemberType= Name= Value= InputObject= NotePropertyMembers= -PassThru -Force',
    addMember,
  ],
  'Compare-Object': ['ReferenceObject DifferenceObject Property= -IncludeEqual -PassThru', compareObject],
});
