import { longPath } from '../../windows/registry';
import { type Call, cmdlets } from '../call';
import { readValue, registryKind, registryValue } from '../registry-keys';
import { Bag, hasWildcard, PsObject, toText, type Value, wildcard } from '../values';
import { fileObject, type Item, itemsFor } from './paths';

/** Registry values, as properties of their keys. */

const nameOf = (name: string): string => (/^\(default\)$/i.test(name) ? '' : name);

function valuesOf(call: Call, { drive, path }: Item): (readonly [string, Value])[] {
  if (drive === 'file') return fileObject(call.runtime, path).bag.entries.slice();
  if (drive !== 'registry') throw call.notModelled(path);
  return (call.runtime.registry.values(path) ?? []).map(([name, value]) => [
    name || '(default)',
    readValue(value, call.runtime),
  ]);
}

function getProperty(call: Call): void {
  const names = call.texts('Name');
  for (const item of itemsFor(call)) {
    const values = valuesOf(call, item);
    const found = names.length === 0 ? values : names.flatMap((name) => named(call, item, values, name));
    if (names.length > 0 && found.length === 0) continue;
    if (values.length === 0) continue;
    const long = longPath(item.path);
    const bag = Bag.of(Object.fromEntries(found));
    for (const [name, value] of Object.entries({
      PSPath: `Microsoft.PowerShell.Core\\Registry::${long}`,
      PSParentPath: `Microsoft.PowerShell.Core\\Registry::${longPath(item.path.slice(0, Math.max(0, item.path.lastIndexOf('\\'))))}`,
      PSChildName: item.path.split('\\').at(-1) ?? '',
      PSDrive: item.path.split('\\')[0] ?? '',
      PSProvider: 'Microsoft.PowerShell.Core\\Registry',
    }))
      bag.set(name, value);
    call.emit(new PsObject('System.Management.Automation.PSCustomObject', bag));
  }
}

function named(
  call: Call,
  item: Item,
  values: readonly (readonly [string, Value])[],
  name: string,
): (readonly [string, Value])[] {
  const found = values.filter(([n]) =>
    hasWildcard(name) ? wildcard(name).test(n) : n.toLowerCase() === name.toLowerCase(),
  );
  if (found.length === 0 && !hasWildcard(name)) noProperty(call, item, name);
  return found;
}

function noProperty(call: Call, { path }: Item, name: string): void {
  const shown = longPath(path);
  call.fail({
    message: `Property ${name} does not exist at path ${shown}.`,
    category: 'InvalidArgument',
    target: `${name}:String`,
    exception: 'System.Management.Automation.PSArgumentException',
    id: `System.Management.Automation.PSArgumentException,Microsoft.PowerShell.Commands.${call.cmdlet.name.replace('-', '')}Command`,
  });
}

function setProperty(call: Call): void {
  const items = itemsFor(call);
  const single = call.has('Name') ? [[call.text('Name'), call.value('Value') ?? null] as const] : [];
  for (const item of items) {
    if (item.drive !== 'registry') throw call.notModelled('of a file');
    for (const [name, value] of single) write(call, item, name, value);
    if (call.cmdlet.name === 'New-ItemProperty' || call.flag('PassThru')) getProperty(call);
  }
}

function write(call: Call, { path }: Item, name: string, value: Value) {
  const { registry } = call.runtime;
  const known = registry.value(path, nameOf(name));
  const isNew = call.cmdlet.name === 'New-ItemProperty';
  if (isNew && known && !call.flag('Force')) {
    return call.fail({
      message: 'The property already exists.',
      category: 'ResourceExists',
      target: `${longPath(path)}:String`,
      exception: 'System.IO.IOException',
      id: 'System.IO.IOException,Microsoft.PowerShell.Commands.NewItemPropertyCommand',
    });
  }
  const wanted = call.text('PropertyType') || call.text('Type');
  const kind = wanted ? registryKind(wanted) : isNew ? undefined : known?.kind;
  if (wanted && !kind) throw badType(call, wanted);
  const kept = registryValue(value, kind);
  if (!kept) throw badType(call, toText(value));
  if (!call.isDryRun) registry.set(path, nameOf(name), kept);
}

function badType(call: Call, given: string): Error {
  return call.stop({
    message: `The type of the value object did not match the specified RegistryValueKind or the object could not be properly converted: '${given}'.`,
    category: 'InvalidArgument',
    target: `${given}:String`,
    exception: 'System.ArgumentException',
    id: `System.ArgumentException,Microsoft.PowerShell.Commands.${call.cmdlet.name.replace('-', '')}Command`,
  });
}

function removeProperty(call: Call): void {
  for (const item of itemsFor(call)) {
    for (const name of call.texts('Name')) {
      const known = call.runtime.registry.value(item.path, nameOf(name));
      if (known) call.runtime.registry.unset(item.path, nameOf(name));
      else if (!hasWildcard(name)) noProperty(call, item, name);
    }
  }
}

function getPropertyValue(call: Call): void {
  for (const item of itemsFor(call)) {
    const values = valuesOf(call, item);
    for (const name of call.texts('Name')) for (const [, value] of named(call, item, values, name)) call.emit(value);
  }
}

export const properties = cmdlets({
  'Get-ItemProperty': ['Path Name LiteralPath|PSPath=', getProperty],
  'Get-ItemPropertyValue': ['Path Name LiteralPath|PSPath=', getPropertyValue],
  'Set-ItemProperty': ['Path Name Value LiteralPath|PSPath= Type|PropertyType= -Force -PassThru', setProperty],
  'New-ItemProperty': ['Path Name Value LiteralPath|PSPath= PropertyType|Type= -Force', setProperty],
  'Remove-ItemProperty': ['Path Name LiteralPath|PSPath= -Force', removeProperty],
});
