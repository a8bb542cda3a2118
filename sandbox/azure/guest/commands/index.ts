import { baseName } from '../files';
import type { Guest } from '../model';
import { attributeCommands } from './attributes';
import { basicCommands } from './basic';
import { binaryCommands } from './binary';
import type { CommandTable, ShellCommand } from './call';
import { fileCommands } from './files';
import { listingCommands } from './listings';
import { packageCommands } from './packages';
import { processCommands } from './processes';
import { serviceCommands } from './services';
import { systemCommands } from './system';
import { textCommands } from './text';

const all: CommandTable = {
  ...basicCommands,
  ...processCommands,
  ...fileCommands,
  ...listingCommands,
  ...attributeCommands,
  ...textCommands,
  ...binaryCommands,
  ...packageCommands,
  ...serviceCommands,
  ...systemCommands,
};

/** Commands that exist only if their package is installed. */
const providedBy: Readonly<Record<string, string>> = {
  chronyc: 'chrony',
  'cloud-init': 'cloud-init',
  curl: 'curl',
  openssl: 'openssl',
  sshd: 'openssh-server',
  ufw: 'ufw',
  waagent: 'walinuxagent',
  wget: 'wget',
};

const systemPath = /^\/(usr\/(local\/)?)?s?bin\/[^/]+$/;

/** Undefined for what this guest does not have and for what the sandbox does not model. */
export function findCommand(name: string, guest: Guest): ShellCommand | undefined {
  if (name.includes('/') && (!systemPath.test(name) || guest.files[name])) return undefined;
  const own = baseName(name);
  if (guest.registry || !Object.hasOwn(all, own)) return undefined;
  const provider = providedBy[own];
  return provider && !guest.packages[provider] ? missing(own) : all[own];
}

/** A real shell would not find it either, neither in a customizer nor in a test. */
function missing(name: string): ShellCommand {
  return ({ err, state }) => {
    err(state.complaint(`${name}: not found`));
    return 127;
  };
}

export function hasCommand(name: string, guest: Guest): boolean {
  const provider = providedBy[name];
  return Object.hasOwn(all, name) && (!provider || guest.packages[provider] !== undefined);
}
