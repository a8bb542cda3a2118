import { type Call, type CommandTable, fail, lines, options, refused } from './call';

export const accountCommands: CommandTable = {
  id,
  whoami: ({ state, out }) => {
    out(`${state.user}\n`);
    return 0;
  },
  useradd,
  adduser: useradd,
  userdel: (call) => refused(call) ?? remove(call),
  usermod: (call) => refused(call) ?? known(call),
  passwd: (call) => refused(call) ?? known(call),
  chage: (call) => refused(call) ?? known(call),
  chpasswd: (call) => refused(call) ?? 0,
  groupadd: (call) => refused(call) ?? group(call),
  getent,
};

function uid(call: Call, name: string): number | undefined {
  if (name === 'root') return 0;
  if (name === call.state.user) return call.state.guest.users[name]?.uid ?? 1000;
  return call.state.guest.users[name]?.uid;
}

function id(call: Call): number {
  const { flags, rest } = options(call.args);
  const name = rest[0] ?? call.state.user;
  const number = uid(call, name);
  if (number === undefined) return fail(call, `'${name}': no such user`);
  if (flags.has('u')) call.out(`${flags.has('n') ? name : number}\n`);
  else if (flags.has('g')) call.out(`${flags.has('n') ? name : number}\n`);
  else call.out(`uid=${number}(${name}) gid=${number}(${name}) groups=${number}(${name})\n`);
  return 0;
}

function useradd(call: Call): number {
  const { flags, values, rest } = options(call.args, [
    's',
    'shell',
    'd',
    'home',
    'home-dir',
    'u',
    'uid',
    'g',
    'gid',
    'G',
    'groups',
    'c',
    'comment',
    'gecos',
    'e',
    'f',
    'ingroup',
  ]);
  const { guest, files } = call.state;
  const name = rest[0] ?? '';
  const no = refused(call);
  if (no !== undefined) return no;
  if (!name) return fail(call, 'no user name given', 2);
  if (guest.users[name]) return fail(call, `user '${name}' already exists`, 9);
  const isSystem = flags.has('r') || flags.has('system');
  const number = Number(
    values.get('u') ?? values.get('uid') ?? (isSystem ? 900 : 1001) + Object.keys(guest.users).length,
  );
  const shell = values.get('s') ?? values.get('shell') ?? '/bin/sh';
  const home = values.get('d') ?? values.get('home') ?? values.get('home-dir') ?? `/home/${name}`;
  guest.users[name] = { uid: number, shell, home };
  files.write('/etc/passwd', `${files.read('/etc/passwd') ?? ''}${name}:x:${number}:${number}::${home}:${shell}\n`);
  if (flags.has('m') || call.name === 'adduser') files.makeDirectory(home, `${name}:${name}`);
  return 0;
}

function remove(call: Call): number {
  const { flags, rest } = options(call.args);
  const { guest, files } = call.state;
  const name = rest[0] ?? '';
  const user = guest.users[name];
  if (!user) return fail(call, `user '${name}' does not exist`, 6);
  delete guest.users[name];
  const kept = lines(files.read('/etc/passwd') ?? '').filter((l) => !l.startsWith(`${name}:`));
  files.write('/etc/passwd', `${kept.join('\n')}\n`);
  if (flags.has('r')) files.remove(user.home);
  return 0;
}

function known(call: Call): number {
  const name = call.args.at(-1) ?? '';
  return uid(call, name) === undefined ? fail(call, `user '${name}' does not exist`, 6) : 0;
}

function group(call: Call): number {
  const name = call.args.at(-1) ?? '';
  const { files } = call.state;
  const groups = files.read('/etc/group') ?? '';
  if (lines(groups).some((l) => l.startsWith(`${name}:`)))
    return call.args.includes('-f') ? 0 : fail(call, `group '${name}' already exists`, 9);
  files.write('/etc/group', `${groups}${name}:x:${2000 + lines(groups).length}:\n`);
  return 0;
}

function getent(call: Call): number {
  const [database = '', ...keys] = call.args;
  const found = lines(call.state.files.read(`/etc/${database}`) ?? '').filter(
    (l) => keys.length === 0 || keys.some((k) => l.startsWith(`${k}:`)),
  );
  for (const line of found) call.out(`${line}\n`);
  return found.length > 0 ? 0 : 2;
}
