import { type Call, type CommandTable, each, options } from './call';

export const attributeCommands: CommandTable = { chmod: attributes, chown: attributes, chgrp: attributes };

/** chmod, chown and chgrp, with -R. */
function attributes(call: Call): number {
  const symbolic = call.args.filter((a) => /^[-+=][rwxXst]+$/.test(a));
  const { flags, rest } = options(call.args.filter((a) => !symbolic.includes(a)));
  const [what = '', ...names] = [...symbolic, ...rest];
  const { files } = call.state;
  return each(call, names, (at, name) => {
    if (!files.kind(at)) return `cannot access '${name}': No such file or directory`;
    if (!call.state.isRoot && !files.entry(at)?.owner.startsWith(`${call.state.user}:`)) {
      return `changing ${call.name === 'chmod' ? 'permissions' : 'ownership'} of '${name}': Operation not permitted`;
    }
    for (const found of flags.has('R') ? files.under(at) : [at]) {
      files.change(found, changed(call.name, what, files.entry(found)));
    }
    return undefined;
  });
}

function changed(
  command: string,
  what: string,
  before: { mode: string; owner: string } | undefined,
): { mode?: string; owner?: string } {
  const [user = 'root', group = 'root'] = (before?.owner ?? 'root:root').split(':');
  if (command === 'chgrp') return { owner: `${user}:${what}` };
  if (command === 'chown') {
    const [newUser, newGroup] = what.split(/[:.]/);
    return { owner: `${newUser || user}:${newGroup || (what.includes(':') && !newGroup ? newUser : group)}` };
  }
  return { mode: /^[0-7]+$/.test(what) ? what.padStart(4, '0') : symbolicMode(what, before?.mode ?? '0644') };
}

function symbolicMode(what: string, before: string): string {
  const digits = [...before].map(Number);
  for (const clause of what.split(',')) {
    const [, who = '', operator, rights = ''] = /^([ugoa]*)([-+=])([rwxXst]*)$/.exec(clause) ?? [];
    const bits = (rights.includes('r') ? 4 : 0) | (rights.includes('w') ? 2 : 0) | (/[xX]/.test(rights) ? 1 : 0);
    for (const [i, letter] of ['u', 'g', 'o'].entries()) {
      if (who !== '' && !who.includes('a') && !who.includes(letter)) continue;
      const now = digits[i + 1] ?? 0;
      digits[i + 1] = operator === '+' ? now | bits : operator === '-' ? now & ~bits : bits;
    }
  }
  return digits.join('');
}
