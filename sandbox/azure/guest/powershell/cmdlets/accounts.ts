import type { GuestUser } from '../../model';
import { type Call, cmdlets } from '../call';
import { hasWildcard, PsObject, toText, type Value, wildcard } from '../values';

function userObject(name: string, { enabled, uid }: GuestUser): PsObject {
  return PsObject.of('Microsoft.PowerShell.Commands.LocalUser', {
    Name: name,
    Enabled: enabled !== false,
    Description: '',
    SID: `S-1-5-21-1004336348-1177238915-682003330-${uid}`,
    PrincipalSource: 'Local',
  }).showing('Name', 'Enabled', 'Description');
}

/** The accounts that are meant; the names of those that are not there are errors. */
function names(call: Call): string[] {
  const all = Object.keys(call.runtime.guest.users);
  const given = call.has('InputObject') ? call.named('InputObject', 'Name') : call.named('Name');
  if (call.has('SID'))
    return all.filter((n) => call.texts('SID').some((sid) => sid.endsWith(`-${call.runtime.guest.users[n]?.uid}`)));
  return given.flatMap((name) => {
    if (hasWildcard(name)) return all.filter((n) => wildcard(name).test(n));
    const found = all.find((n) => n.toLowerCase() === name.toLowerCase());
    if (found === undefined) {
      call.fail({
        message: `User ${name} was not found.`,
        category: 'ObjectNotFound',
        target: `${name}:String`,
        exception: 'Microsoft.PowerShell.Commands.UserNotFoundException',
        id: `UserNotFound,Microsoft.PowerShell.Commands.${call.cmdlet.name.replace('-', '')}Command`,
      });
    }
    return found ?? [];
  });
}

function change(to: Partial<GuestUser>) {
  return (call: Call): void => {
    for (const name of names(call)) {
      if (!call.isDryRun) call.runtime.guest.users[name] = { ...(call.runtime.guest.users[name] as GuestUser), ...to };
    }
  };
}

function create(call: Call) {
  const { users } = call.runtime.guest;
  const name = call.text('Name');
  if (Object.keys(users).some((n) => n.toLowerCase() === name.toLowerCase())) {
    return call.fail({
      message: `User ${name} already exists.`,
      category: 'ResourceExists',
      target: `${name}:String`,
      exception: 'Microsoft.PowerShell.Commands.UserExistsException',
      id: 'UserExists,Microsoft.PowerShell.Commands.NewLocalUserCommand',
    });
  }
  const uid = Math.max(1_000, ...Object.values(users).map((u) => u.uid)) + 1;
  users[name] = { uid, shell: '', home: `C:\\Users\\${name}`, enabled: !call.flag('Disabled'), groups: ['Users'] };
  call.emit(userObject(name, users[name]));
}

function rename(call: Call): void {
  const { users } = call.runtime.guest;
  for (const name of names(call)) {
    const user = users[name] as GuestUser;
    delete users[name];
    users[call.text('NewName')] = user;
  }
}

function members(call: Call): void {
  const group = call.text('Group') || call.text('Name');
  for (const [name, user] of Object.entries(call.runtime.guest.users)) {
    if (!user.groups?.some((g) => g.toLowerCase() === group.toLowerCase())) continue;
    const host = toText(call.runtime.environment.get('COMPUTERNAME'));
    call.emit(
      PsObject.of(
        'Microsoft.PowerShell.Commands.LocalPrincipal',
        { ObjectClass: 'User', Name: `${host}\\${name}`, PrincipalSource: 'Local' } as Record<string, Value>,
        `${host}\\${name}`,
      ).showing('ObjectClass', 'Name', 'PrincipalSource'),
    );
  }
}

function join(isMember: boolean) {
  return (call: Call): void => {
    const group = call.text('Group') || call.text('Name');
    const { users } = call.runtime.guest;
    for (const given of call.texts('Member')) {
      const name = Object.keys(users).find((n) => n.toLowerCase() === given.replace(/^.*\\/, '').toLowerCase());
      if (!name) {
        call.fail({
          message: `Principal ${given} was not found.`,
          category: 'ObjectNotFound',
          target: `${given}:String`,
          exception: 'Microsoft.PowerShell.Commands.PrincipalNotFoundException',
          id: `PrincipalNotFound,Microsoft.PowerShell.Commands.${call.cmdlet.name.replace('-', '')}Command`,
        });
        continue;
      }
      const user = users[name] as GuestUser;
      const others = (user.groups ?? []).filter((g) => g.toLowerCase() !== group.toLowerCase());
      users[name] = { ...user, groups: isMember ? [...others, group] : others };
    }
  };
}

export const accounts = cmdlets({
  'Get-LocalUser': [
    'Name SID=',
    (call) => {
      const all =
        call.has('Name') || call.has('SID') || !call.isFirst
          ? names(call)
          : Object.keys(call.runtime.guest.users).sort();
      for (const name of all) call.emit(userObject(name, call.runtime.guest.users[name] as GuestUser));
    },
  ],
  'New-LocalUser': [
    'Name Password= Description= FullName= -NoPassword -Disabled -PasswordNeverExpires -AccountNeverExpires -UserMayNotChangePassword',
    create,
  ],
  'Set-LocalUser': [
    'Name Password= Description= FullName= PasswordNeverExpires= AccountExpires= SID= InputObject=',
    change({}),
  ],
  'Enable-LocalUser': ['Name SID= InputObject=', change({ enabled: true })],
  'Disable-LocalUser': ['Name SID= InputObject=', change({ enabled: false })],
  'Rename-LocalUser': ['Name NewName SID= InputObject=', rename],
  'Remove-LocalUser': [
    'Name SID= InputObject=',
    (call) => {
      for (const name of names(call)) delete call.runtime.guest.users[name];
    },
  ],
  'Get-LocalGroupMember': ['Group|Name Member SID=', members],
  'Add-LocalGroupMember': ['Group|Name Member SID=', join(true)],
  'Remove-LocalGroupMember': ['Group|Name Member SID=', join(false)],
  'ConvertTo-SecureString': [
    'String Key= -AsPlainText -Force',
    (call) =>
      call.emit(
        PsObject.of(
          'System.Security.SecureString',
          { Length: call.text('String').length },
          'System.Security.SecureString',
        ),
      ),
  ],
});
