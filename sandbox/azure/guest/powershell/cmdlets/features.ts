import { markPending } from '../../windows/boot';
import { type Feature, featureNamed, features as known, optionalNamed } from '../../windows/features';
import { type Call, cmdlets } from '../call';
import { hasWildcard, PsObject, type Value, wildcard } from '../values';

/** Roles and features by the server manager's names, and optional features by DISM's: the same things. */

function stateOf(call: Call, { name }: Feature): 'Installed' | 'InstallPending' | 'UninstallPending' | 'Available' {
  const { guest } = call.runtime;
  const pending = guest.pending?.features?.[name];
  if (pending !== undefined) return pending ? 'InstallPending' : 'UninstallPending';
  return guest.features?.[name] ? 'Installed' : 'Available';
}

function roleObject(call: Call, feature: Feature): PsObject {
  const InstallState = stateOf(call, feature);
  return PsObject.of('Microsoft.Windows.ServerManager.Commands.Feature', {
    DisplayName: feature.displayName,
    Name: feature.name,
    InstallState,
    Installed: InstallState === 'Installed' || InstallState === 'UninstallPending',
    FeatureType: 'Feature',
  }).showing('DisplayName', 'Name', 'InstallState');
}

function getRoles(call: Call): void {
  const names = call.named('Name');
  if (names.length === 0) for (const feature of known) call.emit(roleObject(call, feature));
  for (const name of names) {
    const found = known.filter((f) =>
      hasWildcard(name) ? wildcard(name).test(f.name) : f.name.toLowerCase() === name.toLowerCase(),
    );
    // A name that there is not gives nothing here, and an error where something is to be done with it.
    for (const feature of found) call.emit(roleObject(call, feature));
  }
}

/** A feature and what comes with it. */
function all(feature: Feature): Feature[] {
  return [feature, ...(feature.brings ?? []).flatMap((name) => featureNamed(name) ?? [])];
}

/** Whether a restart is needed for what was asked. */
function change(call: Call, feature: Feature, on: boolean): boolean {
  const { guest } = call.runtime;
  const before = stateOf(call, feature);
  if ((before === 'Installed') === on && (before === 'Installed' || before === 'Available')) return false;
  if (call.isDryRun) return false;
  if (feature.needsRestart) {
    markPending(guest, { features: { [feature.name]: on } }, 'components');
    return true;
  }
  guest.features = { ...guest.features, [feature.name]: on };
  for (const [name, service] of Object.entries(feature.services ?? {})) {
    if (on) guest.services[name] = service;
    else delete guest.services[name];
  }
  return false;
}

function setRoles(on: boolean) {
  return (call: Call): void => {
    const changed: string[] = [];
    let restart = false;
    for (const name of call.named('Name')) {
      const feature = featureNamed(name);
      if (!feature) throw unknownRole(call, name);
      for (const one of all(feature)) {
        if (stateOf(call, one) !== (on ? 'Installed' : 'Available')) changed.push(one.displayName);
        restart = change(call, one, on) || restart;
      }
    }
    if (restart)
      call.runtime.write('out', 'WARNING: You must restart this server to finish the installation process.\n');
    call.emit(
      PsObject.of('Microsoft.Windows.ServerManager.Commands.FeatureOperationResult', {
        Success: true,
        RestartNeeded: restart ? 'Yes' : 'No',
        ExitCode: changed.length === 0 ? 'NoChangeNeeded' : restart ? 'SuccessRestartRequired' : 'Success',
        FeatureResult: changed,
      }).showing('Success', 'RestartNeeded', 'ExitCode', 'FeatureResult'),
    );
  };
}

function unknownRole(call: Call, name: string): Error {
  return call.stop({
    message: `ArgumentNotValid: The role, role service, or feature name is not valid: '${name}'. The name was not found.`,
    category: 'InvalidArgument',
    target: `${name}:String`,
    exception: 'System.Exception',
    id: `NameDoesNotExist,Microsoft.Windows.ServerManager.Commands.${on(call)}WindowsFeatureCommand`,
  });
}

const on = (call: Call): string => (call.cmdlet.name.startsWith('Uninstall') ? 'Remove' : 'Add');

const optionalStates = {
  Installed: 'Enabled',
  InstallPending: 'EnablePending',
  UninstallPending: 'DisablePending',
  Available: 'Disabled',
} as const;

function optionalObject(call: Call, feature: Feature): PsObject {
  const state = stateOf(call, feature);
  return PsObject.of('Microsoft.Dism.Commands.AdvancedFeatureObject', {
    FeatureName: feature.optional,
    DisplayName: feature.displayName,
    State: optionalStates[state],
    RestartRequired: feature.needsRestart ? 'Possible' : 'No',
  }).showing('FeatureName', 'State');
}

function getOptional(call: Call): void {
  const names = call.named('FeatureName');
  const found = known.filter(
    (f) =>
      names.length === 0 ||
      names.some((n) => (hasWildcard(n) ? wildcard(n).test(f.optional) : n.toLowerCase() === f.optional.toLowerCase())),
  );
  for (const feature of found) call.emit(optionalObject(call, feature));
}

function setOptional(isOn: boolean) {
  return (call: Call): void => {
    for (const name of call.named('FeatureName')) {
      const feature = optionalNamed(name);
      if (!feature) {
        call.fail({
          message: `Feature name ${name} is unknown.`,
          category: 'NotSpecified',
          target: ':',
          exception: 'System.Runtime.InteropServices.COMException',
          id: `Microsoft.Dism.Commands.${isOn ? 'Enable' : 'Disable'}WindowsOptionalFeatureCommand`,
        });
        continue;
      }
      const restart = all(feature)
        .map((one) => change(call, one, isOn))
        .some(Boolean);
      if (restart) call.runtime.write('out', 'WARNING: Restart is suppressed because NoRestart is specified.\n');
      call.emit(
        PsObject.of('Microsoft.Dism.Commands.ImageObject', { Path: '', Online: true, RestartNeeded: restart } as Record<
          string,
          Value
        >).showing('Path', 'Online', 'RestartNeeded'),
      );
    }
  };
}

const role = 'Name Source= Vhd= ComputerName= -IncludeAllSubFeature -IncludeManagementTools -Restart -Remove';
const optional = 'FeatureName Source= PackageName= -Online -All -NoRestart -LimitAccess -Remove';

export const features = cmdlets({
  'Get-WindowsFeature': ['Name ComputerName=', getRoles],
  'Install-WindowsFeature': [role, setRoles(true)],
  'Add-WindowsFeature': [role, setRoles(true)],
  'Uninstall-WindowsFeature': [role, setRoles(false)],
  'Remove-WindowsFeature': [role, setRoles(false)],
  'Get-WindowsOptionalFeature': ['FeatureName PackageName= -Online', getOptional],
  'Enable-WindowsOptionalFeature': [optional, setOptional(true)],
  'Disable-WindowsOptionalFeature': [optional, setOptional(false)],
});
