/**
 * Once a day goldbot checks its audit from the first entry on and, if it is whole, signs a checkpoint of it: how many
 * entries there are, and the hash of the last. The checkpoint stands in the database, in the audit itself, and, where
 * azure.yaml names them, in a channel and in a container that nobody can change, so that it is held by somebody who cannot
 * be made to forget it. An audit that is not
 * whole is told there each day, and to operators, until it is again.
 */
import type { AuditRecord } from '../../core/audit';
import { againOf, explain, isUserError, type UserError } from '../../core/errors';
import {
  type Alteration,
  alterationTopic,
  type Checkpoint,
  checkpointPayload,
  checkpointPreAuthentication,
  checkpointSigned,
  checkpointTopic,
  type Signature,
  type Signer,
  type TrustedKey,
} from '../../core/provenance';
import { hours } from '../../core/time';
import {
  type AuditVerdict,
  accountsBy,
  appendAudit,
  type CheckpointsFound,
  checkAudit,
  goldbot,
  holdOwnLook,
  keepCheckpoint,
  type Lease,
  ownLookFound,
  ownLookWork,
  type Work,
  wantCard,
  writeOwnLook,
} from '../../store';
import { keyOf } from './account';
import { newestOutside, nextDay, type OutsideDeps } from './outside';

export { accountFor } from './account';
export { outsideCopies } from './outside';

export interface CheckpointDeps extends OutsideDeps {
  /** By the catalogue in force; undefined when no key is set. */
  signer(): Signer | undefined;
}

/** World time until the next try where the key is silent, or none is set. */
const afterFailureMs = hours(1);

/** At the end of each day. */
export function checkpoints(deps: CheckpointDeps): Work {
  return ownLookWork('checkpoints', deps, {
    look: 'checkpoints',
    firstAt: nextDay,
    take: (lease) => close(deps, lease),
  });
}

interface Signed {
  readonly checkpoint: Checkpoint & { readonly payload: string };
  readonly signature: Signature;
}

/** Nothing is signed over a record that is not whole: the signature would vouch for what was done to it. */
async function close(deps: CheckpointDeps, lease: Lease): Promise<void> {
  const now = deps.clock.now();
  const before = await ownLookFound(deps.database, 'checkpoints');
  const accountKeys = await ownKey(deps);
  if (typeof accountKeys === 'string') {
    const found = { ...(before ?? { broken: false }), said: accountKeys };
    return keep(deps, lease, { found, dueAt: new Date(now.getTime() + afterFailureMs) });
  }
  const given = await newestOutside(deps);
  const { verdict, hash } = await checkAudit(deps.database, { whole: true, given, accountKeys });
  const isOver = before?.broken === true;
  if (!verdict.intact) {
    const altered = alterationOf(verdict, before?.altered?.since ?? now.toISOString());
    const { firstBroken: first, why } = verdict;
    deps.log('the audit is not as it was written; nothing is signed', { entry: first, why });
    return keep(deps, lease, { found: { broken: true, altered }, dueAt: nextDay(now), tell: true });
  }
  if (isOver) deps.log('the audit is as it was written again, or what was done to it is accounted for', {});
  if (verdict.entries === 0) return keep(deps, lease, { found: { broken: false }, dueAt: nextDay(now), tell: isOver });
  const signed = await sign(deps, { entries: verdict.entries, head: hash, at: now.toISOString() });
  if (typeof signed === 'string') {
    const dueAt = new Date(now.getTime() + afterFailureMs);
    return keep(deps, lease, { found: { broken: false, said: signed }, dueAt, tell: isOver });
  }
  await keep(deps, lease, { found: { broken: false }, dueAt: nextDay(now), signed, tell: isOver });
}

function alterationOf(verdict: Extract<AuditVerdict, { intact: false }>, since: string): Alteration {
  const { firstBroken, upTo, why, checkpoint } = verdict;
  return { since, firstBroken, ...(upTo !== undefined && { upTo }), why, ...(checkpoint && { fits: checkpoint }) };
}

/** By whom accounts are taken for true, where there are any; a sentence when that cannot be known now. */
async function ownKey({ database, signer }: CheckpointDeps): Promise<readonly TrustedKey[] | string> {
  const key = signer();
  if (!key || (await accountsBy(database)).length === 0) return [];
  try {
    return [await keyOf(key)];
  } catch (error) {
    if (!isUserError(error)) throw error;
    return whyUnsigned(error);
  }
}

const whyUnsigned = (error: UserError) => (againOf(error) === 'once fixed' ? explain(error) : error.message);

/** A sentence when it could not be signed. */
async function sign({ signer }: CheckpointDeps, checkpoint: Checkpoint): Promise<Signed | string> {
  const key = signer();
  if (!key) return 'No key is set to sign with.';
  const payload = checkpointPayload(checkpoint);
  try {
    const signature = await key.sign(checkpointPreAuthentication(payload));
    if (!checkpointSigned(payload, signature)) return 'The key answered with a signature that does not fit.';
    return { checkpoint: { ...checkpoint, payload }, signature };
  } catch (error) {
    if (!isUserError(error)) throw error;
    return whyUnsigned(error);
  }
}

interface Closed {
  readonly found: CheckpointsFound;
  readonly dueAt: Date;
  readonly signed?: Signed;
  /** Those who keep the audit are told how it stands: that it was altered, each day, or that this is over. */
  readonly tell?: boolean;
}

async function keep(
  { database, clock, catalogue }: CheckpointDeps,
  lease: Lease,
  { found, dueAt, signed, tell = false }: Closed,
): Promise<void> {
  const channel = catalogue().azure.audit?.channel;
  await database.transaction(async (tx) => {
    if (!(await holdOwnLook(tx, lease))) return;
    await writeOwnLook<'checkpoints'>(tx, lease, found, dueAt);
    if (tell && channel !== undefined) {
      await wantCard(tx, { topic: alterationTopic(clock.now()), channel, kind: 'alteration' });
    }
    if (!signed) return;
    const { checkpoint, signature } = signed;
    const { entries, head, at } = checkpoint;
    await keepCheckpoint(tx, checkpoint, signature);
    if (channel !== undefined) await wantCard(tx, { topic: checkpointTopic(entries), channel, kind: 'checkpoint' });
    const detail = { entries, head, at, key: signature.key.id };
    const record: AuditRecord = { at: clock.now(), who: goldbot, action: 'checkpoint', detail };
    await appendAudit(tx, [record]);
  });
}
