import type { Catalogue } from '../../core/catalogue';
import { againOf, explain, isUserError } from '../../core/errors';
import type { LogFields } from '../../core/log';
import {
  alterationTopic,
  type Checkpoint,
  checkpointName,
  envelopesIn,
  type OutsidePlace,
  openCheckpoint,
} from '../../core/provenance';
import { type Clock, days, hours, minutes } from '../../core/time';
import {
  checkpointsAfter,
  type Database,
  holdOwnLook,
  type Lease,
  type OutsideFound,
  ownLookFound,
  ownLookWork,
  type Work,
  wantCard,
  writeOwnLook,
} from '../../store';

export interface OutsideDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly catalogue: () => Catalogue;
  /** For operators. */
  readonly log: (message: string, facts: LogFields) => void;
  /** A container, by its address. */
  readonly outside: (container: string) => OutsidePlace;
}

/** World time between two looks for checkpoints that are not outside yet, and after one that did not work out. */
const againMs = minutes(10);
const afterFailureMs = hours(1);
/** In one look; after years without a container there are many. */
const atOnce = 50;

/** Hands each checkpoint to the container that azure.yaml names, oldest first, until it is there. */
export function outsideCopies(deps: OutsideDeps): Work {
  return ownLookWork('checkpoints outside', deps, {
    look: 'outside',
    firstAt: (now) => now,
    isWanted: () => containerOf(deps) !== undefined,
    take: (lease) => handOver(deps, lease),
  });
}

const containerOf = ({ catalogue }: OutsideDeps) => catalogue().azure.audit?.container;

async function handOver(deps: OutsideDeps, lease: Lease): Promise<void> {
  const { database, clock, catalogue, log } = deps;
  const container = containerOf(deps);
  // The catalogue was changed since the look was taken: the lease runs out.
  if (container === undefined) return;
  const before = await ownLookFound(database, 'outside');
  const known = before?.container === container ? before : { container, entries: 0 };
  const found = await handed(deps, known);
  if (found.said !== undefined && found.said !== before?.said) {
    log('a checkpoint of the audit could not be kept outside of the database', { why: found.said });
  }
  const { differs } = found;
  if (differs)
    log('outside of the database another checkpoint is kept in the place of one', { entry: differs.entries });
  const channel = catalogue().azure.audit?.channel;
  const now = clock.now();
  await database.transaction(async (tx) => {
    if (!(await holdOwnLook(tx, lease))) return;
    await writeOwnLook<'outside'>(tx, lease, found, nextLook(found, now));
    if (!differs || channel === undefined) return;
    await wantCard(tx, { topic: alterationTopic(now), channel, kind: 'alteration' });
  });
}

/** Midnight, UTC: a checkpoint closes a day. */
export function nextDay(now: Date): Date {
  return new Date((Math.floor(now.getTime() / days(1)) + 1) * days(1));
}

/** What differs is said each day, as the check at midnight says what it finds. */
function nextLook({ differs, said }: OutsideFound, now: Date): Date {
  if (differs) return nextDay(now);
  return new Date(now.getTime() + (said === undefined ? againMs : afterFailureMs));
}

async function handed({ database, clock, outside }: OutsideDeps, before: OutsideFound): Promise<OutsideFound> {
  const place = outside(before.container);
  let { entries, fits } = before;
  const soFar = (): OutsideFound => ({ container: before.container, entries, ...(fits && { fits }) });
  try {
    for (const { checkpoint, envelope } of await checkpointsAfter(database, entries, atOnce)) {
      if ((await place.keep(checkpointName(checkpoint.entries), envelope)) === 'another') {
        const since = before.differs?.since ?? clock.now().toISOString();
        return { ...soFar(), differs: { since, entries: checkpoint.entries } };
      }
      entries = checkpoint.entries;
      fits = { entries, at: checkpoint.at };
    }
    return soFar();
  } catch (error) {
    if (!isUserError(error)) throw error;
    return { ...soFar(), said: againOf(error) === 'once fixed' ? explain(error) : error.message };
  }
}

/**
 * The newest checkpoint outside, which holds everything before it. What it says counts whoever signed it: who could put
 * it there is Azure's to say, and a key that the database does not know any more is a reason to look.
 */
export async function newestOutside(deps: OutsideDeps): Promise<readonly Checkpoint[]> {
  const { outside, log } = deps;
  const container = containerOf(deps);
  if (container === undefined) return [];
  try {
    const place = outside(container);
    const name = (await place.names()).at(-1);
    const text = name === undefined ? undefined : await place.read(name);
    const [envelope] = envelopesIn(text ?? '');
    const opened = envelope && openCheckpoint(envelope, []);
    return opened && 'checkpoint' in opened ? [opened.checkpoint] : [];
  } catch (error) {
    if (!isUserError(error)) throw error;
    log('the checkpoints outside of the database could not be read; the audit is checked without them', {
      why: error.message,
    });
    return [];
  }
}
