import { createHash } from 'node:crypto';
import { keys } from '../../windows/base';
import { markPending } from '../../windows/boot';
import { timeZoneNamed, timeZones } from '../../windows/time-zones';
import { type Call, cmdlets } from '../call';
import { Bag, PsObject, toBool, toText, type Value } from '../values';
import { itemsFor } from './paths';

function zoneObject(id: string): PsObject {
  return PsObject.of('System.TimeZoneInfo', { Id: id, DisplayName: timeZones[id] ?? id, StandardName: id });
}

const currentZone = (call: Call): string =>
  toText((call.runtime.registry.value(keys.timeZone, 'TimeZoneKeyName')?.data ?? 'UTC') as Value);

function setZone(call: Call): void {
  const given = call.text('Id') || call.text('Name');
  const id = timeZoneNamed(given);
  if (id) call.runtime.registry.set(keys.timeZone, 'TimeZoneKeyName', { kind: 'String', data: id });
  else {
    call.fail({
      message: `The time zone ID '${given}' was not found on the local computer.`,
      category: 'ObjectNotFound',
      target: `${given}:String`,
      exception: 'System.TimeZoneNotFoundException',
      id: 'TimeZoneNotFound,Microsoft.PowerShell.Commands.SetTimeZoneCommand',
    });
  }
}

/** Preferences of Defender: values of its key, absent as long as nobody changed them. */
const preferences = 'HKLM\\SOFTWARE\\Microsoft\\Windows Defender';
const switches =
  'DisableRealtimeMonitoring DisableBehaviorMonitoring DisableIOAVProtection DisableScriptScanning DisableArchiveScanning'.split(
    ' ',
  );
const lists = 'ExclusionPath ExclusionProcess ExclusionExtension'.split(' ');
const others =
  'PUAProtection MAPSReporting SubmitSamplesConsent ScanScheduleDay EnableNetworkProtection EnableControlledFolderAccess CloudBlockLevel'.split(
    ' ',
  );

const listOf = (call: Call, name: string): string[] => {
  const data = call.runtime.registry.value(`${preferences}\\Exclusions`, name)?.data;
  return Array.isArray(data) ? data.map(String) : [];
};

function getPreference(call: Call): void {
  const bag = new Bag();
  for (const name of switches) bag.set(name, call.runtime.registry.value(preferences, name)?.data === 1);
  for (const name of others) bag.set(name, Number(call.runtime.registry.value(preferences, name)?.data ?? 0));
  for (const name of lists) bag.set(name, listOf(call, name));
  call.emit(new PsObject('Microsoft.Management.Infrastructure.CimInstance', bag));
}

const words: Readonly<Record<string, number>> = {
  disabled: 0,
  enabled: 1,
  auditmode: 2,
  basic: 1,
  advanced: 2,
  default: 0,
  high: 2,
};

function setPreference(call: Call): void {
  const { registry } = call.runtime;
  for (const name of [...switches, ...others]) {
    if (!call.has(name)) continue;
    const given = call.value(name) ?? null;
    const data = typeof given === 'number' ? given : (words[toText(given).toLowerCase()] ?? (toBool(given) ? 1 : 0));
    registry.set(preferences, name, { kind: 'DWord', data });
  }
  for (const name of lists) {
    if (!call.has(name)) continue;
    const isAdding = call.cmdlet.name.startsWith('Add');
    const data = [...(isAdding ? listOf(call, name) : []), ...call.texts(name)];
    registry.set(`${preferences}\\Exclusions`, name, { kind: 'MultiString', data });
  }
}

function status(call: Call): void {
  const { guest, registry, now } = call.runtime;
  const on = guest.services['WinDefend']?.active === true;
  call.emit(
    PsObject.of('Microsoft.Management.Infrastructure.CimInstance', {
      AMServiceEnabled: on,
      AntivirusEnabled: on,
      RealTimeProtectionEnabled: on && registry.value(preferences, 'DisableRealtimeMonitoring')?.data !== 1,
      AntivirusSignatureLastUpdated: now,
      AMRunningMode: on ? 'Normal' : 'Not running',
    }),
  );
}

function rename(call: Call) {
  const name = call.text('NewName');
  if (!/^[A-Za-z0-9-]{1,15}$/.test(name) || /^\d+$/.test(name)) {
    return call.fail({
      message: `Skip computer '${toText(call.runtime.environment.get('COMPUTERNAME'))}' with new name '${name}' because the new name is not valid.`,
      category: 'InvalidArgument',
      target: `${name}:String`,
      exception: 'System.InvalidOperationException',
      id: 'InvalidNewName,Microsoft.PowerShell.Commands.RenameComputerCommand',
    });
  }
  markPending(call.runtime.guest, { hostname: name }, 'components');
  call.runtime.write(
    'out',
    `WARNING: The changes will take effect after you restart the computer ${toText(call.runtime.environment.get('COMPUTERNAME'))}.\n`,
  );
}

function fileHash(call: Call): void {
  const algorithm = call.text('Algorithm', 'SHA256').toUpperCase();
  for (const { path } of itemsFor(call)) {
    const Hash = createHash(algorithm.toLowerCase())
      .update(call.runtime.files.read(path) ?? '')
      .digest('hex')
      .toUpperCase();
    call.emit(PsObject.of('Microsoft.PowerShell.Commands.FileHashInfo', { Algorithm: algorithm, Hash, Path: path }));
  }
}

/** Restarts of a recipe's own cut the connection; what the machine does then is not modelled. */
function restartComputer(call: Call): void {
  throw call.notModelled('');
}

export const machine = cmdlets({
  'Get-TimeZone': [
    'Name Id= -ListAvailable',
    (call) => {
      if (!call.flag('ListAvailable')) return call.emit(zoneObject(currentZone(call)));
      for (const id of Object.keys(timeZones)) call.emit(zoneObject(id));
    },
  ],
  'Set-TimeZone': ['Name Id= -PassThru', setZone],
  'Get-MpPreference': ['', getPreference],
  'Set-MpPreference': [
    [...switches, ...others, ...lists]
      .map((name) => `${name}=`)
      .join(' ')
      .concat(' -Force'),
    setPreference,
  ],
  'Add-MpPreference': [
    lists
      .map((name) => `${name}=`)
      .join(' ')
      .concat(' -Force'),
    setPreference,
  ],
  'Get-MpComputerStatus': ['', status],
  'Rename-Computer': ['NewName ComputerName= -Force -Restart -PassThru', rename],
  'Restart-Computer': ['ComputerName -Force -Wait', restartComputer],
  'Stop-Computer': ['ComputerName -Force', restartComputer],
  'Get-FileHash': ['Path Algorithm LiteralPath=', fileHash],
});
