import { createHash } from 'node:crypto';
import { cast, isEnumeration, rounded } from './cast';
import { formatOperator } from './formats';
import type { Invocation } from './members';
import { OperatorError, regularExpression, timeSpan } from './operators';
import { baseKey, registryKey } from './registry-keys';
import type { Runtime } from './runtime';
import { type Extent, NotModelled } from './syntax';
import {
  arrayLists,
  Bag,
  customObject,
  itemsOf,
  PsObject,
  TypeName,
  toBool,
  toNumber,
  toText,
  type Value,
  versionObject,
} from './values';

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

const shortType = (target: Value): string =>
  (target instanceof TypeName ? target.name : toText(target)).toLowerCase().replace(/^system\./, '');

export function staticMember(runtime: Runtime, target: Value, name: string, extent: Extent): Value {
  const type = shortType(target);
  const member = name.toLowerCase();
  if (isEnumeration(type)) return name;
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
  'collections.arraylist.new': () => arrayList(),
  'exception.new': (_, [text]) => PsObject.of('System.Exception', { Message: toText(text) }, toText(text)),
  'gc.collect': () => null,
};

function arrayList(): Value[] {
  const list: Value[] = [];
  arrayLists.add(list);
  return list;
}

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
