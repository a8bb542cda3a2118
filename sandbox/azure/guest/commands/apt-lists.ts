import { type ArchivedPackage, archived, isRelease } from '../archive';
import type { Call } from './call';

/** The package lists, with the time at which they were fetched; an Azure image comes without them. */
const aptLists = '/var/lib/apt/lists/azure.archive.ubuntu.com_ubuntu_InRelease';

const reachable = /^(azure\.archive|archive|security|ports)\.ubuntu\.com$|^packages\.microsoft\.com$/;

export function update(call: Call): number {
  const { guest, now } = call.state;
  const sources =
    (guest.files['/etc/apt/sources.list']?.content ?? '').match(/^deb\s+(?:\[.*?\]\s+)?(\S+)\s+(\S+)/gm) ?? [];
  const failures: string[] = [];
  sources.forEach((line, i) => {
    const [, url = '', suite = ''] = /(https?:\S+)\s+(\S+)/.exec(line) ?? [];
    const host = /\/\/([^/]+)/.exec(url)?.[1] ?? '';
    if (reachable.test(host))
      call.out(`${i === 0 ? 'Hit' : 'Get'}:${i + 1} ${url} ${suite} InRelease${i === 0 ? '' : ' [128 kB]'}\n`);
    else {
      call.out(`Err:${i + 1} ${url} ${suite} InRelease\n  Could not resolve '${host}'\n`);
      failures.push(`W: Failed to fetch ${url}/dists/${suite}/InRelease  Could not resolve '${host}'\n`);
    }
  });
  if (failures.length < sources.length) {
    call.state.files.write(aptLists, `Date: ${now.toISOString()}\n`);
    call.out('Fetched 38.6 MB in 6s (6,433 kB/s)\n');
  }
  call.out('Reading package lists...\n');
  for (const failure of failures) call.err(failure);
  if (failures.length > 0)
    call.err('W: Some index files failed to download. They have been ignored, or old ones used instead.\n');
  return 0;
}

/** The archive's newest version according to the lists that were fetched. */
export function candidate(call: Call, name: string): ArchivedPackage | undefined {
  const { os } = call.state.guest;
  const fetched = Date.parse(call.state.files.read(aptLists)?.slice('Date: '.length).trim() ?? '');
  return !Number.isNaN(fetched) && isRelease(os.version) ? archived(name, os.version, fetched) : undefined;
}
