import { UserError } from '../core/errors';
import {
  type Account,
  type Checkpoint,
  envelopesIn,
  type GivenCheckpoint,
  type OutsidePlace,
  openCheckpoint,
  type TrustedKey,
} from '../core/provenance';
import { broken, Chain, type Queryable, signingKeys, verifyAudit } from '../store';
import type { AuditVerdict } from '../store/reads';
import { rowsIn } from './audit-files';
import { type Judged, shown } from './verify-file';

/** What `npm run audit:verify` prints and how it ends: 0 whole, 2 altered, 4 a checkpoint could not be used. */
export async function judgedAudit(
  database: Queryable,
  files: readonly CheckpointFile[],
  keys: readonly TrustedKey[],
  { accounted = false }: { readonly accounted?: boolean } = {},
): Promise<Judged> {
  const trusted = keys.length > 0 ? keys : await keysOf(database);
  const opened = files.flatMap(({ name, text }) => openedIn(text, name, trusted));
  const given = opened.flatMap((one) => (one.state === 'signed' ? [{ ...one.checkpoint, name: one.name }] : []));
  const verdict = await verifyAudit(database, { whole: true, given, ...(keys.length > 0 && { keys }) });
  const unusable = opened.flatMap((one) => unusableWords(one));
  const by = keys.length > 0 ? [] : [byOwnKeys];
  const accounts = verdict.accounted ?? [];
  const isWhole = verdict.intact && (accounted || accounts.length === 0);
  return {
    lines: [
      headline(verdict),
      ...accounts.map(accountWords),
      ...fitting(verdict, given, opened.length),
      ...unusable,
      ...by,
    ],
    exitCode: isWhole ? (unusable.length > 0 ? 4 : 0) : 2,
  };
}

/** Also where the record was restored since, and is whole without it. */
function accountWords({ altered: { firstBroken, upTo, why }, by, at, reason, entries }: Account): string {
  const which = upTo === undefined ? `entry ${firstBroken}` : `one of the entries ${firstBroken} to ${upTo}`;
  return `accounted for: ${which} was found altered (${why}). ${by} answered on ${at} for how the first ${entries} entries stood: ${shown(reason)}`;
}

/** A file of an exported audit, read when its turn comes. */
export interface AuditPart {
  readonly name: string;
  text(): string;
}

/** The same of what `npm run audit:export` wrote: no database is asked. */
export function judgedFiles(
  parts: readonly AuditPart[],
  files: readonly CheckpointFile[],
  keys: readonly TrustedKey[],
): Judged {
  const opened = files.flatMap(({ name, text }) => openedIn(text, name, keys));
  const given = opened.flatMap((one) => (one.state === 'signed' ? [{ ...one.checkpoint, name: one.name }] : []));
  const { verdict, first } = verdictOf(parts, given);
  const unusable = opened.flatMap((one) => unusableWords(one));
  const begins = first > 1 ? [`The files begin with entry ${first}; what came before is held by its hash alone.`] : [];
  const last = verdict.entries;
  const later = given.filter(({ entries }) => entries > last).length;
  const ends =
    verdict.intact && later > 0 ? [`They end with entry ${last}: ${later} of the checkpoints count more.`] : [];
  return {
    lines: [headline(verdict, first), ...fitting(verdict, given, opened.length), ...begins, ...ends, ...unusable],
    exitCode: verdict.intact ? (unusable.length > 0 ? 4 : 0) : 2,
  };
}

/** @throws UserError `BAD_COMMAND`: there is no part, or one is none. */
function verdictOf(parts: readonly AuditPart[], given: readonly Named[]) {
  let chain: Chain | undefined;
  let first = 0;
  for (const { name, text } of parts) {
    for (const row of rowsIn(text(), name)) {
      if (!chain) {
        first = row.seq;
        const before = given.find(({ entries }) => entries === first - 1);
        const from = { entries: first - 1, head: 'prev' in row ? row.prev : '', ...(before && { at: before.at }) };
        if (before && before.head !== from.head) {
          const why = `it does not follow the entry that the checkpoint of ${before.at} was signed over`;
          return { verdict: { ...broken(first, why), entries: first - 1 }, first };
        }
        chain = new Chain({ from, anchors: given });
      }
      const wrong = 'why' in row ? broken(row.seq, row.why) : chain.take(row);
      if (wrong) return { verdict: chain.verdict(wrong), first };
    }
  }
  if (chain) return { verdict: chain.verdict({ intact: true } as const), first };
  throw new UserError('BAD_COMMAND', 'The folder has no part of an exported audit.', {
    hint: 'Give the folder that `npm run audit:export` wrote.',
  });
}

/** A text with checkpoints, and what it is called: a file, or a blob of the container outside. */
export interface CheckpointFile {
  readonly name: string;
  readonly text: string;
}

/** As many blobs as are read at once. */
const atOnce = 8;

/** Every checkpoint that is kept outside of the database. @throws UserError as `OutsidePlace` does. */
export async function checkpointsIn(place: OutsidePlace, container: string): Promise<readonly CheckpointFile[]> {
  const names = (await place.names()).filter((name) => name.endsWith('.json'));
  const files: CheckpointFile[] = [];
  for (let from = 0; from < names.length; from += atOnce) {
    const read = names.slice(from, from + atOnce).map(async (name) => {
      return { name: `${container}/${name}`, text: (await place.read(name)) ?? '' };
    });
    files.push(...(await Promise.all(read)));
  }
  return files;
}

const byOwnKeys =
  'Signatures were checked by the keys in the database itself: give --key to check them by a key that you have from elsewhere.';

async function keysOf(database: Queryable): Promise<readonly TrustedKey[]> {
  return [...(await signingKeys(database)).values()].map(({ id, public: key }) => ({ id, key }));
}

/** @throws UserError `BAD_COMMAND` when there is none. */
function openedIn(
  text: string,
  name: string,
  keys: readonly TrustedKey[],
): readonly (GivenCheckpoint & { readonly name: string })[] {
  const found = envelopesIn(text).map((envelope) => ({ ...openCheckpoint(envelope, keys), name }));
  if (found.length > 0) return found;
  throw new UserError('BAD_COMMAND', `${name} holds no checkpoint.`, {
    hint: 'Save what goldbot posts in the channel that azure.yaml names under audit, from the first brace to the last.',
  });
}

function headline(verdict: AuditVerdict, first = 1): string {
  const { entries, accounted } = verdict;
  const since = accounted?.at(-1)?.entries;
  if (verdict.intact && since !== undefined) {
    return `accounted for: ${entries} entries; the first ${since} stand as somebody answered for them, and each since is as it was written.`;
  }
  if (verdict.intact) return `whole: ${entries - first + 1} entries, each as it was written and none missing.`;
  const { firstBroken: from, upTo, why } = verdict;
  if (upTo === undefined) return `altered: entry ${from} is the first that is wrong or missing: ${why}.`;
  return `altered: the first that is wrong is one of the entries ${from} to ${upTo}: ${why}.`;
}

type Named = Checkpoint & { readonly name: string };

function fitting({ intact, checkpoint }: AuditVerdict, given: readonly Named[], all: number): readonly string[] {
  const newest = checkpoint
    ? `It fits the checkpoint of ${checkpoint.at} over its first ${checkpoint.entries} entries.`
    : 'It fits no checkpoint.';
  if (all === 0) return [newest, noneGiven];
  const isFit = ({ entries }: Named) => entries <= (checkpoint?.entries ?? 0);
  const fits = given.filter(isFit).length;
  const [first] = intact ? [] : given.filter((one) => !isFit(one)).sort((a, b) => a.entries - b.entries);
  const differs = first
    ? [
        `The first of those that it does not fit is that of ${first.at} over ${first.entries} entries, in ${first.name}.`,
      ]
    : [];
  return [newest, `Of ${all} checkpoints given it fits ${fits}.`, ...differs];
}

const noneGiven =
  'No checkpoint from outside was given: what somebody did who can write to the whole database is not seen without one.';

function unusableWords(one: GivenCheckpoint): readonly string[] {
  if (one.state === 'signed') return [];
  if (one.state === 'not a checkpoint') return ['unknown: an envelope that was given is no checkpoint of an audit.'];
  const { checkpoint, keyId, state } = one;
  const named = `the checkpoint of ${checkpoint.at} over ${checkpoint.entries} entries`;
  if (state === 'forged') return [`unknown: ${named} is not as ${shown(keyId)} signed it, so it was not used.`];
  return [
    `unknown: ${named} is signed by ${shown(keyId) || 'nobody'}, which is no known key: give its public half by --key.`,
  ];
}
