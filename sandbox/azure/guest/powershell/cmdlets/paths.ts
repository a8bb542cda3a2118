import { nameOf, parentOf, windowsPath } from '../../windows/files';
import { longPath, registryPath } from '../../windows/registry';
import type { Call } from '../call';
import type { Runtime } from '../runtime';
import { Bag, hasWildcard, PsObject, type Value, wildcard } from '../values';

/** Something that a path can name. */
export type Item =
  | { readonly drive: 'registry'; readonly path: string }
  | { readonly drive: 'file'; readonly path: string }
  | { readonly drive: 'env' | 'variable' | 'function'; readonly path: string };

export function itemAt(runtime: Runtime, given: string): Item {
  const path = given.replace(/^Microsoft\.PowerShell\.Core\\/i, '').replace(/^"|"$/g, '');
  const provided = /^(Registry|FileSystem|Env|Variable|Function)::?(.*)$/is.exec(path);
  const [, provider = '', rest = ''] = provided ?? [];
  const drive = provider.toLowerCase();
  if (drive === 'env' || drive === 'variable' || drive === 'function') return { drive, path: rest.replace(/^\\+/, '') };
  const key = drive === 'registry' ? registryPath(rest) : /^HK\w+:/i.test(path) ? registryPath(path) : undefined;
  if (key !== undefined) return { drive: 'registry', path: key };
  if (registryPath(runtime.cwd) !== undefined && !/^[A-Za-z]:/.test(path)) {
    return { drive: 'registry', path: registryPath(`${runtime.cwd}\\${path}`) ?? path };
  }
  return { drive: 'file', path: windowsPath(drive === 'filesystem' ? rest : path, runtime.cwd) };
}

export function exists(runtime: Runtime, { drive, path }: Item): boolean {
  if (drive === 'registry') return runtime.registry.find(path) !== undefined;
  if (drive === 'file') return runtime.files.kind(path) !== undefined;
  if (drive === 'env') return runtime.environment.has(path);
  if (drive === 'function') return runtime.functions.has(path.toLowerCase());
  return runtime.lookup(path.replace(/^global:/i, '')) !== undefined;
}

/** The items that a path with `*` or `?` names; the one it names without. */
export function matching(runtime: Runtime, given: string, isLiteral = false): Item[] {
  const item = itemAt(runtime, given);
  if (isLiteral || !hasWildcard(item.path)) return exists(runtime, item) ? [item] : [];
  if (item.drive !== 'registry' && item.drive !== 'file') {
    const names = item.drive === 'env' ? runtime.environment.names : [];
    return names.filter((n) => wildcard(item.path).test(n)).map((path) => ({ drive: item.drive, path }));
  }
  const [root = '', ...parts] = item.path.split('\\');
  let found = [root];
  for (const part of parts) {
    const test = wildcard(part);
    found = found.flatMap((at) =>
      hasWildcard(part)
        ? childrenOf(runtime, { drive: item.drive, path: at })
            .filter((n) => test.test(n))
            .map((n) => `${at}\\${n}`)
        : exists(runtime, { drive: item.drive, path: `${at}\\${part}` })
          ? [`${at}\\${part}`]
          : [],
    );
  }
  return found.map((path) => ({ drive: item.drive, path }));
}

export function childrenOf(runtime: Runtime, { drive, path }: Item): string[] {
  if (drive === 'registry') return runtime.registry.children(path);
  return drive === 'file' ? runtime.files.children(path) : [];
}

/** The items of `-Path` or `-LiteralPath` or of what comes in; each that is not there is an error. */
export function itemsFor(call: Call, parameter = 'Path'): Item[] {
  const given = call.has('LiteralPath') ? call.texts('LiteralPath') : call.named(parameter, 'PSPath', 'FullName');
  return given.flatMap((path) => {
    const found = matching(call.runtime, path, call.has('LiteralPath'));
    if (found.length === 0 && !hasWildcard(path)) pathNotFound(call, path);
    return found;
  });
}

export function pathNotFound(call: Call, given: string): void {
  const item = itemAt(call.runtime, given);
  const shown = item.drive === 'registry' ? longPathShown(item.path) : item.path;
  call.fail({
    message: `Cannot find path '${shown}' because it does not exist.`,
    category: 'ObjectNotFound',
    target: `${shown}:String`,
    exception: 'System.Management.Automation.ItemNotFoundException',
    id: `PathNotFound,Microsoft.PowerShell.Commands.${call.cmdlet.name.replace('-', '')}Command`,
  });
}

/** PowerShell names keys by their drive. */
function longPathShown(path: string): string {
  return path.startsWith('HKLM') || path.startsWith('HKCU') ? path.replace('\\', ':\\') : longPath(path);
}

/** A file or a folder as `Get-Item` gives it. */
export function fileObject(runtime: Runtime, path: string): PsObject {
  const isFolder = runtime.files.kind(path) === 'directory';
  const content = runtime.files.read(path) ?? '';
  const name = nameOf(path);
  const dot = name.lastIndexOf('.');
  const bag = Bag.of({
    Mode: isFolder ? 'd-----' : '-a----',
    LastWriteTime: runtime.now,
    ...(!isFolder && { Length: Buffer.byteLength(content) }),
    Name: name,
    FullName: path,
    BaseName: dot > 0 && !isFolder ? name.slice(0, dot) : name,
    Extension: dot > 0 && !isFolder ? name.slice(dot) : '',
    PSIsContainer: isFolder,
    Exists: true,
    PSPath: `Microsoft.PowerShell.Core\\FileSystem::${path}`,
    PSChildName: name,
    ...(isFolder ? {} : { DirectoryName: parentOf(path) }),
  } as Record<string, Value>);
  const type = isFolder ? 'System.IO.DirectoryInfo' : 'System.IO.FileInfo';
  return new PsObject(type, bag, path).showing('Mode', 'LastWriteTime', 'Length', 'Name');
}
