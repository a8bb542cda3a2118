import type { Person } from '../../core/access';
import type { AuditRecord } from '../../core/audit';
import { type Delegation, placesTaken } from '../../core/runs';
import type { Clock } from '../../core/time';
import {
  appendAudit,
  type Database,
  delegationsAt,
  deleteDelegation,
  findRun,
  pendingApprovals,
  type Queryable,
  redrawAsking,
  takeIntent,
  writeDelegation,
} from '../../store';

/** Who decides in whose place. */

export interface DelegateRequest extends Pick<Delegation, 'to' | 'image' | 'until'> {
  /** Whose place it is: nobody passes on another one's. */
  readonly person: Person;
  /** Unique per act of a person. */
  readonly intent: string;
}

export type UndelegateRequest = Omit<DelegateRequest, 'to' | 'until'>;

/** Each call is one transaction and takes effect once per intent. @throws UserError `DATABASE_SILENT`. */
export interface DelegationControl {
  /** Takes the place of what the person said of the same image. Whether the other one could decide has been checked before. */
  delegate(request: DelegateRequest): Promise<void>;
  /** Ends it at once, and answers what it was; undefined: there was none, or this was done before. What was decided stands. */
  undelegate(request: UndelegateRequest): Promise<Delegation | undefined>;
}

interface DelegationDeps {
  readonly database: Database;
  readonly clock: Clock;
}

export const createDelegationControl = (deps: DelegationDeps): DelegationControl => ({
  delegate: (request) => delegate(deps, request),
  undelegate: (request) => undelegate(deps, request),
});

function delegate({ database, clock }: DelegationDeps, request: DelegateRequest): Promise<void> {
  const { to, image, until, person, intent } = request;
  return database.transaction(async (tx) => {
    if ((await takeIntent(tx, intent)) !== undefined) return;
    const at = clock.now();
    const who = { oid: person.oid, name: person.name };
    const before = (await delegationsAt(tx, at)).find((one) => one.from.oid === who.oid && one.image === image);
    await writeDelegation(tx, { from: who, to: { oid: to.oid, name: to.name }, image, until, at });
    await redrawAsking(tx);
    const detail = { to: { oid: to.oid, name: to.name }, image, until, ...(before && { before: toldOf(before) }) };
    const entry = { at, who, action: 'delegate', detail } as const;
    const open = await concerned(tx, { from: who, to, image, until, at }, at);
    await appendAudit(tx, [
      { ...entry, ...(image !== null && { subject: image }) },
      ...open.map((of) => ({ ...entry, ...of })),
    ]);
  });
}

function undelegate({ database, clock }: DelegationDeps, request: UndelegateRequest): Promise<Delegation | undefined> {
  const { image, person, intent } = request;
  return database.transaction(async (tx) => {
    if ((await takeIntent(tx, intent)) !== undefined) return undefined;
    const at = clock.now();
    const before = (await delegationsAt(tx, at)).find((one) => one.from.oid === person.oid && one.image === image);
    if (!before) return undefined;
    const open = await concerned(tx, before, at);
    await deleteDelegation(tx, person.oid, image);
    await redrawAsking(tx);
    const who = { oid: person.oid, name: person.name };
    const detail = { before: toldOf(before), image };
    const entry = { at, who, action: 'undelegate', detail } as const;
    await appendAudit(tx, [
      { ...entry, ...(image !== null && { subject: image }) },
      ...open.map((of) => ({ ...entry, ...of })),
    ]);
    return before;
  });
}

type OfRequest = Required<Pick<AuditRecord<'delegate'>, 'subject' | 'runId' | 'request'>>;

/** Open requests about which somebody may decide by it: it is a part of their history too. */
async function concerned(tx: Queryable, one: Delegation, now: Date): Promise<readonly OfRequest[]> {
  const found: OfRequest[] = [];
  for (const approval of await pendingApprovals(tx, now)) {
    const run = await findRun(tx, approval.runId);
    if (!run || run.kind === 'digest' || placesTaken([one], approval, { run, now }).length === 0) continue;
    found.push({ subject: run.subject, runId: run.id, request: approval.id });
  }
  return found;
}

const toldOf = ({ to, until }: Delegation) => ({ to: { oid: to.oid, name: to.name }, until });
