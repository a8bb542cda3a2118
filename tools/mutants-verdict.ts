import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const parts = require('./stryker/parts.js') as Readonly<Record<string, { readonly atLeast: number }>>;

interface Report {
  readonly files: Readonly<Record<string, { readonly mutants: readonly { readonly status: string }[] }>>;
}

/** `mutants-core-2-of-4.json` */
const reportName = /^mutants-(\w+)-(\d+)-of-(\d+)\.json$/;
const isSeen = (status: string) => status === 'Killed' || status === 'Timeout';
const counts = (status: string) => isSeen(status) || status === 'Survived' || status === 'NoCoverage';

/** What stands in the way of "at least so many of a hundred are seen" in one part; undefined when nothing does. */
function judge(part: string, atLeast: number, folder: string): string | undefined {
  const shares = readdirSync(folder, { recursive: true })
    .map((path) => ({
      path: join(folder, String(path)),
      name: reportName.exec(String(path).split(/[/\\]/).at(-1) ?? ''),
    }))
    .filter(({ name }) => name?.[1] === part);
  const [of] = shares.map(({ name }) => Number(name?.[3]));
  if (of === undefined || shares.length !== of) return `${part}: ${shares.length} reports of ${of ?? 'no'} shares`;
  const statuses = shares
    .flatMap(({ path }) => Object.values((JSON.parse(readFileSync(path, 'utf8')) as Report).files))
    .flatMap(({ mutants }) => mutants.map(({ status }) => status));
  const all = statuses.filter(counts).length;
  const seen = statuses.filter(isSeen).length;
  const share = `${part}: ${seen} of ${all} mutants are seen, ${((100 * seen) / all).toFixed(1)} %`;
  console.log(share);
  return all > 0 && seen >= (all * atLeast) / 100 ? undefined : `${share}; at least ${atLeast} % have to be`;
}

/** `npm run mutants:verdict [-- <folder>]`: adds up the reports of all shares, part by part. Exits with 1 when too few are seen. */
const [folder = 'reports'] = process.argv.slice(2);
const missed = Object.entries(parts).flatMap(([part, { atLeast }]) => judge(part, atLeast, folder) ?? []);
for (const one of missed) console.error(one);
process.exitCode = missed.length === 0 ? 0 : 1;
