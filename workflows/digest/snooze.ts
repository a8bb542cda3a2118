import type { Person } from '../../core/access';
import type { Snooze } from '../../core/compliance';
import type { Clock } from '../../core/time';
import {
  appendAudit,
  type Database,
  deleteSnooze,
  lockSnooze,
  redrawDigests,
  takeIntent,
  writeSnooze,
} from '../../store';

export interface UnsnoozeRequest {
  readonly team: string;
  /** `rowOf` what it is about. */
  readonly row: string;
  readonly person: Person;
  /** Unique to one act of a person. */
  readonly intent: string;
}

export type SnoozeRequest = UnsnoozeRequest & Pick<Snooze, 'machines' | 'until' | 'reason'>;

interface SnoozeDeps {
  readonly database: Database;
  readonly clock: Clock;
}

/** Sets the row aside in place of what was said before, and has the team's newest digests drawn anew. */
export function snooze({ database, clock }: SnoozeDeps, request: SnoozeRequest): Promise<void> {
  const { team, row, machines, until, reason, person, intent } = request;
  return database.transaction(async (tx) => {
    if (await takeIntent(tx, intent)) return;
    const at = clock.now();
    const before = inForce(await lockSnooze(tx, team, row), at);
    const by = { oid: person.oid, name: person.name };
    await writeSnooze(tx, { team, row, machines, until, reason, by, at });
    await redrawDigests(tx, team);
    const detail = { row, machines, until, reason, ...(before && { before: toldOf(before) }) };
    await appendAudit(tx, [{ at, who: by, action: 'snooze', subject: team, detail }]);
  });
}

/** Brings the row back, and answers what it was; undefined: it is not snoozed, or this was done before. */
export function unsnooze({ database, clock }: SnoozeDeps, request: UnsnoozeRequest): Promise<Snooze | undefined> {
  const { team, row, person, intent } = request;
  return database.transaction(async (tx) => {
    if (await takeIntent(tx, intent)) return undefined;
    const at = clock.now();
    const before = inForce(await lockSnooze(tx, team, row), at);
    if (!before) return undefined;
    await deleteSnooze(tx, team, row);
    await redrawDigests(tx, team);
    const who = { oid: person.oid, name: person.name };
    await appendAudit(tx, [{ at, who, action: 'unsnooze', subject: team, detail: { row, before: toldOf(before) } }]);
    return before;
  });
}

const inForce = (found: Snooze | undefined, now: Date) => (found && found.until > now ? found : undefined);

const toldOf = ({ by, until, reason, machines }: Snooze) => ({ by: by.name, until, reason, machines });
