import { createHash } from 'node:crypto';
import type { Engine } from './engine';
import { formatOperator, formatted } from './formats';
import { cannotConvert, compare, OperatorError, regularExpression, same, timeSpan } from './operators';
import { baseKey, registryKey } from './registry-keys';
import type { Runtime } from './runtime';
import { type Extent, NotModelled } from './syntax';
import {
  Bag,
  Block,
  customObject,
  isOfType,
  itemsOf,
  PsObject,
  Table,
  TypeName,
  toBool,
  toNumber,
  toText,
  typeOf,
  type Value,
  versionObject,
} from './values';

export interface Invocation {
  readonly name: string;
  readonly args: readonly Value[];
  readonly extent: Extent;
}

const dates: Readonly<Record<string, (d: Date) => Value>> = {
  year: (d) => d.getUTCFullYear(),
  month: (d) => d.getUTCMonth() + 1,
  day: (d) => d.getUTCDate(),
  hour: (d) => d.getUTCHours(),
  minute: (d) => d.getUTCMinutes(),
  second: (d) => d.getUTCSeconds(),
  dayofweek: (d) => ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'][d.getUTCDay()] ?? '',
  date: (d) => new Date(Math.floor(d.getTime() / 86_400_000) * 86_400_000),
};

/** A property; undefined where the value has none of that name. */
export function memberOf(value: Value, name: string): Value | undefined {
  const wanted = name.toLowerCase();
  if (value === null) return undefined;
  if (value instanceof Table) {
    if (value.bag.has(name)) return value.bag.get(name);
    if (wanted === 'keys') return value.bag.names;
    if (wanted === 'values') return value.bag.entries.map(([, v]) => v);
    return wanted === 'count' ? value.bag.size : undefined;
  }
  if (value instanceof PsObject && value.bag.has(name)) return value.bag.get(name);
  if (wanted === 'psobject') return customObject({ Properties: propertiesOf(value), TypeNames: [typeOf(value)] });
  if (Array.isArray(value)) return wanted === 'count' || wanted === 'length' ? value.length : undefined;
  if (typeof value === 'string' && wanted === 'length') return value.length;
  if (value instanceof Date && dates[wanted]) return dates[wanted](value);
  return wanted === 'count' || wanted === 'length' ? 1 : undefined;
}

function propertiesOf(value: Value): Value[] {
  const bag = value instanceof PsObject || value instanceof Table ? value.bag : new Bag();
  return bag.entries.map(([Name, Value]) => customObject({ Name, Value, MemberType: 'NoteProperty' }));
}

export function invokeMember(engine: Engine, target: Value, { name, args, extent }: Invocation): Value {
  const method = name.toLowerCase();
  if (method === 'gettype')
    return new PsObject(
      'System.RuntimeType',
      Bag.of({ Name: typeOf(target).split('.').at(-1) ?? '', FullName: typeOf(target) }),
      typeOf(target),
    );
  if (method === 'equals') return same(target, args[0] ?? null, true);
  if (method === 'compareto') return Math.sign(compare(target, args[0] ?? null, true));
  const found =
    (target instanceof PsObject ? target.methods[method]?.(args) : undefined) ??
    (typeof target === 'string' ? stringMethod(target, method, args) : undefined) ??
    (Array.isArray(target) ? listMethod(engine, target, method, args) : undefined) ??
    (target instanceof Table ? tableMethod(target, method, args) : undefined) ??
    (target instanceof Date ? dateMethod(target, method, args) : undefined) ??
    (target instanceof Block && /^invoke/.test(method)
      ? engine.callBlock(
          target,
          {},
          args.map((value) => ({ value, extent })),
        )
      : undefined);
  if (found !== undefined) return found;
  if (target instanceof PsObject && target.methods[method]) return null;
  if (method === 'tostring')
    return args[0] === undefined || typeof args[0] !== 'string' ? toText(target) : formatted(target, args[0]);
  throw new NotModelled(`the method ${name} of ${typeOf(target)}`, extent);
}

const characters = (value: Value | undefined): string =>
  itemsOf(value)
    .map(toText)
    .join('')
    .replace(/[\\\]^-]/g, '\\$&');

function stringMethod(text: string, method: string, args: readonly Value[]): Value | undefined {
  const [first = '', second] = args;
  const one = toText(first);
  const ignoresCase = /ignorecase/i.test(toText(args[args.length - 1] ?? ''));
  const [whole, part] = ignoresCase ? [text.toLowerCase(), one.toLowerCase()] : [text, one];
  const trimmed = characters(first) || '\\s';
  switch (method) {
    case 'trim':
      return text.replace(new RegExp(`^[${trimmed}]+|[${trimmed}]+$`, 'g'), '');
    case 'trimstart':
      return text.replace(new RegExp(`^[${trimmed}]+`), '');
    case 'trimend':
      return text.replace(new RegExp(`[${trimmed}]+$`), '');
    case 'tolower':
    case 'tolowerinvariant':
      return text.toLowerCase();
    case 'toupper':
    case 'toupperinvariant':
      return text.toUpperCase();
    case 'split':
      return text
        .split(new RegExp(`[${characters(first) || '\\s'}]`))
        .filter((p) => p !== '' || !/RemoveEmptyEntries/i.test(toText(second ?? '')));
    case 'replace':
      return text.replaceAll(one, toText(second ?? ''));
    case 'contains':
      return text.includes(one);
    case 'startswith':
      return whole.startsWith(part);
    case 'endswith':
      return whole.endsWith(part);
    case 'indexof':
      return whole.indexOf(part);
    case 'lastindexof':
      return whole.lastIndexOf(part);
    case 'substring':
      return substring(text, toNumber(first) ?? 0, second === undefined ? undefined : (toNumber(second) ?? 0));
    case 'padleft':
      return text.padStart(toNumber(first) ?? 0, second === undefined ? ' ' : toText(second));
    case 'padright':
      return text.padEnd(toNumber(first) ?? 0, second === undefined ? ' ' : toText(second));
    case 'insert':
      return text.slice(0, Number(first)) + toText(second ?? '') + text.slice(Number(first));
    case 'remove':
      return text.slice(0, Number(first)) + (second === undefined ? '' : text.slice(Number(first) + Number(second)));
    case 'tochararray':
      return [...text];
    default:
      return undefined;
  }
}

function substring(text: string, from: number, length?: number): string {
  if (from < 0 || from > text.length || (length !== undefined && from + length > text.length)) {
    throw new OperatorError(
      'Exception calling "Substring" with "2" argument(s): "Index and length must refer to a location within the string.\r\nParameter name: length"',
      'ArgumentOutOfRangeException',
      'NotSpecified',
    );
  }
  return text.slice(from, length === undefined ? undefined : from + length);
}

function listMethod(engine: Engine, list: Value[], method: string, args: readonly Value[]): Value | undefined {
  const [first = null] = args;
  switch (method) {
    case 'contains':
      return list.some((item) => same(item, first, true));
    case 'indexof':
      return list.findIndex((item) => same(item, first, true));
    case 'add':
      list.push(first);
      return list.length - 1;
    case 'addrange':
      list.push(...itemsOf(first));
      return null;
    case 'clear':
      list.splice(0);
      return null;
    case 'toarray':
      return [...list];
    case 'where':
      return first instanceof Block
        ? list.filter((item) => toBool(last(engine.callBlock(first, { _: item }))))
        : undefined;
    case 'foreach':
      return first instanceof Block ? list.flatMap((item) => engine.callBlock(first, { _: item })) : undefined;
    default:
      return undefined;
  }
}

const last = (values: readonly Value[]): Value => values.at(-1) ?? null;

function tableMethod({ bag }: Table, method: string, args: readonly Value[]): Value | undefined {
  const [name = '', value = null] = args;
  switch (method) {
    case 'containskey':
    case 'contains':
      return bag.has(toText(name));
    case 'add':
      bag.set(toText(name), value);
      return null;
    case 'remove':
      bag.delete(toText(name));
      return null;
    case 'getenumerator':
      return bag.entries.map(([Name, Value]) =>
        PsObject.of('System.Collections.DictionaryEntry', { Name, Key: Name, Value }).showing('Name', 'Value'),
      );
    default:
      return undefined;
  }
}

function dateMethod(date: Date, method: string, args: readonly Value[]): Value | undefined {
  const amount = toNumber(args[0] ?? 0) ?? 0;
  const sizes: Readonly<Record<string, number>> = {
    adddays: 86_400_000,
    addhours: 3_600_000,
    addminutes: 60_000,
    addseconds: 1_000,
  };
  const size = sizes[method];
  if (size !== undefined) return new Date(date.getTime() + amount * size);
  if (method === 'addmonths' || method === 'addyears') {
    const moved = new Date(date);
    moved.setUTCMonth(moved.getUTCMonth() + amount * (method === 'addyears' ? 12 : 1));
    return moved;
  }
  return method === 'touniversaltime' || method === 'tolocaltime' ? date : undefined;
}

const bytesOf = (value: Value | undefined): Buffer => Buffer.from(itemsOf(value).map((b) => Number(b)));
const bytes = (buffer: Buffer): Value => [...buffer];

function encoding(name: string): PsObject {
  const node = name === 'unicode' ? 'utf16le' : name === 'ascii' ? 'latin1' : 'utf8';
  return new PsObject('System.Text.Encoding', Bag.of({ WebName: name }), undefined, {
    getbytes: ([text = '']) => bytes(Buffer.from(toText(text), node)),
    getstring: ([data]) => bytesOf(data).toString(node),
    getbytecount: ([text = '']) => Buffer.byteLength(toText(text), node),
  });
}

function hash(name: string): PsObject {
  const algorithm = name
    .toLowerCase()
    .replace(/managed|cryptoserviceprovider|cng/g, '')
    .replace('-', '');
  return new PsObject(`System.Security.Cryptography.${name}`, new Bag(), undefined, {
    computehash: ([data]) => bytes(createHash(algorithm).update(bytesOf(data)).digest()),
    dispose: () => null,
    clear: () => null,
  });
}

/** Enumerations whose members are their names. */
const enumerations =
  /(?:^|\.)(?:registryhive|registryview|registryvaluekind|securityprotocoltype|environmentvariabletarget|stringcomparison|stringsplitoptions)$/;

const shortType = (target: Value): string =>
  (target instanceof TypeName ? target.name : toText(target)).toLowerCase().replace(/^system\./, '');

export function staticMember(runtime: Runtime, target: Value, name: string, extent: Extent): Value {
  const type = shortType(target);
  const member = name.toLowerCase();
  if (enumerations.test(type)) return name;
  const known: Readonly<Record<string, () => Value>> = {
    'datetime.now': () => runtime.now,
    'datetime.utcnow': () => runtime.now,
    'datetime.today': () => new Date(Math.floor(runtime.now.getTime() / 86_400_000) * 86_400_000),
    'string.empty': () => '',
    'int.maxvalue': () => 2_147_483_647,
    'int32.maxvalue': () => 2_147_483_647,
    'environment.machinename': () => runtime.environment.get('COMPUTERNAME') ?? '',
    'environment.username': () => runtime.environment.get('USERNAME') ?? '',
    'environment.newline': () => '\r\n',
    'environment.is64bitoperatingsystem': () => true,
    'environment.is64bitprocess': () => true,
    'environment.osversion': () =>
      customObject({ Version: versionObject(`${runtime.guest.os.version}.0`) ?? null, Platform: 'Win32NT' }),
    'text.encoding.utf8': () => encoding('utf-8'),
    'text.encoding.ascii': () => encoding('ascii'),
    'text.encoding.unicode': () => encoding('unicode'),
    'text.encoding.default': () => encoding('ascii'),
    'console.outputencoding': () => encoding('utf-8'),
    'console.out': () => consoleOut(runtime),
    'console.error': () => consoleOut(runtime, 'err'),
    'microsoft.win32.registry.localmachine': () => registryKey(runtime, 'HKLM'),
    'microsoft.win32.registry.currentuser': () => registryKey(runtime, 'HKCU'),
    'net.servicepointmanager.securityprotocol': () => 'Tls12',
    'io.path.directoryseparatorchar': () => '\\',
    'bitconverter.islittleendian': () => true,
    'threading.thread.currentthread': () => customObject({}),
  };
  const found = known[`${type}.${member}`];
  if (!found) throw new NotModelled(`[${type}]::${name}`, extent);
  return found();
}

function consoleOut(runtime: Runtime, stream: 'out' | 'err' = 'out'): PsObject {
  return new PsObject('System.IO.TextWriter', new Bag(), undefined, {
    write: ([text = '']) => {
      runtime.write(stream, toText(text));
      return null;
    },
    writeline: ([text = '']) => {
      runtime.write(stream, `${toText(text)}\n`);
      return null;
    },
    flush: () => null,
  });
}

type Static = (runtime: Runtime, args: readonly Value[]) => Value;

const number = (value: Value | undefined): number => toNumber(value ?? 0) ?? 0;

/** Halves go to the even neighbour, as .NET rounds. */
function rounded(value: number, digits = 0): number {
  const scaled = value * 10 ** digits;
  const floor = Math.floor(scaled);
  const isHalf = Math.abs(scaled - floor - 0.5) < 1e-9;
  return (isHalf ? (floor % 2 === 0 ? floor : floor + 1) : Math.round(scaled)) / 10 ** digits;
}

const statics: Readonly<Record<string, Static>> = {
  'math.round': (_, [v, digits]) => rounded(number(v), number(digits)),
  'math.floor': (_, [v]) => Math.floor(number(v)),
  'math.ceiling': (_, [v]) => Math.ceil(number(v)),
  'math.truncate': (_, [v]) => Math.trunc(number(v)),
  'math.abs': (_, [v]) => Math.abs(number(v)),
  'math.min': (_, [a, b]) => Math.min(number(a), number(b)),
  'math.max': (_, [a, b]) => Math.max(number(a), number(b)),
  'math.pow': (_, [a, b]) => number(a) ** number(b),
  'string.isnullorempty': (_, [v]) => toText(v) === '',
  'string.isnullorwhitespace': (_, [v]) => toText(v).trim() === '',
  'string.join': (_, [separator, ...rest]) =>
    (rest.length === 1 ? itemsOf(rest[0]) : rest).map(toText).join(toText(separator)),
  'string.format': (_, [template, ...rest]) =>
    formatOperator(toText(template), rest.length === 1 && Array.isArray(rest[0]) ? rest[0] : rest),
  'string.concat': (_, args) => args.map(toText).join(''),
  'convert.tobase64string': (_, [data]) => bytesOf(data).toString('base64'),
  'convert.frombase64string': (_, [text]) => bytes(Buffer.from(toText(text), 'base64')),
  'convert.toint32': (_, [text, base]) =>
    base === undefined ? number(text) : Number.parseInt(toText(text), number(base)),
  'convert.tostring': (_, [v, base]) => (base === undefined ? toText(v) : number(v).toString(number(base))),
  'convert.toboolean': (_, [v]) => toBool(v),
  'bitconverter.tostring': (_, [data]) => (bytesOf(data).toString('hex').toUpperCase().match(/../g) ?? []).join('-'),
  'security.cryptography.sha256.create': () => hash('SHA256'),
  'security.cryptography.sha1.create': () => hash('SHA1'),
  'security.cryptography.md5.create': () => hash('MD5'),
  'security.cryptography.hashalgorithm.create': (_, [name]) => hash(toText(name)),
  'security.cryptography.sha256managed.new': () => hash('SHA256'),
  'text.encoding.getencoding': (_, [name]) => encoding(toText(name).toLowerCase()),
  'text.utf8encoding.new': () => encoding('utf-8'),
  'text.asciiencoding.new': () => encoding('ascii'),
  'environment.getenvironmentvariable': (runtime, [name]) => runtime.environment.get(toText(name)) ?? null,
  'environment.setenvironmentvariable': (runtime, [name, value, scope]) =>
    setVariable(runtime, toText(name), toText(value), toText(scope)),
  'environment.expandenvironmentvariables': (runtime, [text]) =>
    toText(text).replace(/%([^%]+)%/g, (found, name: string) => toText(runtime.environment.get(name) ?? found)),
  'console.writeline': (runtime, [text]) => {
    runtime.write('out', `${toText(text)}\n`);
    return null;
  },
  'console.write': (runtime, [text]) => {
    runtime.write('out', toText(text));
    return null;
  },
  'microsoft.win32.registrykey.openbasekey': (runtime, [hive, view]) => baseKey(runtime, toText(hive), toText(view)),
  'datetime.parse': (_, [text]) => cast(toText(text), 'datetime'),
  'datetime.parseexact': (_, [text]) => cast(toText(text), 'datetime'),
  'timespan.fromdays': (_, [v]) => timeSpan(number(v) * 86_400_000),
  'timespan.fromhours': (_, [v]) => timeSpan(number(v) * 3_600_000),
  'timespan.fromminutes': (_, [v]) => timeSpan(number(v) * 60_000),
  'timespan.fromseconds': (_, [v]) => timeSpan(number(v) * 1_000),
  'version.new': (_, [v]) => cast(toText(v), 'version'),
  'version.parse': (_, [v]) => cast(toText(v), 'version'),
  'int.parse': (_, [v]) => cast(toText(v), 'int'),
  'regex.escape': (_, [text]) =>
    toText(text)
      .replace(/[.*+?^${}()|[\]\\#]/g, '\\$&')
      .replaceAll(' ', '\\ '),
  'regex.ismatch': (_, [text, pattern]) => regularExpression(toText(pattern), true).test(toText(text)),
  'regex.replace': (_, [text, pattern, by]) =>
    toText(text).replace(regularExpression(toText(pattern), true, 'g'), toText(by)),
  'io.file.exists': (runtime, [path]) => runtime.files.kind(runtime.filePath(toText(path))) === 'file',
  'io.directory.exists': (runtime, [path]) => runtime.files.kind(runtime.filePath(toText(path))) === 'directory',
  'io.directory.createdirectory': (runtime, [path]) => {
    runtime.files.makeDirectory(runtime.filePath(toText(path)));
    return customObject({ FullName: runtime.filePath(toText(path)) });
  },
  'io.file.readalltext': (runtime, [path]) => content(runtime, toText(path)),
  'io.file.readalllines': (runtime, [path]) => content(runtime, toText(path)).split(/\r?\n/),
  'io.file.readallbytes': (runtime, [path]) => bytes(Buffer.from(content(runtime, toText(path)))),
  'io.file.writealltext': (runtime, [path, text]) => {
    runtime.files.write(runtime.filePath(toText(path)), toText(text));
    return null;
  },
  'io.file.writealllines': (runtime, [path, lines]) => {
    runtime.files.write(
      runtime.filePath(toText(path)),
      itemsOf(lines)
        .map((l) => `${toText(l)}\r\n`)
        .join(''),
    );
    return null;
  },
  'io.file.appendalltext': (runtime, [path, text]) => {
    const at = runtime.filePath(toText(path));
    runtime.files.write(at, (runtime.files.read(at) ?? '') + toText(text));
    return null;
  },
  'io.path.combine': (_, args) =>
    args.map(toText).reduce((a, b) => (/^[A-Za-z]:|^\\/.test(b) ? b : `${a.replace(/\\$/, '')}\\${b}`)),
  'io.path.getfilename': (_, [path]) => toText(path).split(/[\\/]/).at(-1) ?? '',
  'io.path.getdirectoryname': (_, [path]) => toText(path).replace(/[\\/][^\\/]*$/, ''),
  'io.path.gettemppath': (runtime) => `${toText(runtime.environment.get('TEMP'))}\\`,
  'collections.arraylist.new': () => [],
  'exception.new': (_, [text]) => PsObject.of('System.Exception', { Message: toText(text) }, toText(text)),
  'gc.collect': () => null,
};

function content(runtime: Runtime, path: string): string {
  const text = runtime.files.read(runtime.filePath(path));
  if (text !== undefined) return text;
  throw new OperatorError(
    `Exception calling "ReadAllText" with "1" argument(s): "Could not find file '${path}'."`,
    'FileNotFoundException',
    'NotSpecified',
  );
}

/** For the process, or for every later one of the machine. */
function setVariable(runtime: Runtime, name: string, value: string, scope: string): Value {
  const key = 'HKLM\\SYSTEM\\CurrentControlSet\\Control\\Session Manager\\Environment';
  if (/machine/i.test(scope)) {
    if (value === '') runtime.registry.unset(key, name);
    else runtime.registry.set(key, name, { kind: 'String', data: value });
  } else if (value === '') runtime.environment.delete(name);
  else runtime.environment.set(name, value);
  return null;
}

export function invokeStatic(runtime: Runtime, target: Value, { name, args, extent }: Invocation): Value {
  const type = shortType(target);
  const method = name.toLowerCase();
  if (type.startsWith('collections.generic.list') && method === 'new') return [];
  if (/exception$/.test(type) && method === 'new') return statics['exception.new']?.(runtime, args) ?? null;
  const found = statics[`${type}.${method}`];
  if (found) return found(runtime, args);
  throw new NotModelled(`[${type}]::${name}()`, extent);
}

/** `[type]value` */
export function cast(value: Value, type: string): Value {
  const name = type.toLowerCase().replace(/^system\./, '');
  const list = /^(.+)\[\]$/.exec(name);
  if (list)
    return itemsOf(value).map((item) =>
      list[1] === 'byte' && typeof item === 'string' ? (item.codePointAt(0) ?? 0) : cast(item, list[1] ?? ''),
    );
  switch (name) {
    case 'string':
      return toText(value);
    case 'bool':
    case 'boolean':
    case 'switch':
      return toBool(value);
    case 'int':
    case 'int32':
    case 'long':
    case 'int64':
    case 'uint32':
    case 'uint64':
    case 'byte':
    case 'int16':
      return integer(value, name);
    case 'double':
    case 'decimal':
    case 'float':
    case 'single':
      return real(value);
    case 'char':
      return typeof value === 'number' ? String.fromCodePoint(value) : toText(value).slice(0, 1);
    case 'datetime':
      return dateOf(value);
    case 'version':
      return versionOf(value);
    case 'array':
    case 'collections.arraylist':
      return itemsOf(value);
    case 'void':
      return null;
    case 'pscustomobject':
    case 'psobject':
      return value instanceof Table ? new PsObject('System.Management.Automation.PSCustomObject', value.bag) : value;
    case 'timespan':
      return value instanceof PsObject ? value : timeSpan((toNumber(value) ?? 0) / 10_000);
    case 'regex':
    case 'object':
    case 'hashtable':
    case 'scriptblock':
    case 'guid':
    case 'type':
    case 'net.securityprotocoltype':
    case 'net.ipaddress':
      return value;
    default:
      if (enumerations.test(name) || isOfType(value, name)) return value;
      throw new NotModelled(`the type [${type}]`);
  }
}

function integer(value: Value, name: string): Value {
  const found = Array.isArray(value) ? undefined : toNumber(value);
  if (found === undefined)
    throw cannotConvert(value, name.startsWith('int64') || name === 'long' ? 'System.Int64' : 'System.Int32');
  if (/^(?:int|int32)$/.test(name) && Math.abs(found) > 2_147_483_648) {
    throw cannotConvert(value, 'System.Int32', 'Value was either too large or too small for an Int32.');
  }
  return rounded(found);
}

function real(value: Value): Value {
  const found = Array.isArray(value) ? undefined : toNumber(value);
  if (found === undefined) throw cannotConvert(value, 'System.Double');
  return found;
}

function dateOf(value: Value): Value {
  if (value instanceof Date) return value;
  const text = toText(value).trim();
  const hasZone = /(?:Z|[+-]\d\d:?\d\d)$/.test(text);
  const at = /^\d{4}-\d\d-\d\d$/.test(text) ? Date.parse(text) : Date.parse(hasZone ? text : `${text} UTC`);
  const found = Number.isNaN(at) ? Date.parse(hasZone ? text : `${text}Z`) : at;
  if (Number.isNaN(found)) {
    throw cannotConvert(value, 'System.DateTime', 'String was not recognized as a valid DateTime.');
  }
  return new Date(found);
}

function versionOf(value: Value): Value {
  if (value instanceof PsObject) return value;
  const found = versionObject(toText(value));
  if (!found) throw cannotConvert(value, 'System.Version');
  return found;
}
