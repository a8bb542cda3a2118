import { definitionId } from '../../core/azure-id';
import type { ImageConfig } from '../../core/catalogue';
import { machineTeams, type ScaleSet, type TeamOf } from '../../core/compliance';
import { compareVersions, imageRef, noneIfMissing } from '../../core/images';
import {
  type Ask,
  type AskSeen,
  changedTopics,
  latestIn,
  nextAsks,
  readSet,
  rolled,
  type VersionFacts,
  withCopies,
} from '../../core/lifecycle';
import { deferralsOf } from '../../core/runs';
import { minutes } from '../../core/time';
import {
  holdOwnLook,
  type Lease,
  openChanges,
  ownLookFound,
  ownLookWork,
  redrawCalls,
  type Work,
  wantCard,
  writeOwnLook,
} from '../../store';
import { type EndingDeps, told } from './endings';

/**
 * Every few minutes goldbot looks which scale sets wait for their owner before Azure upgrades them, and tells the team in
 * its own channel: once for each question, and once more when a deferral of it is over.
 */

/** A hook before a batch waits half an hour by default. */
const everyMs = minutes(10);

export function askLooks(deps: EndingDeps): Work {
  const firstAt = (now: Date) => new Date(now.getTime() + everyMs);
  return ownLookWork('asks', deps, { look: 'asks', firstAt, take: (lease) => look(deps, lease) });
}

async function look({ database, clock, catalogue, read }: EndingDeps, lease: Lease): Promise<void> {
  const now = clock.now();
  const before = (await ownLookFound(database, 'asks'))?.asks ?? [];
  const { seen, silent } = await waiting({ catalogue, read }, before);
  await database.transaction(async (tx) => {
    if (!(await holdOwnLook(tx, lease))) return;
    const open = await openChanges(tx);
    const rolledOut = open.flatMap(({ plan }) =>
      plan.verb === 'rollout' ? plan.sets.map(({ id }) => rolled(id, plan.version)) : [],
    );
    const held = { deferrals: deferralsOf(open), rolledOut: new Set(rolledOut), silent };
    const asks = nextAsks(before, seen, held, now);
    const changed = changedTopics(before, asks);
    for (const { topic, channel } of changed) await wantCard(tx, { topic, channel, kind: 'asks' });
    await redrawCalls(
      tx,
      changed.map(({ topic }) => topic),
    );
    const found = { asOf: now.toISOString(), asks };
    await writeOwnLook<'asks'>(tx, lease, found, new Date(now.getTime() + everyMs));
  });
}

const lower = (id: string): string => id.toLowerCase();

interface Waiting {
  readonly seen: readonly AskSeen[];
  readonly silent: ReadonlySet<string>;
}

/** `before`: of what Azure does not tell now, it counts. */
async function waiting(deps: Pick<EndingDeps, 'catalogue' | 'read'>, before: readonly Ask[]): Promise<Waiting> {
  const { images } = deps.catalogue();
  const teamOf = await told(machineTeams(deps.read, deps.catalogue()));
  const [seen, silent]: [AskSeen[], string[]] = [[], []];
  for (const image of images) {
    const found = teamOf && (await told(ofImage(deps, image, teamOf)));
    seen.push(...(found?.seen ?? []));
    silent.push(
      ...(found?.silent ?? before.filter((one) => one.image === image.name).map(({ set }) => set)).map(lower),
    );
  }
  return { seen, silent: new Set(silent) };
}

/** Images of which no set asks cost one question of Resource Graph, and no other. */
async function ofImage(
  { read, catalogue }: Pick<EndingDeps, 'catalogue' | 'read'>,
  image: ImageConfig,
  teamOf: TeamOf,
): Promise<{ readonly seen: readonly AskSeen[]; readonly silent: readonly string[] }> {
  const { azure, teams } = catalogue();
  const gallery = imageRef(azure, image);
  const { rows } = await read.scaleSets(definitionId(gallery));
  const sets = rows.flatMap((set) => {
    const team = teamOf(set);
    const channel = team === null ? undefined : teams.get(team)?.channel;
    return set.selfUpgrading && set.asks && team !== null && channel !== undefined ? [{ set, team, channel }] : [];
  });
  if (sets.length === 0) return { seen: [], silent: [] };
  const all = await withCopies(read, gallery, await noneIfMissing(read.versions(gallery)));
  const [seen, silent]: [AskSeen[], string[]] = [[], []];
  for (const { set, team, channel } of sets) {
    const asked = await told(ofSet(read, set, all));
    if (asked) seen.push(...asked.map((one) => ({ ...one, team, channel, image: image.name })));
    else silent.push(set.id);
  }
  return { seen, silent };
}

type OfSet = Omit<AskSeen, 'team' | 'channel' | 'image'>;

/** Nothing shows that a deferral waits: it does as long as instances are behind and Azure upgrades none. */
async function ofSet(
  read: EndingDeps['read'],
  { id, name, location, asks }: ScaleSet,
  all: readonly VersionFacts[],
): Promise<readonly OfSet[]> {
  const version = latestIn(all, location)?.version;
  if (version === undefined) return [];
  const questions = asks === 'hook' ? await read.upgradeQuestions(id) : [];
  if (asks === 'hook' && questions.length === 0) return [];
  const instances = (await readSet(read, id))?.instances ?? [];
  const behind = instances.filter((one) => compareVersions(one.version || '0.0.0', version) < 0).length;
  const about = { set: id, name, version, behind };
  if (asks === 'hook') {
    return questions.map(({ name: question, until, latest, otherwise }) => ({
      ...{ ...about, question, otherwise, until: until.toISOString(), latest: latest.toISOString() },
    }));
  }
  const isGoing = behind === 0 || (await read.rollingUpgrade(id))?.state === 'running';
  return isGoing ? [] : [{ ...about, question: 'deferral' }];
}
