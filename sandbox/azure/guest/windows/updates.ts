import { cadences } from '../../marketplace/cadence';
import type { GuestUpdate } from '../model';

/** What Windows Update has for a machine at a moment. */
export interface OfferedUpdate extends GuestUpdate {
  /** `KB5044281` */
  readonly id: string;
  readonly megabytes: number;
  /** What the system's build is once it is installed and the machine has restarted. */
  readonly kernel?: string;
}

interface Release {
  readonly year: string;
  readonly cadence: (typeof cadences)['windows2019'];
  /** Of the first cumulative update that is counted. */
  readonly kb: number;
}

const releases: Readonly<Record<string, Release>> = {
  '17763': { year: '2019', cadence: cadences.windows2019, kb: 5_036_896 },
  '20348': { year: '2022', cadence: cadences.windows2022, kb: 5_036_909 },
  '26100': { year: '2025', cadence: cadences.windows2025, kb: 5_036_980 },
};

const day = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
/** Months since January 2024, from which KB numbers are counted here. */
const months = (ms: number): number => (new Date(ms).getUTCFullYear() - 2024) * 12 + new Date(ms).getUTCMonth();

/** The cumulative updates of a build's last year, oldest first; KB numbers are the sandbox's own. */
function cumulative(build: string, nowMs: number): OfferedUpdate[] {
  const release = releases[build];
  if (!release) return [];
  return release.cadence(nowMs).map(({ version, publishedMs }) => {
    const month = day(publishedMs).slice(0, 7);
    return {
      id: `KB${release.kb + months(publishedMs) * 1_553}`,
      title: `${month} Cumulative Update for Microsoft server operating system, Windows Server ${release.year} for x64-based Systems`,
      kind: 'Security Update',
      installedOn: day(publishedMs),
      megabytes: 400 + (months(publishedMs) % 12) * 7.5,
      kernel: `10.0.${version.split('.').slice(0, 2).join('.')}`,
    };
  });
}

/** The cumulative update that an image of a version comes with. */
export function updateOfVersion(build: string, publishedMs: number): OfferedUpdate | undefined {
  return cumulative(build, publishedMs + 86_400_000).at(-1);
}

/** What is newer than a machine's build, as Windows Update would offer it. */
export function offered(
  kernel: string,
  installed: Readonly<Record<string, GuestUpdate>>,
  nowMs: number,
): OfferedUpdate[] {
  const [, , build = '', revision = '0'] = kernel.split('.');
  const newest = cumulative(build, nowMs).at(-1);
  const patchDay = newest ? Date.parse(newest.installedOn) : nowMs;
  const month = day(patchDay).slice(0, 7);
  const always: OfferedUpdate[] = [
    {
      id: 'KB890830',
      title: `Windows Malicious Software Removal Tool x64 - v5.${100 + months(patchDay)}`,
      kind: 'Tool',
      installedOn: day(patchDay),
      megabytes: 75.1,
    },
    {
      id: `KB${5_037_000 + months(patchDay) * 1_553}`,
      title: `${month} Cumulative Update for .NET Framework 3.5 and 4.8.1 for x64`,
      kind: 'Update',
      installedOn: day(patchDay),
      megabytes: 68.3,
    },
  ];
  const isOlder = newest?.kernel !== undefined && Number(newest.kernel.split('.')[3]) > Number(revision);
  const all = [...(isOlder ? [newest] : []), ...always];
  return all.filter(({ id, installedOn }) => (installed[id]?.installedOn ?? '') < installedOn);
}
