/** Words by which systems call themselves, and how they are called here. */
const families: readonly (readonly [pattern: RegExp, family: string])[] = [
  [/windows/i, 'windows'],
  [/ubuntu/i, 'ubuntu'],
  [/debian/i, 'debian'],
  [/red ?hat|rhel/i, 'rhel'],
  [/suse|sles/i, 'suse'],
  [/centos/i, 'centos'],
  [/rocky/i, 'rocky'],
  [/alma/i, 'alma'],
  [/oracle/i, 'oracle'],
  [/mariner|azure ?linux/i, 'azurelinux'],
];

/**
 * The system that runs beside the one that was expected (`Ubuntu 22.04.5 LTS`). Only releases count: the third part of a
 * Linux release moves with every update. `other`: another family, or an older release.
 */
export function compareSystems(
  expected: string | undefined,
  runs: { readonly osName?: string; readonly osVersion?: string },
): 'same' | 'newer' | 'other' | 'unknown' {
  const [was, is] = [releaseIn(expected ?? ''), releaseIn(`${runs.osName ?? ''} ${runs.osVersion ?? ''}`)];
  if (!was || !is) return 'unknown';
  if (was.family !== is.family) return 'other';
  for (const [i, part] of was.release.entries()) {
    const now = is.release[i];
    if (now !== undefined && now !== part) return now > part ? 'newer' : 'other';
  }
  return 'same';
}

/** Family and the first two parts of the first number: of `Windows Server 2022 Datacenter 10.0.20348` it is 2022. */
function releaseIn(text: string): { readonly family: string; readonly release: readonly number[] } | undefined {
  const family = families.find(([pattern]) => pattern.test(text))?.[1];
  const release = /\d+(\.\d+)*/.exec(text)?.[0].split('.').slice(0, 2).map(Number);
  return family !== undefined && release ? { family, release } : undefined;
}
