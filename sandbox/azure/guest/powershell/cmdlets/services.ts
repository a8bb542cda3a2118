import type { GuestService } from '../../model';
import { startTypeOf } from '../../windows/service';
import { type Call, cmdlets } from '../call';
import { Bag, hasWildcard, PsObject, toText, wildcard } from '../values';

/** A service's name as it is written, in any case, by its display name too. */
function serviceNamed(call: Call, name: string): string | undefined {
  const { services } = call.runtime.guest;
  const wanted = name.toLowerCase();
  return Object.keys(services).find(
    (n) => n.toLowerCase() === wanted || services[n]?.displayName?.toLowerCase() === wanted,
  );
}

function serviceObject(call: Call, name: string): PsObject {
  const service = call.runtime.guest.services[name] as GuestService;
  const bag = Bag.of({
    Status: service.active ? 'Running' : 'Stopped',
    Name: name,
    DisplayName: service.displayName ?? name,
    ServiceName: name,
    StartType: startTypeOf(service),
    CanStop: service.active,
    MachineName: '.',
  });
  return new PsObject('System.ServiceProcess.ServiceController', bag, undefined, {
    tostring: () => name,
    refresh: () => null,
    waitforstatus: () => null,
    stop: () => {
      change(call, name, { active: false });
      return null;
    },
    start: () => {
      change(call, name, { active: true });
      return null;
    },
  }).showing('Status', 'Name', 'DisplayName');
}

function change(call: Call, name: string, to: Partial<GuestService>): void {
  const { services } = call.runtime.guest;
  services[name] = { ...(services[name] as GuestService), ...to };
}

/** The names that are meant: of services that are not there, an error each. */
function names(call: Call): string[] {
  const given =
    call.has('DisplayName') && !call.has('Name')
      ? call.texts('DisplayName')
      : call.has('InputObject')
        ? call.named('InputObject', 'Name')
        : call.named('Name', 'ServiceName');
  const all = Object.keys(call.runtime.guest.services).sort((a, b) => a.localeCompare(b, 'en'));
  return given.flatMap((name) => {
    if (hasWildcard(name)) return all.filter((n) => wildcard(name).test(n));
    const found = serviceNamed(call, name);
    if (found === undefined) notFound(call, name);
    return found ?? [];
  });
}

function notFound(call: Call, name: string): void {
  call.fail({
    message:
      call.cmdlet.name === 'Set-Service'
        ? `Service ${name} was not found on computer '.'.`
        : `Cannot find any service with service name '${name}'.`,
    category: 'ObjectNotFound',
    target: `${name}:String`,
    exception: 'Microsoft.PowerShell.Commands.ServiceCommandException',
    id: `NoServiceFoundForGivenName,Microsoft.PowerShell.Commands.${call.cmdlet.name.replace('-', '')}Command`,
  });
}

function start(call: Call): void {
  for (const name of names(call)) {
    const service = call.runtime.guest.services[name] as GuestService;
    if (!service.active && startTypeOf(service) === 'Disabled') {
      call.fail({
        message: `Service '${service.displayName ?? name} (${name})' cannot be started due to the following error: Cannot start service ${name} on computer '.'.`,
        category: 'OpenError',
        target: `System.ServiceProcess.ServiceController:ServiceController`,
        exception: 'Microsoft.PowerShell.Commands.ServiceCommandException',
        id: `CouldNotStartService,Microsoft.PowerShell.Commands.${call.cmdlet.name.replace('-', '')}Command`,
      });
    } else if (!call.isDryRun) change(call, name, { active: true });
    if (call.flag('PassThru')) call.emit(serviceObject(call, name));
  }
}

function stop(call: Call): void {
  for (const name of names(call)) {
    if (!call.isDryRun) change(call, name, { active: false });
    if (call.flag('PassThru')) call.emit(serviceObject(call, name));
  }
}

function set(call: Call): void {
  const wanted = call.text('StartupType').toLowerCase();
  const types: Readonly<Record<string, Partial<GuestService>>> = {
    automatic: { enabled: true, manual: false },
    automaticdelayedstart: { enabled: true, manual: false },
    manual: { enabled: false, manual: true },
    disabled: { enabled: false, manual: false },
  };
  if (wanted && !types[wanted]) {
    throw call.stop({
      message: `Cannot bind parameter 'StartupType'. Cannot convert value "${call.text('StartupType')}" to type "System.ServiceProcess.ServiceStartMode". Error: "Unable to match the identifier name ${call.text('StartupType')} to a valid enumerator name. Specify one of the following enumerator names and try again: Boot, System, Automatic, Manual, Disabled"`,
      category: 'InvalidArgument',
      exception: 'System.Management.Automation.ParameterBindingException',
      id: 'CannotConvertArgumentNoMessage,Microsoft.PowerShell.Commands.SetServiceCommand',
    });
  }
  for (const name of names(call)) {
    if (call.isDryRun) continue;
    if (wanted) change(call, name, types[wanted] ?? {});
    if (call.has('DisplayName')) change(call, name, { displayName: call.text('DisplayName') });
    if (/running/i.test(call.text('Status'))) change(call, name, { active: true });
    if (/stopped/i.test(call.text('Status'))) change(call, name, { active: false });
  }
}

function create(call: Call): void {
  const name = call.text('Name');
  const { services } = call.runtime.guest;
  const type = call.text('StartupType', 'Automatic').toLowerCase();
  services[name] = {
    enabled: type === 'automatic',
    active: false,
    displayName: call.text('DisplayName', name),
    ...(type === 'manual' && { manual: true }),
  };
  call.emit(serviceObject(call, toText(name)));
}

export const services = cmdlets({
  'Get-Service': [
    'Name|ServiceName DisplayName= InputObject= ComputerName= Include= Exclude= -DependentServices -RequiredServices',
    (call) => {
      if (!call.has('Name') && !call.has('DisplayName') && call.isFirst) {
        for (const name of Object.keys(call.runtime.guest.services).sort((a, b) => a.localeCompare(b, 'en')))
          call.emit(serviceObject(call, name));
      } else for (const name of names(call)) call.emit(serviceObject(call, name));
    },
  ],
  'Start-Service': ['Name|ServiceName DisplayName= InputObject= -PassThru', start],
  'Stop-Service': ['Name|ServiceName DisplayName= InputObject= -Force -PassThru -NoWait', stop],
  'Restart-Service': ['Name|ServiceName DisplayName= InputObject= -Force -PassThru', start],
  'Set-Service': [
    'Name|ServiceName StartupType|StartMode= Status= DisplayName= Description= InputObject= -PassThru -Force',
    set,
  ],
  'New-Service': ['Name BinaryPathName DisplayName= StartupType= Description= DependsOn= Credential=', create],
});
