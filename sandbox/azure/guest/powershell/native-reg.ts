import { registryPath } from '../windows/registry';
import { type Native, type NativeCall, notModelled, option } from './native';
import { registryKind, registryValue } from './registry-keys';

/** `reg add`, `reg query`, `reg delete`. */
export const reg: Native = (call) => {
  const [verb = '', key = ''] = call.args;
  const { registry } = call.engine.runtime;
  const path = registryPath(key);
  if (path === undefined) {
    call.complain('ERROR: Invalid key name.\nType "REG /?" for usage.\n');
    return 1;
  }
  const name = option(call, '/v') ?? '';
  if (verb.toLowerCase() === 'add') return regAdd(call, path, name);
  if (registry.find(path) === undefined || (name && !registry.value(path, name))) {
    call.complain('ERROR: The system was unable to find the specified registry key or value.\n');
    return 1;
  }
  if (verb.toLowerCase() === 'query') return regQuery(call, path, name);
  if (verb.toLowerCase() !== 'delete') throw notModelled(call);
  if (name) registry.unset(path, name);
  else registry.remove(path);
  call.print('The operation completed successfully.\n');
  return 0;
};

function regAdd(call: NativeCall, path: string, name: string): number {
  const { registry } = call.engine.runtime;
  const type = (option(call, '/t') ?? 'REG_SZ').toUpperCase();
  const kind = {
    REG_SZ: 'string',
    REG_EXPAND_SZ: 'expandstring',
    REG_DWORD: 'dword',
    REG_QWORD: 'qword',
    REG_MULTI_SZ: 'multistring',
    REG_BINARY: 'binary',
  }[type];
  const data = option(call, '/d') ?? '';
  const value =
    kind === 'multistring'
      ? data.split('\\0')
      : kind === 'binary'
        ? (data.match(/../g) ?? []).map((b) => Number.parseInt(b, 16))
        : data;
  const kept = kind === undefined ? undefined : registryValue(value, registryKind(kind));
  if (!kept) {
    call.complain('ERROR: Invalid syntax.\nType "REG ADD /?" for usage.\n');
    return 1;
  }
  registry.create(path);
  if (option(call, '/v') !== undefined || call.args.some((a) => a.toLowerCase() === '/ve'))
    registry.set(path, name, kept);
  call.print('The operation completed successfully.\n');
  return 0;
}

function regQuery(call: NativeCall, path: string, name: string): number {
  const { registry } = call.engine.runtime;
  const types = {
    String: 'REG_SZ',
    ExpandString: 'REG_EXPAND_SZ',
    DWord: 'REG_DWORD',
    QWord: 'REG_QWORD',
    MultiString: 'REG_MULTI_SZ',
    Binary: 'REG_BINARY',
  } as const;
  const values = (registry.values(path) ?? []).filter(([n]) => !name || n.toLowerCase() === name.toLowerCase());
  const shown = ([n, { kind, data }]: (typeof values)[number]) =>
    `    ${n || '(Default)'}    ${types[kind]}    ${typeof data === 'number' ? `0x${data.toString(16)}` : Array.isArray(data) ? data.join('\\0') : data}\n`;
  call.print(`\n${path.replace(/^HKLM/, 'HKEY_LOCAL_MACHINE')}\n${values.map(shown).join('')}\n`);
  return 0;
}
