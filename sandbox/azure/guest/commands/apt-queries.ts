import { candidate } from './apt-lists';
import { type Call, unmodelled } from './call';

export function list(call: Call, flags: ReadonlySet<string>): number {
  const { guest } = call.state;
  call.out('Listing...\n');
  for (const [name, version] of Object.entries(guest.packages).sort()) {
    const newer = candidate(call, name);
    if (flags.has('upgradable')) {
      if (newer && newer.version !== version)
        call.out(`${name}/now ${newer.version} amd64 [upgradable from: ${version}]\n`);
    } else call.out(`${name}/now ${version} amd64 [installed]\n`);
  }
  return 0;
}

export function policy(call: Call): number {
  for (const name of call.args.slice(1)) {
    const installed = call.state.guest.packages[name] ?? '(none)';
    call.out(`${name}:\n  Installed: ${installed}\n  Candidate: ${candidate(call, name)?.version ?? installed}\n`);
  }
  return 0;
}

export function aptMark(call: Call): number {
  const [verb, ...names] = call.args;
  const { guest } = call.state;
  const held = new Set(guest.held);
  if (verb === 'showhold') call.out([...held].map((n) => `${n}\n`).join(''));
  else if (verb === 'hold') for (const n of names) held.add(n);
  else if (verb === 'unhold') for (const n of names) held.delete(n);
  else if (verb !== 'auto' && verb !== 'manual') return unmodelled(call);
  guest.held = [...held];
  return 0;
}
