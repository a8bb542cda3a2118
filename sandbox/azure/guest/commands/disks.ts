import { type Call, type CommandTable, fail, lines, options } from './call';

export const diskCommands: CommandTable = {
  df,
  findmnt,
  mount: (call) => (call.args.length === 0 ? findmnt(call) : 0),
};

interface Mount {
  readonly source: string;
  readonly target: string;
  readonly type: string;
  readonly options: string;
}

function mounts(call: Call): Mount[] {
  const always = [{ source: '/dev/sda1', target: '/', type: 'ext4', options: 'rw,relatime,discard,errors=remount-ro' }];
  const named = lines(call.state.files.read('/etc/fstab') ?? '').filter((l) => /^[^#\s]/.test(l));
  const others = named.map((l) => l.split(/\s+/)).filter(([, target, type]) => target !== '/' && type !== 'swap');
  return [
    ...always,
    ...others.map(([source = '', target = '', type = '', given = '']) => ({ source, target, type, options: given })),
  ];
}

function findmnt(call: Call): number {
  const { flags, values, rest } = options(call.args, ['o', 'output', 'T', 'target', 't', 'M', 'mountpoint']);
  const target = rest[0] ?? values.get('M') ?? values.get('mountpoint');
  const found = mounts(call).filter((m) => !target || m.target === target || m.source === target);
  const columns = (values.get('o') ?? values.get('output') ?? 'TARGET,SOURCE,FSTYPE,OPTIONS').split(',');
  if (found.length === 0) return 1;
  if (!flags.has('n') && !flags.has('noheadings')) call.out(`${columns.join(' ')}\n`);
  for (const m of found) {
    const facts: Readonly<Record<string, string>> = {
      TARGET: m.target,
      SOURCE: m.source,
      FSTYPE: m.type,
      OPTIONS: m.options,
    };
    call.out(`${columns.map((c) => facts[c.toUpperCase()] ?? '').join(' ')}\n`);
  }
  return 0;
}

/** A 30 GiB disk, filled by what is installed. */
function df(call: Call): number {
  const { flags, values, rest } = options(call.args, ['output', 'B', 'block-size', 't', 'x']);
  const sizeMb = 29_700;
  const usedMb = 1_600 + Object.keys(call.state.guest.packages).length * 14;
  const unit =
    flags.has('m') || values.get('B') === 'M'
      ? 1
      : flags.has('h') || values.get('B') === 'G' || flags.has('BG')
        ? 1024
        : 1 / 1024;
  const shown = (mb: number) =>
    `${unit === 1024 ? Math.ceil(mb / unit) : Math.round(mb / unit)}${unit === 1024 ? 'G' : ''}`;
  const percent = `${Math.ceil((usedMb / sizeMb) * 100)}%`;
  const facts: Readonly<Record<string, string>> = {
    source: '/dev/root',
    size: shown(sizeMb),
    used: shown(usedMb),
    avail: shown(sizeMb - usedMb),
    pcent: percent,
    target: '/',
    ipcent: '3%',
  };
  const titles: Readonly<Record<string, string>> = {
    source: 'Filesystem',
    size: unit === 1024 ? 'Size' : '1K-blocks',
    used: 'Used',
    avail: 'Avail',
    pcent: 'Use%',
    target: 'Mounted on',
    ipcent: 'IUse%',
  };
  const usual = flags.has('i') ? 'source,ipcent,target' : 'source,size,used,avail,pcent,target';
  const columns = (values.get('output') ?? usual).split(',');
  if (rest.some((p) => call.state.files.kind(p) === undefined))
    return fail(call, `${rest[0]}: No such file or directory`);
  call.out(`${columns.map((c) => titles[c] ?? c).join(' ')}\n${columns.map((c) => facts[c] ?? '-').join(' ')}\n`);
  return 0;
}
