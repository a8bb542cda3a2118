import type { Cmdlet } from '../call';
import type { Commands } from '../interpreter';
import { natives } from '../natives';
import { accounts } from './accounts';
import { aliases } from './aliases';
import { features } from './features';
import { items } from './items';
import { machine } from './machine';
import { network } from './network';
import { objects } from './objects';
import { output } from './output';
import { properties } from './properties';
import { services } from './services';
import { system } from './system';

const all = [
  ...output,
  ...objects,
  ...items,
  ...properties,
  ...services,
  ...system,
  ...features,
  ...network,
  ...accounts,
  ...machine,
];
const byName = new Map<string, Cmdlet>(all.map((cmdlet) => [cmdlet.name.toLowerCase(), cmdlet]));

/** Everything that a script can call; `Module\Command` is the command. */
export const commands: Commands = {
  cmdlet: (name) => {
    const bare = /^[\w.]+\\[A-Za-z]+-[A-Za-z]+$/.test(name) ? (name.split('\\').at(-1) ?? name) : name;
    return byName.get((aliases[bare.toLowerCase()] ?? bare).toLowerCase());
  },
  native: (name) => natives[(name.split(/[\\/]/).at(-1) ?? name).toLowerCase().replace(/\.(?:exe|com)$/, '')],
};
