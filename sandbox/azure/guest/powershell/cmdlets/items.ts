import { nameOf, parentOf } from '../../windows/files';
import { type Call, cmdlets } from '../call';
import { display } from '../display';
import { registryKey } from '../registry-keys';
import { hasWildcard, itemsOf, PsObject, toText, type Value, wildcard } from '../values';
import { childrenOf, exists, fileObject, type Item, itemAt, itemsFor, matching } from './paths';

function shown(call: Call, { drive, path }: Item): Value {
  if (drive === 'registry') return registryKey(call.runtime, path);
  if (drive === 'file') return fileObject(call.runtime, path);
  const value = drive === 'env' ? (call.runtime.environment.get(path) ?? null) : null;
  return PsObject.of('System.Collections.DictionaryEntry', { Name: path, Value: value });
}

function testPath(call: Call): void {
  const given = call.has('LiteralPath') ? call.texts('LiteralPath') : call.named('Path', 'PSPath', 'FullName');
  const type = call.text('PathType', 'Any').toLowerCase();
  for (const path of given) {
    const found = matching(call.runtime, path, call.has('LiteralPath'));
    call.emit(found.some((item) => type === 'any' || isContainer(call, item) === (type === 'container')));
  }
}

const isContainer = (call: Call, { drive, path }: Item): boolean =>
  drive === 'registry' || (drive === 'file' && call.runtime.files.kind(path) === 'directory');

function newItem(call: Call): void {
  const name = call.text('Name');
  for (const given of call.has('Path') ? call.texts('Path') : ['.']) {
    const item = itemAt(call.runtime, name ? `${given}\\${name}` : given);
    if (call.isDryRun) continue;
    if (item.drive === 'registry') newKey(call, item.path);
    else if (item.drive === 'file') newFile(call, item.path);
    else if (item.drive === 'env') call.runtime.environment.set(item.path, call.text('Value'));
    else throw call.notModelled(given);
  }
}

function newKey(call: Call, path: string) {
  const { registry } = call.runtime;
  const parent = path.slice(0, Math.max(0, path.lastIndexOf('\\')));
  const isThere = registry.find(path) !== undefined;
  if (isThere && !call.flag('Force')) {
    return call.fail({
      message: 'A key in this path already exists.',
      category: 'ResourceExists',
      target: `Microsoft.Power...yRegistryWrapper:${path.split('\\').at(-1)}`,
      exception: 'System.IO.IOException',
      id: 'System.IO.IOException,Microsoft.PowerShell.Commands.NewItemCommand',
    });
  }
  if (registry.find(parent) === undefined && !call.flag('Force')) {
    return call.fail({
      message: 'The registry key at the specified path does not exist.',
      category: 'InvalidArgument',
      target: `${path}:String`,
      exception: 'System.ArgumentException',
      id: 'System.ArgumentException,Microsoft.PowerShell.Commands.NewItemCommand',
    });
  }
  // `-Force` makes a key that is there anew, without its values.
  if (isThere) for (const [name] of registry.values(path) ?? []) registry.unset(path, name);
  const key = registry.create(path);
  if (call.has('Value')) registry.set(key, '', { kind: 'String', data: call.text('Value') });
  call.emit(registryKey(call.runtime, key));
}

function newFile(call: Call, path: string) {
  const { files } = call.runtime;
  const isFolder = call.cmdlet.name === 'mkdir' || /^(?:directory|container)$/i.test(call.text('ItemType'));
  if (/link|junction/i.test(call.text('ItemType'))) throw call.notModelled(`-ItemType ${call.text('ItemType')}`);
  if (files.kind(path) !== undefined && !call.flag('Force')) {
    return call.fail({
      message: isFolder
        ? `An item with the specified name ${path} already exists.`
        : `The file '${path}' already exists.`,
      category: isFolder ? 'ResourceExists' : 'WriteError',
      target: `${path}:String`,
      exception: 'System.IO.IOException',
      id: `${isFolder ? 'DirectoryExist' : 'NewItemIOError'},Microsoft.PowerShell.Commands.NewItemCommand`,
    });
  }
  if (isFolder) files.makeDirectory(path);
  else if (!parentThere(call, path)) return;
  else files.write(path, call.text('Value'));
  call.emit(fileObject(call.runtime, path));
}

/** A file needs its folder. */
function parentThere(call: Call, path: string): boolean {
  const { files } = call.runtime;
  if (files.kind(parentOf(path)) === 'directory') return true;
  if (call.cmdlet.name === 'New-Item' && call.flag('Force')) {
    files.makeDirectory(parentOf(path));
    return true;
  }
  call.fail({
    message: `Could not find a part of the path '${path}'.`,
    category: 'ObjectNotFound',
    target: `${path}:String`,
    exception: 'System.IO.DirectoryNotFoundException',
    id: `GetContentWriterDirectoryNotFoundError,Microsoft.PowerShell.Commands.${call.cmdlet.name.replace('-', '')}Command`,
  });
  return false;
}

function removeItem(call: Call): void {
  for (const { drive, path } of itemsFor(call)) {
    if (call.isDryRun) continue;
    if (drive === 'registry') call.runtime.registry.remove(path);
    else if (drive === 'file') call.runtime.files.remove(path);
    else if (drive === 'env') call.runtime.environment.delete(path);
    else call.runtime.forget(path);
  }
}

function getChildren(call: Call): void {
  const filter = call.text('Filter') || call.text('Include');
  const fits = (name: string) => filter === '' || wildcard(filter).test(name);
  const roots =
    call.has('Path') || call.has('LiteralPath') || !call.isFirst ? itemsFor(call) : [itemAt(call.runtime, '.')];
  const isPattern = call.texts('Path').some(hasWildcard);
  const visit = (item: Item): void => {
    for (const name of childrenOf(call.runtime, item)) {
      const child: Item = { ...item, path: `${item.path}\\${name}` };
      const container = isContainer(call, child);
      const wanted = fits(name) && !(call.flag('File') && container) && !(call.flag('Directory') && !container);
      if (wanted) call.emit(call.flag('Name') ? name : shown(call, child));
      if (call.flag('Recurse') && container) visit(child);
    }
  };
  for (const root of roots) {
    if (root.drive === 'env') {
      for (const [Name, Value] of call.runtime.environment.entries)
        call.emit(PsObject.of('System.Collections.DictionaryEntry', { Name, Value }));
    } else if (!isContainer(call, root) || (isPattern && root.drive === 'file' && !call.flag('Recurse'))) {
      if (fits(nameOf(root.path))) call.emit(shown(call, root));
    } else visit(root);
  }
}

function getContent(call: Call): void {
  for (const { drive, path } of itemsFor(call)) {
    if (drive !== 'file') throw call.notModelled(path);
    const text = call.runtime.files.read(path) ?? '';
    if (call.flag('Raw')) {
      call.emit(text);
      continue;
    }
    let lines = text.replace(/\r?\n$/, '').split(/\r?\n/);
    if (text === '') lines = [];
    const most = call.number('TotalCount');
    const tail = call.number('Tail');
    if (most !== undefined) lines = lines.slice(0, most);
    if (tail !== undefined) lines = lines.slice(-tail);
    for (const line of lines) call.emit(line);
  }
}

function writeContent(call: Call, append: boolean): void {
  const { files } = call.runtime;
  const values = call.has('Value')
    ? itemsOf(call.value('Value'))
    : call.has('InputObject')
      ? itemsOf(call.value('InputObject'))
      : [...call.input];
  const isOut = call.cmdlet.name === 'Out-File' || call.cmdlet.name === 'Tee-Object';
  const text = isOut ? display(values) : values.map((v) => `${toText(v)}\n`).join('');
  const ended = call.flag('NoNewline') ? text.replace(/\n$/, '') : text;
  const targets = call.has('LiteralPath')
    ? call.texts('LiteralPath')
    : call.texts(call.has('Path') ? 'Path' : 'FilePath');
  for (const given of targets) {
    const { drive, path } = itemAt(call.runtime, given);
    if (drive !== 'file') throw call.notModelled(given);
    if (!parentThere(call, path) || call.isDryRun) continue;
    const content = ended.replace(/\r?\n/g, '\r\n');
    files.write(path, (append ? (files.read(path) ?? '') : '') + content);
  }
  if (call.cmdlet.name === 'Tee-Object') for (const value of values) call.emit(value);
}

/** Where something goes: into a folder that is there, or to a name of its own. */
function destination(call: Call, from: string): string {
  const to = itemAt(call.runtime, call.text('Destination')).path;
  return call.runtime.files.kind(to) === 'directory' ? `${to}\\${nameOf(from)}` : to;
}

function copyOrMove(move: boolean) {
  return (call: Call): void => {
    for (const { drive, path } of itemsFor(call)) {
      if (drive !== 'file') throw call.notModelled('of the registry');
      const to = destination(call, path);
      if (!parentThere(call, to)) continue;
      const { files } = call.runtime;
      if (files.kind(path) === 'directory') files.makeDirectory(to);
      files.copy(path, to);
      if (move) files.remove(path);
      if (call.flag('PassThru')) call.emit(fileObject(call.runtime, to));
    }
  };
}

function rename(call: Call): void {
  for (const { drive, path } of itemsFor(call)) {
    if (drive !== 'file') throw call.notModelled('of the registry');
    const to = `${parentOf(path)}\\${call.text('NewName')}`;
    call.runtime.files.copy(path, to);
    call.runtime.files.remove(path);
  }
}

const literal = 'Path LiteralPath|PSPath=';

export const items = cmdlets({
  'Test-Path': [`${literal} PathType|Type= -IsValid`, testPath],
  'New-Item': ['Path Name= ItemType|Type= Value|Target= -Force', newItem],
  mkdir: ['Path Name= -Force', newItem],
  'Get-Item': [
    `${literal} -Force`,
    (call) => {
      for (const item of itemsFor(call)) call.emit(shown(call, item));
    },
  ],
  'Remove-Item': [`${literal} Include= Exclude= Filter= -Recurse -Force`, removeItem],
  'Get-ChildItem': [
    'Path Filter LiteralPath|PSPath= Include= Exclude= Depth= -Recurse -File -Directory -Force -Name -Hidden',
    getChildren,
  ],
  'Get-Content': [`${literal} TotalCount|First|Head= Tail|Last= Encoding= -Raw`, getContent],
  'Set-Content': [
    'Path Value LiteralPath|PSPath= Encoding= -Force -NoNewline -PassThru',
    (call) => writeContent(call, false),
  ],
  'Add-Content': [
    'Path Value LiteralPath|PSPath= Encoding= -Force -NoNewline -PassThru',
    (call) => writeContent(call, true),
  ],
  'Out-File': [
    'FilePath|Path Encoding InputObject= LiteralPath= Width= -Append -Force -NoNewline',
    (call) => writeContent(call, call.flag('Append')),
  ],
  'Tee-Object': ['FilePath InputObject= LiteralPath= -Append', (call) => writeContent(call, call.flag('Append'))],
  'Clear-Content': [
    literal,
    (call) => {
      for (const { path } of itemsFor(call)) call.runtime.files.write(path, '');
    },
  ],
  'Copy-Item': ['Path Destination LiteralPath= Filter= -Recurse -Force -PassThru', copyOrMove(false)],
  'Move-Item': ['Path Destination LiteralPath= -Force -PassThru', copyOrMove(true)],
  'Rename-Item': ['Path NewName LiteralPath= -Force -PassThru', rename],
  'Set-Location': ['Path LiteralPath= -PassThru', setLocation],
  'Push-Location': ['Path', setLocation],
  'Pop-Location': [
    '',
    (call) => {
      call.runtime.cwd = 'C:\\Windows\\system32';
    },
  ],
  'Get-Location': [
    '',
    (call) =>
      call.emit(PsObject.of('System.Management.Automation.PathInfo', { Path: call.runtime.cwd }, call.runtime.cwd)),
  ],
  'Join-Path': ['Path ChildPath AdditionalChildPath...', joinPath],
  'Split-Path': ['Path -Parent -Leaf -Qualifier -NoQualifier LiteralPath=', splitPath],
  'Resolve-Path': [
    literal,
    (call) => {
      const info = (Path: string) =>
        PsObject.of('System.Management.Automation.PathInfo', { Path, ProviderPath: Path }, Path);
      for (const { path } of itemsFor(call)) call.emit(info(path));
    },
  ],
  'Convert-Path': [
    literal,
    (call) => {
      for (const { path } of itemsFor(call)) call.emit(path);
    },
  ],
  'New-PSDrive': ['Name PSProvider Root Scope=', newDrive],
});

function setLocation(call: Call): void {
  const [item] = itemsFor(call);
  if (item && (item.drive === 'file' || item.drive === 'registry')) call.runtime.cwd = item.path;
}

function joinPath(call: Call): void {
  const rest = [...call.texts('ChildPath'), ...call.texts('AdditionalChildPath')];
  for (const path of call.inputOr('Path')) {
    call.emit(rest.reduce((a, b) => `${a.replace(/[\\/]+$/, '')}\\${b.replace(/^[\\/]+/, '')}`, toText(path)));
  }
}

function splitPath(call: Call): void {
  for (const path of call.inputOr('Path').map(toText)) {
    const cut = Math.max(path.lastIndexOf('\\'), path.lastIndexOf('/'));
    const qualifier = /^[^:\\/]+:/.exec(path)?.[0] ?? '';
    if (call.flag('Leaf')) call.emit(path.slice(cut + 1));
    else if (call.flag('Qualifier')) call.emit(qualifier);
    else if (call.flag('NoQualifier')) call.emit(path.slice(qualifier.length));
    else call.emit(cut < 0 ? '' : path.slice(0, cut).replace(/^([A-Za-z]:)$/, '$1\\'));
  }
}

/** `HKU:` and `HKCR:` are known without; other drives are not modelled. */
function newDrive(call: Call): void {
  const root = itemAt(call.runtime, `${call.text('PSProvider')}::${call.text('Root')}`);
  if (root.drive !== 'registry' || !exists(call.runtime, root)) throw call.notModelled(call.text('Root'));
  call.emit(
    PsObject.of(
      'System.Management.Automation.PSDriveInfo',
      { Name: call.text('Name'), Root: call.text('Root') },
      call.text('Name'),
    ),
  );
}
