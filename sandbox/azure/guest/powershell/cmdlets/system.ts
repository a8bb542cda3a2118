import { startTypeOf } from '../../windows/service';
import { type Call, cmdlets } from '../call';
import { cast } from '../cast';
import { dateFormat } from '../formats';
import { timeSpan } from '../operators';
import { Bag, customObject, PsObject, toText, type Value, wildcard } from '../values';

function getDate(call: Call) {
  const given = call.value('Date') ?? call.input[0];
  const date = given === undefined || given === null ? call.runtime.now : cast(given, 'datetime');
  if (!(date instanceof Date)) return;
  if (call.has('Format')) return call.emit(dateFormat(date, call.text('Format')));
  if (call.has('UFormat')) throw call.notModelled('-UFormat');
  call.emit(date);
}

function sleep(call: Call): void {
  const ms = call.number('Milliseconds') ?? (call.number('Seconds') ?? 0) * 1_000;
  call.runtime.sleptMs += Math.max(0, ms);
}

/** Classes of WMI, as far as recipes and tests ask for them. */
const classes: Readonly<Record<string, (call: Call) => void>> = {
  win32_operatingsystem: (call) => {
    const { guest, now } = call.runtime;
    const found = PsObject.of('Microsoft.Management.Infrastructure.CimInstance', {
      Caption: `Microsoft ${guest.os.name}`,
      Version: guest.os.version,
      BuildNumber: guest.os.version.split('.')[2] ?? '',
      OSArchitecture: '64-bit',
      ProductType: 3,
      CSName: nameOf(call),
      LastBootUpTime: now,
      SystemDrive: 'C:',
      SystemDirectory: 'C:\\Windows\\system32',
      WindowsDirectory: 'C:\\Windows',
      FreePhysicalMemory: 6_000_000,
      TotalVisibleMemorySize: 8_388_148,
    });
    call.emit(found.showing('SystemDirectory', 'BuildNumber', 'Version'));
  },
  win32_quickfixengineering: hotFixes,
  win32_computersystem: (call) =>
    call.emit(
      customObject({
        Name: nameOf(call),
        Domain: 'WORKGROUP',
        PartOfDomain: false,
        Manufacturer: 'Microsoft Corporation',
        Model: 'Virtual Machine',
        NumberOfLogicalProcessors: 2,
        TotalPhysicalMemory: 8_589_463_552,
      }),
    ),
  win32_useraccount: (call) => {
    for (const [Name, user] of Object.entries(call.runtime.guest.users)) {
      call.emit(customObject({ Name, SID: `S-1-5-21-0-0-0-${user.uid}`, Disabled: user.enabled === false }));
    }
  },
  win32_service: (call) => {
    for (const [Name, service] of Object.entries(call.runtime.guest.services)) {
      const StartMode = startTypeOf(service).replace('Automatic', 'Auto');
      const State = service.active ? 'Running' : 'Stopped';
      call.emit(customObject({ Name, State, StartMode, DisplayName: service.displayName ?? Name }));
    }
  },
};

const nameOf = (call: Call): string => toText(call.runtime.environment.get('COMPUTERNAME'));

function instance(call: Call): void {
  const name = call.text('ClassName') || call.text('Class');
  const found = classes[name.toLowerCase()];
  if (!found || call.has('Filter') || call.has('Query')) throw call.notModelled(name);
  found(call);
}

function hotFixes(call: Call): void {
  const wanted = call.texts('Id').map((id) => id.toUpperCase());
  const updates = Object.entries(call.runtime.guest.updates ?? {}).filter(([, u]) => u.kind !== 'Tool');
  const shown = updates.filter(([id]) => wanted.length === 0 || wanted.includes(id));
  for (const id of wanted.filter((w) => !updates.some(([known]) => known === w))) {
    call.fail({
      message: `Cannot find the requested hotfix on the 'localhost' computer. Verify the input and run the command again.`,
      category: 'ObjectNotFound',
      target: `${id}:String`,
      exception: 'System.ArgumentException',
      id: 'GetHotFixNoEntriesFound,Microsoft.PowerShell.Commands.GetHotFixCommand',
    });
  }
  for (const [id, { kind, installedOn }] of shown) {
    call.emit(
      PsObject.of('System.Management.ManagementObject', {
        Source: toText(call.runtime.environment.get('COMPUTERNAME')),
        Description: kind,
        HotFixID: id,
        InstalledBy: 'NT AUTHORITY\\SYSTEM',
        InstalledOn: new Date(`${installedOn}T00:00:00Z`),
      }).showing('Source', 'Description', 'HotFixID', 'InstalledBy', 'InstalledOn'),
    );
  }
}

function computerInfo(call: Call): void {
  const { guest } = call.runtime;
  const [, , build = ''] = guest.os.version.split('.');
  const all = Bag.of({
    WindowsProductName: guest.os.name,
    OsName: `Microsoft ${guest.os.name}`,
    OsVersion: guest.os.version,
    OsBuildNumber: build,
    OsArchitecture: '64-bit',
    CsName: toText(call.runtime.environment.get('COMPUTERNAME')),
    WindowsInstallationType: 'Server',
    TimeZone: '(UTC) Coordinated Universal Time',
  });
  const names = call.texts('Property');
  const kept = names.length === 0 ? all.names : all.names.filter((n) => names.some((p) => wildcard(p).test(n)));
  call.emit(customObject(Object.fromEntries(kept.map((n) => [n, all.get(n) ?? null]))));
}

/** A program that is started does nothing here but what the sandbox models of it. */
function startProcess(call: Call): void {
  throw call.notModelled(`${call.text('FilePath')} ${call.texts('ArgumentList').join(' ')}`.trim());
}

function getCommand(call: Call): void {
  for (const name of call.texts('Name')) {
    if (call.engine.knows(name)) {
      call.emit(
        PsObject.of(
          'System.Management.Automation.CommandInfo',
          { CommandType: 'Cmdlet', Name: name, Source: '' },
          name,
        ),
      );
    } else {
      call.fail({
        message: `The term '${name}' is not recognized as the name of a cmdlet, function, script file, or operable program. Check the spelling of the name, or if a path was included, verify that the path is correct and try again.`,
        category: 'ObjectNotFound',
        target: `${name}:String`,
        exception: 'System.Management.Automation.CommandNotFoundException',
        id: 'CommandNotFoundException,Microsoft.PowerShell.Commands.GetCommandCommand',
      });
    }
  }
}

function expression(call: Call): void {
  const text = call.inputOr('Command').map(toText).join('\n');
  call.engine.callText(text, call.runtime.place.file, [], (value) => call.emit(value));
}

function variable(call: Call) {
  const found = call.runtime.lookup(
    call
      .text('Name')
      .replace(/^(?:global|variable):/gi, '')
      .replace(/^global:/i, ''),
  );
  if (found === undefined || typeof found === 'symbol') {
    return call.fail({
      message: `Cannot find a variable with the name '${call.text('Name')}'.`,
      category: 'ObjectNotFound',
      target: `${call.text('Name')}:String`,
      exception: 'System.Management.Automation.ItemNotFoundException',
      id: 'VariableNotFound,Microsoft.PowerShell.Commands.GetVariableCommand',
    });
  }
  call.emit(
    call.flag('ValueOnly')
      ? found
      : PsObject.of('System.Management.Automation.PSVariable', { Name: call.text('Name'), Value: found }),
  );
}

function setVariable(call: Call): void {
  const name = call.text('Name').replace(/^(?:variable:)?(?:global:|script:)?/i, '');
  const isGlobal = /global|script/i.test(`${call.text('Scope')}${call.text('Name')}`);
  call.runtime.set(name, call.value('Value') ?? null, isGlobal ? 'global' : 'local');
}

/** A setting of the process that changes nothing which is modelled. */
const accepted = (): void => undefined;

export const system = cmdlets({
  'Start-Sleep': ['Seconds|s Milliseconds|m=', sleep],
  'Get-Date': ['Date Format= UFormat= -AsUTC', getDate],
  'New-TimeSpan': ['Start End Days= Hours= Minutes= Seconds=', newTimeSpan],
  'Get-CimInstance': ['ClassName Filter= Namespace= Property= Query= ComputerName=', instance],
  'Get-WmiObject': ['Class Property Filter= Namespace= Query= ComputerName=', instance],
  'Get-HotFix': ['Id|HFID Description= ComputerName=', hotFixes],
  'Get-ComputerInfo': ['Property', computerInfo],
  'Start-Process': [
    'FilePath|PSPath ArgumentList|Args WorkingDirectory= Verb= WindowStyle= RedirectStandardOutput= RedirectStandardError= -Wait -PassThru -NoNewWindow',
    startProcess,
  ],
  'Invoke-WebRequest': ['Uri OutFile= Method= Headers= Body= TimeoutSec= ContentType= -UseBasicParsing', fetched],
  'Invoke-RestMethod': ['Uri OutFile= Method= Headers= Body= TimeoutSec= ContentType= -UseBasicParsing', fetched],
  'Invoke-Expression': ['Command', expression],
  'Get-Command': ['Name Module= CommandType=', getCommand],
  'Get-Variable': ['Name Scope= -ValueOnly', variable],
  'Set-Variable': ['Name Value Scope= Option= -Force', setVariable],
  'New-Variable': ['Name Value Scope= Option= -Force', setVariable],
  'Remove-Variable': [
    'Name Scope= -Force',
    (call) => {
      for (const name of call.texts('Name')) call.runtime.forget(name);
    },
  ],
  'Get-ExecutionPolicy': [
    'Scope= -List',
    (call) =>
      call.emit(
        toText(
          call.runtime.registry.value(
            'HKLM\\SOFTWARE\\Microsoft\\PowerShell\\1\\ShellIds\\Microsoft.PowerShell',
            'ExecutionPolicy',
          )?.data as Value,
        ) || 'RemoteSigned',
      ),
  ],
  'Set-ExecutionPolicy': [
    'ExecutionPolicy Scope -Force',
    (call) => {
      const isMachine = /machine|^$/i.test(call.text('Scope'));
      if (isMachine)
        call.runtime.registry.set(
          'HKLM\\SOFTWARE\\Microsoft\\PowerShell\\1\\ShellIds\\Microsoft.PowerShell',
          'ExecutionPolicy',
          { kind: 'String', data: call.text('ExecutionPolicy') },
        );
    },
  ],
  'Set-StrictMode': ['Version= -Off', accepted],
  'Import-Module': ['Name -Force -PassThru -DisableNameChecking -Global -SkipEditionCheck', accepted],
  'Remove-Module': ['Name -Force', accepted],
  'Start-Transcript': ['Path -Append -Force -NoClobber', accepted],
  'Stop-Transcript': ['', accepted],
});

function newTimeSpan(call: Call) {
  const parts = { Days: 86_400_000, Hours: 3_600_000, Minutes: 60_000, Seconds: 1_000 };
  if (!call.has('Start') && !call.has('End')) {
    return call.emit(
      timeSpan(Object.entries(parts).reduce((ms, [name, size]) => ms + (call.number(name) ?? 0) * size, 0)),
    );
  }
  const at = (name: string) =>
    call.has(name) ? (cast(call.value(name) ?? null, 'datetime') as Date) : call.runtime.now;
  call.emit(timeSpan(at('End').getTime() - at('Start').getTime()));
}

/** Nothing is fetched: a note in a customizer, an address that does not resolve elsewhere. */
function fetched(call: Call): void {
  const uri = call.text('Uri');
  if (call.runtime.mode === 'customizer') throw call.notModelled(uri);
  const host = /^\w+:\/\/([^/:]+)/.exec(uri)?.[1] ?? uri;
  throw call.stop({
    message: `The remote name could not be resolved: '${host}'`,
    category: 'InvalidOperation',
    target: '(System.Net.HttpWebRequest:HttpWebRequest)'.slice(1, -1),
    exception: 'System.Net.WebException',
    id: `WebCmdletWebResponseException,Microsoft.PowerShell.Commands.${call.cmdlet.name.replace('-', '')}Command`,
  });
}
