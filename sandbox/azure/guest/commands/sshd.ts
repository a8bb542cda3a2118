import { globPattern } from '../files';
import type { Guest } from '../model';
import { type Call, fail, options, unmodelled } from './call';

/** What OpenSSH's server does without a configuration, and the keywords it knows. */
const defaults: Readonly<Record<string, string>> = {
  port: '22',
  addressfamily: 'any',
  usepam: 'no',
  logingracetime: '120',
  x11displayoffset: '10',
  maxauthtries: '6',
  maxsessions: '10',
  clientaliveinterval: '0',
  clientalivecountmax: '3',
  permitrootlogin: 'without-password',
  ignorerhosts: 'yes',
  ignoreuserknownhosts: 'no',
  hostbasedauthentication: 'no',
  pubkeyauthentication: 'yes',
  kerberosauthentication: 'no',
  gssapiauthentication: 'no',
  passwordauthentication: 'yes',
  kbdinteractiveauthentication: 'yes',
  printmotd: 'yes',
  printlastlog: 'yes',
  x11forwarding: 'no',
  x11uselocalhost: 'yes',
  permittty: 'yes',
  permituserrc: 'yes',
  strictmodes: 'yes',
  tcpkeepalive: 'yes',
  permitemptypasswords: 'no',
  compression: 'yes',
  gatewayports: 'no',
  usedns: 'no',
  allowtcpforwarding: 'yes',
  allowagentforwarding: 'yes',
  disableforwarding: 'no',
  allowstreamlocalforwarding: 'yes',
  permituserenvironment: 'no',
  permittunnel: 'no',
  banner: 'none',
  loglevel: 'INFO',
  syslogfacility: 'AUTH',
  maxstartups: '10:30:100',
  authorizedkeysfile: '.ssh/authorized_keys .ssh/authorized_keys2',
  ciphers:
    'chacha20-poly1305@openssh.com,aes128-ctr,aes192-ctr,aes256-ctr,aes128-gcm@openssh.com,aes256-gcm@openssh.com',
  macs: 'umac-64-etm@openssh.com,umac-128-etm@openssh.com,hmac-sha2-256-etm@openssh.com,hmac-sha2-512-etm@openssh.com,hmac-sha1-etm@openssh.com',
  kexalgorithms:
    'curve25519-sha256,curve25519-sha256@libssh.org,ecdh-sha2-nistp256,ecdh-sha2-nistp384,ecdh-sha2-nistp521',
};

const withoutDefault = new Set([
  ...['acceptenv', 'subsystem', 'allowusers', 'allowgroups', 'denyusers', 'denygroups', 'listenaddress', 'hostkey'],
  ...[
    'include',
    'match',
    'chrootdirectory',
    'forcecommand',
    'authenticationmethods',
    'hostkeyalgorithms',
    'casignaturealgorithms',
  ],
  ...[
    'pubkeyacceptedalgorithms',
    'pubkeyacceptedkeytypes',
    'trustedusercakeys',
    'authorizedkeyscommand',
    'authorizedkeyscommanduser',
  ],
  ...[
    'challengeresponseauthentication',
    'setenv',
    'pidfile',
    'versionaddendum',
    'rekeylimit',
    'debianbanner',
    'protocol',
    'useprivilegeseparation',
  ],
]);

interface Setting {
  readonly keyword: string;
  readonly value: string;
  readonly file: string;
  readonly line: number;
}

const mainFile = '/etc/ssh/sshd_config';

/** All settings in the order in which the server reads them; what follows a `Match` applies to some only: left out. */
function settings(guest: Guest, file = mainFile, depth = 0): Setting[] {
  const found: Setting[] = [];
  const text = guest.files[file]?.content ?? '';
  for (const [i, raw] of text.split('\n').entries()) {
    const [, keyword = '', value = ''] = /^\s*([^\s#=]+)\s*[\s=]?\s*(.*?)\s*$/.exec(raw) ?? [];
    if (keyword === '') continue;
    const setting = { keyword: keyword.toLowerCase(), value: value.replace(/^"(.*)"$/, '$1'), file, line: i + 1 };
    found.push(setting);
    if (setting.keyword === 'match') break;
    if (setting.keyword !== 'include' || depth > 4) continue;
    const wanted = globPattern(setting.value.startsWith('/') ? setting.value : `/etc/ssh/${setting.value}`);
    for (const path of Object.keys(guest.files).sort()) {
      if (wanted.test(path)) found.push(...settings(guest, path, depth + 1));
    }
  }
  return found;
}

/** What `sshd -t` complains about, or undefined. */
export function sshdProblem(guest: Guest): string | undefined {
  if (!guest.files[mainFile]) return `${mainFile}: No such file or directory`;
  for (const { keyword, value, file, line } of settings(guest)) {
    const isKnown = Object.hasOwn(defaults, keyword) || withoutDefault.has(keyword);
    const written = guest.files[file]?.content.split('\n')[line - 1]?.trim().split(/[\s=]/)[0] ?? keyword;
    if (!isKnown)
      return `${file}: line ${line}: Bad configuration option: ${written}\r\n${file}: terminating, 1 bad configuration options`;
    if (value === '') return `${file}: line ${line}: no argument after keyword "${written}"`;
    const yesOrNo =
      /^(yes|no)$/.test(defaults[keyword] ?? '') &&
      ![
        'compression',
        'allowtcpforwarding',
        'gatewayports',
        'allowstreamlocalforwarding',
        'permituserenvironment',
        'permittunnel',
        'ignorerhosts',
      ].includes(keyword);
    if (yesOrNo && !/^(yes|no)$/i.test(value)) return `${file} line ${line}: unsupported option "${value}".`;
    if (
      keyword === 'permitrootlogin' &&
      !/^(yes|no|prohibit-password|without-password|forced-commands-only)$/i.test(value)
    )
      return `${file} line ${line}: unsupported option "${value}".`;
    if (['port', 'maxauthtries', 'maxsessions', 'clientalivecountmax'].includes(keyword) && !/^\d+$/.test(value))
      return `${file} line ${line}: integer value ${value} is invalid.`;
  }
  if (!Object.keys(guest.files).some((p) => /^\/etc\/ssh\/ssh_host_\w+_key$/.test(p)))
    return 'no hostkeys available -- exiting.';
  return undefined;
}

/** Where it listens: every `Port` counts. */
export function sshdPorts(guest: Guest): readonly string[] {
  const ports = settings(guest).filter(({ keyword }) => keyword === 'port');
  return ports.length > 0 ? ports.map(({ value }) => value) : ['22'];
}

/** `sshd -t` and `sshd -T`: the configuration tested, and as it takes effect: the first value of a keyword wins. */
export function sshd(call: Call): number {
  const { flags } = options(call.args, ['C', 'f', 'o']);
  if (!flags.has('t') && !flags.has('T')) return unmodelled(call);
  if (!call.state.isRoot) return fail(call, 'no hostkeys available -- exiting.');
  const problem = sshdProblem(call.state.guest);
  if (problem) {
    call.err(`${problem}\n`);
    return problem.startsWith('no hostkeys') ? 1 : 255;
  }
  if (flags.has('t')) return 0;
  const effective = new Map<string, string>();
  for (const { keyword, value } of settings(call.state.guest)) {
    const name = keyword === 'challengeresponseauthentication' ? 'kbdinteractiveauthentication' : keyword;
    if (name !== 'include' && name !== 'match' && !effective.has(name)) effective.set(name, normal(name, value));
  }
  for (const [keyword, value] of Object.entries({ ...defaults, ...Object.fromEntries(effective) }))
    call.out(`${keyword} ${value}\n`);
  return 0;
}

function normal(keyword: string, value: string): string {
  if (keyword === 'permitrootlogin' && value.toLowerCase() === 'prohibit-password') return 'without-password';
  if (keyword === 'loglevel') return value.toUpperCase();
  return /^(yes|no)$/i.test(value) ? value.toLowerCase() : value;
}
