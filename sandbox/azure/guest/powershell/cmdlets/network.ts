import { keys } from '../../windows/base';
import { type FirewallRule, firewallRules, removeFirewallRule, setFirewallRule } from '../../windows/network';
import { type Call, cmdlets } from '../call';
import { itemsOf, PsObject, toBool, toText, type Value, wildcard } from '../values';

/** Settings of the file server: what PowerShell calls them, and the registry value behind each. */
const smb: Readonly<Record<string, { value: string; atFirst: number }>> = {
  EnableSMB1Protocol: { value: 'SMB1', atFirst: 0 },
  EnableSMB2Protocol: { value: 'SMB2', atFirst: 1 },
  RequireSecuritySignature: { value: 'RequireSecuritySignature', atFirst: 0 },
  EnableSecuritySignature: { value: 'EnableSecuritySignature', atFirst: 0 },
  EncryptData: { value: 'EncryptData', atFirst: 0 },
  RejectUnencryptedAccess: { value: 'RejectUnencryptedAccess', atFirst: 1 },
  AuditSmb1Access: { value: 'AuditSmb1Access', atFirst: 0 },
  AutoDisconnectTimeout: { value: 'autodisconnect', atFirst: 15 },
};

function getSmb(call: Call): void {
  const entries = Object.entries(smb).map(([name, { value, atFirst }]): [string, Value] => {
    const kept = call.runtime.registry.value(keys.smb, value)?.data;
    const number = typeof kept === 'number' ? kept : atFirst;
    return [name, name === 'AutoDisconnectTimeout' ? number : number !== 0];
  });
  call.emit(PsObject.of('Microsoft.Management.Infrastructure.CimInstance', Object.fromEntries(entries)));
}

function setSmb(call: Call): void {
  for (const [name, { value }] of Object.entries(smb)) {
    if (!call.has(name) || call.isDryRun) continue;
    const given = call.value(name) ?? null;
    const data = typeof given === 'number' ? given : toBool(given) ? 1 : 0;
    call.runtime.registry.set(keys.smb, value, { kind: 'DWord', data });
  }
}

const profiles: Readonly<Record<string, string>> = {
  Domain: 'DomainProfile',
  Private: 'StandardProfile',
  Public: 'PublicProfile',
};

const actions = ['Allow', 'Block'] as const;

/** `Enabled`, and with which actions: numbers in the registry, words in PowerShell. */
const profileSettings: Readonly<Record<string, { value: string; words: readonly string[] }>> = {
  Enabled: { value: 'EnableFirewall', words: ['False', 'True'] },
  DefaultInboundAction: { value: 'DefaultInboundAction', words: actions },
  DefaultOutboundAction: { value: 'DefaultOutboundAction', words: actions },
  LogBlocked: { value: 'LogDroppedPackets', words: ['False', 'True'] },
  LogAllowed: { value: 'LogSuccessfulConnections', words: ['False', 'True'] },
  NotifyOnListen: { value: 'DisableNotifications', words: ['True', 'False'] },
};

function profileNames(call: Call): string[] {
  const given = call.named('Name').flatMap((name) => name.split(','));
  const all = Object.keys(profiles);
  return given.length === 0 || given.includes('*')
    ? all
    : all.filter((p) => given.some((g) => g.trim().toLowerCase() === p.toLowerCase()));
}

function getProfiles(call: Call): void {
  for (const name of profileNames(call)) {
    const key = `${keys.firewall}\\${profiles[name]}`;
    const entries = Object.entries(profileSettings).map(([setting, { value, words }]): [string, Value] => [
      setting,
      words[Number(call.runtime.registry.value(key, value)?.data ?? 0)] ?? 'NotConfigured',
    ]);
    call.emit(
      PsObject.of('Microsoft.Management.Infrastructure.CimInstance', {
        Name: name,
        Profile: name,
        ...Object.fromEntries(entries),
      }),
    );
  }
}

function setProfiles(call: Call): void {
  const names = call.flag('All') ? Object.keys(profiles) : profileNames(call);
  for (const name of names) {
    for (const [setting, { value, words }] of Object.entries(profileSettings)) {
      if (!call.has(setting) || call.isDryRun) continue;
      const data = words.findIndex((word) => word.toLowerCase() === call.text(setting).toLowerCase());
      if (data >= 0) call.runtime.registry.set(`${keys.firewall}\\${profiles[name]}`, value, { kind: 'DWord', data });
      else throw badWord(call, setting);
    }
  }
}

function badWord(call: Call, name: string): Error {
  return call.stop({
    message: `Cannot process argument transformation on parameter '${name}'. Cannot convert value "${call.text(name)}" to its type. Error: "Unable to match the identifier name ${call.text(name)} to a valid enumerator name."`,
    category: 'InvalidData',
    exception: 'System.Management.Automation.ParameterBindingException',
    id: `ParameterArgumentTransformationError,${call.cmdlet.name}`,
  });
}

function ruleObject(rule: FirewallRule): PsObject {
  return PsObject.of('Microsoft.Management.Infrastructure.CimInstance', {
    Name: rule.name,
    DisplayName: rule.displayName,
    Enabled: rule.enabled ? 'True' : 'False',
    Direction: rule.direction,
    Action: rule.action,
    Profile: 'Any',
    Protocol: rule.protocol,
    LocalPort: rule.ports.length > 0 ? [...rule.ports] : 'Any',
  });
}

function rules(call: Call): FirewallRule[] {
  const all = firewallRules(call.runtime.guest);
  const by = (parameter: string, of: (rule: FirewallRule) => string) => (rule: FirewallRule) =>
    !call.has(parameter) || call.texts(parameter).some((p) => wildcard(p).test(of(rule)));
  const piped = call.isFirst ? undefined : call.named('Name');
  return all
    .filter(by('DisplayName', (r) => r.displayName))
    .filter(by('Direction', (r) => r.direction))
    .filter(by('Action', (r) => r.action))
    .filter(by('Enabled', (r) => (r.enabled ? 'True' : 'False')))
    .filter((r) => (piped ? piped.includes(r.name) : by('Name', (one) => one.name)(r)));
}

/** A rule named that there is not: an error, if it was named whole. */
function wanted(call: Call): FirewallRule[] {
  const found = rules(call);
  const named = call.text('DisplayName') || call.text('Name');
  if (found.length === 0 && named && !/[*?]/.test(named)) {
    const parameter = call.has('DisplayName') ? 'DisplayName' : 'InstanceID';
    call.fail({
      message: `No MSFT_NetFirewallRule objects found with property '${parameter}' equal to '${named}'.  Verify the value of the property and retry.`,
      category: 'ObjectNotFound',
      target: `${named}:String`,
      exception: 'Microsoft.PowerShell.Cmdletization.CimJobException',
      id: `CmdletizationQuery_NotFound_${parameter},${call.cmdlet.name}`,
    });
  }
  return found;
}

function newRule(call: Call): void {
  const action = call.text('Action', 'Allow');
  const displayName = call.text('DisplayName');
  const rule: FirewallRule = {
    name: call.text('Name', displayName),
    displayName,
    enabled: call.text('Enabled', 'True').toLowerCase() === 'true',
    direction: /outbound/i.test(call.text('Direction')) ? 'Outbound' : 'Inbound',
    action: /block/i.test(action) ? 'Block' : 'Allow',
    protocol: call.text('Protocol', 'Any'),
    ports: itemsOf(call.value('LocalPort')).map(toText),
  };
  if (!call.isDryRun) setFirewallRule(call.runtime.guest, rule);
  call.emit(ruleObject(rule));
}

function setRules(how: (call: Call) => Partial<FirewallRule>) {
  return (call: Call): void => {
    for (const rule of wanted(call)) if (!call.isDryRun) setFirewallRule(call.runtime.guest, { ...rule, ...how(call) });
  };
}

const changes = (call: Call): Partial<FirewallRule> => ({
  ...(call.has('SetEnabled') && { enabled: call.text('SetEnabled').toLowerCase() === 'true' }),
  ...(call.has('NewDisplayName') && { displayName: call.text('NewDisplayName') }),
});

const which = 'Name DisplayName= DisplayGroup|Group= Direction= Action= InputObject= -PassThru -All';

/** What listens: by the services that run. */
const listeners: readonly (readonly [port: number, service: string])[] = [
  [135, 'RpcSs'],
  [445, 'LanmanServer'],
  [3389, 'TermService'],
  [5985, 'WinRM'],
  [5986, 'WinRM'],
  [80, 'W3SVC'],
  [53, 'DNS'],
];

function connections(call: Call): void {
  for (const [LocalPort, service] of listeners) {
    if (!call.runtime.guest.services[service]?.active) continue;
    if (call.has('LocalPort') && !call.texts('LocalPort').includes(String(LocalPort))) continue;
    if (call.has('State') && !/listen/i.test(call.text('State'))) continue;
    call.emit(
      PsObject.of('Microsoft.Management.Infrastructure.CimInstance', {
        LocalAddress: '::',
        LocalPort,
        RemoteAddress: '::',
        RemotePort: 0,
        State: 'Listen',
        OwningProcess: 4,
      }).showing('LocalAddress', 'LocalPort', 'RemoteAddress', 'RemotePort', 'State', 'OwningProcess'),
    );
  }
}

export const network = cmdlets({
  'Get-SmbServerConfiguration': ['', getSmb],
  'Set-SmbServerConfiguration': [
    `${Object.keys(smb)
      .map((name) => `${name}=`)
      .join(' ')} -Force`,
    setSmb,
  ],
  'Get-NetFirewallProfile': ['Name|Profile PolicyStore= -All', getProfiles],
  'Set-NetFirewallProfile': [
    `Name|Profile ${Object.keys(profileSettings)
      .map((name) => `${name}=`)
      .join(' ')} LogFileName= LogMaxSizeKilobytes= AllowUnicastResponseToMulticast= PolicyStore= -All -PassThru`,
    setProfiles,
  ],
  'Get-NetFirewallRule': [
    'Name DisplayName= DisplayGroup|Group= Direction= Action= Enabled= PolicyStore= -All',
    (call) => {
      for (const rule of wanted(call)) call.emit(ruleObject(rule));
    },
  ],
  'New-NetFirewallRule': [
    'DisplayName Name= Enabled= Direction= Action= Protocol= LocalPort= RemotePort= RemoteAddress= LocalAddress= Profile= Program= Description= Group=',
    newRule,
  ],
  'Set-NetFirewallRule': [
    `${which} Enabled= NewDisplayName= Profile= RemoteAddress= LocalPort= Protocol=`,
    setRules((call) => ({
      ...changes(call),
      ...(call.has('Enabled') && { enabled: call.text('Enabled').toLowerCase() === 'true' }),
      ...(call.has('LocalPort') && { ports: call.texts('LocalPort') }),
    })),
  ],
  'Enable-NetFirewallRule': [which, setRules(() => ({ enabled: true }))],
  'Disable-NetFirewallRule': [which, setRules(() => ({ enabled: false }))],
  'Remove-NetFirewallRule': [
    which,
    (call) => {
      for (const rule of wanted(call)) removeFirewallRule(call.runtime.guest, rule.name);
    },
  ],
  'Get-NetTCPConnection': ['LocalAddress LocalPort State= RemotePort=', connections],
});
