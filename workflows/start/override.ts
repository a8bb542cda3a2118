import type { Person } from '../../core/access';
import { call } from '../../core/command-call';
import { isUserError, UserError } from '../../core/errors';
import { type ApprovalRule, holdSentence, type Lock, type Override, type RequestId, type Run } from '../../core/runs';
import { findRun, insertSignal, lockOf, redrawRun, wantCard } from '../../store';
import { unlockHint } from './locks';
import { becomeActor, type ControlDeps, checkTakes, runIdOf, settle, staleCard, takeRun, unknown } from './start';

/** A run is let through a freeze by two people: one who asks for it and says why, and an approver or admin who agrees. */

export interface OverrideRequest {
  readonly request: RequestId;
  readonly person: Person;
  /** Why. Absent: the person agrees to what somebody else has asked for. */
  readonly reason?: string;
  readonly via?: 'button' | 'text';
  /** The plan hash that a button must carry; typed commands have none. */
  readonly hash?: string;
  readonly intent: string;
}

export function override(deps: ControlDeps, request: OverrideRequest): Promise<Run> {
  const { reason } = request;
  return reason === undefined ? confirm(deps, request) : ask(deps, request, reason);
}

function ask(deps: ControlDeps, request: OverrideRequest, reason: string): Promise<Run> {
  const { person, via } = request;
  return deps.database.transaction(async (tx) => {
    const { run, repeated } = await takeRun(tx, request);
    if (repeated) return run;
    checkCard(run, request);
    checkTakes(deps, run, 'override');
    const windows = windowsOf(run, await lockOf(tx, run.subject), person);
    const before = overrideOf(run);
    if (before && !before.confirmed) throw askedAlready(run, before);
    const now = deps.clock.now();
    const base = { at: now, who: person, subject: run.subject, runId: run.id };
    const detail = { reason, windows, planHash: run.planHash, via };
    const dropped = await becomeActor(tx, base, { ...person, did: 'overrode', now });
    const trace = deps.telemetry?.here();
    await insertSignal(tx, run.id, { kind: 'override', by: person, body: { reason }, at: now, trace });
    await redrawRun(tx, run.id);
    const channel = channelOf(run);
    const topic = `news:${run.id}:override-${now.getTime()}`;
    if (channel !== undefined) await wantCard(tx, { topic, channel, kind: 'news' });
    return settle(tx, request, run, [{ ...base, action: 'override', request: run.id, detail }, ...dropped]);
  });
}

/** Groups are read before the transaction; however Graph fails, nothing is confirmed. */
async function confirm(deps: ControlDeps, request: OverrideRequest): Promise<Run> {
  const { person, via } = request;
  const seen = await findRun(deps.database, await runIdOf(deps.database, request.request));
  if (!seen) throw await unknown(deps.database, request.request);
  const asked = mayConfirm(deps, seen, person);
  const group = await grantingGroup(deps, seen, person);
  return deps.database.transaction(async (tx) => {
    const { run, repeated } = await takeRun(tx, request);
    if (repeated) return run;
    checkCard(run, request);
    const open = mayConfirm(deps, run, person);
    if (open.at !== asked.at || open.by.oid !== asked.by.oid) throw staleCard(run);
    const now = deps.clock.now();
    const base = { at: now, who: person, subject: run.subject, runId: run.id };
    const detail = {
      override: { by: open.by.name, reason: open.reason, windows: open.windows, at: open.at },
      group,
      planHash: run.planHash,
      via,
    };
    const trace = deps.telemetry?.here();
    await insertSignal(tx, run.id, { kind: 'confirm', by: person, body: {}, at: now, trace });
    await redrawRun(tx, run.id);
    return settle(tx, request, run, [{ ...base, action: 'confirm', request: run.id, detail }]);
  });
}

/** A click for another plan than the current one: the card did not show what it would do. */
function checkCard(run: Run, { via, hash }: OverrideRequest): void {
  if (via === 'button' && (hash ?? null) !== run.planHash) throw staleCard(run);
}

function overrideOf(run: Run): Override | undefined {
  return run.kind === 'digest' ? undefined : run.data.override;
}

/** @throws UserError `RUN_BUSY` when it is a lock alone that holds the run. */
function windowsOf(run: Run, locked: Lock | undefined, person: Person): readonly string[] {
  const holds = run.kind === 'digest' ? [] : (run.data.held?.holds ?? []);
  const windows = holds.filter(({ kind }) => kind === 'freeze').map(({ by }) => by);
  const [lock] = holds;
  if (windows.length > 0 || !lock) return windows;
  throw new UserError('RUN_BUSY', `${run.id} is held by a lock, not by a freeze. ${holdSentence(lock)}`, {
    hint: locked ? unlockHint(locked, person) : 'It has just been unlocked: the run goes on by itself.',
    next: [call('unlock', { image: run.subject }, 'reason')],
  });
}

/** Where those are who can confirm. */
function channelOf(run: Run): string | undefined {
  if (run.kind === 'publish') return run.plan.approvalChannel;
  return run.kind === 'change' ? run.plan.approval?.channel : undefined;
}

function askedAlready({ id }: Run, { by, reason }: Override): UserError {
  return new UserError('RUN_BUSY', `${by.name} has asked to override the freeze for ${id} already: “${reason}”.`, {
    hint: 'Somebody else, an approver or admin who has no part in the run, confirms it.',
    next: [call('confirm', { request: id })],
  });
}

/**
 * What the person would agree to.
 *
 * @throws UserError `RUN_BUSY` (not held, or nobody has asked), `APPROVAL_OWN`.
 */
function mayConfirm(deps: ControlDeps, run: Run, person: Person): Override {
  checkTakes(deps, run, 'confirm');
  const asked = overrideOf(run);
  if (!asked || asked.confirmed) {
    throw new UserError('RUN_BUSY', `Nobody has asked to override the freeze for ${run.id}; nothing was confirmed.`, {
      hint: 'Ask for it, and say why; somebody else confirms it then.',
      next: [call('override', { request: run.id }, 'reason')],
    });
  }
  const actor = run.actors.find(({ oid }) => oid === person.oid);
  if (!actor) return asked;
  throw new UserError('APPROVAL_OWN', `${person.name} ${actor.did} ${run.id} and cannot confirm its override.`, {
    hint: 'Ask an approver or admin who has no part in it.',
    facts: { did: actor.did },
  });
}

/**
 * The group by which the person may confirm: those who decide about the run, or the admins.
 *
 * @throws UserError `APPROVAL_NOT_YOURS`, `DIRECTORY_SILENT`.
 */
async function grantingGroup(deps: ControlDeps, run: Run, { oid, name }: Person): Promise<string> {
  const groups = groupsOf(deps, run);
  for (const { group, groupName } of groups) {
    const members = await deps.directory.membersNow(group, new Set([oid])).catch((cause: unknown) => {
      throw directorySilent(run, groupName, cause);
    });
    if (members.has(oid)) return groupName;
  }
  const names = groups.map(({ groupName }) => groupName).join(' or ');
  throw new UserError('APPROVAL_NOT_YOURS', `${name} is not in ${names}, who confirm the override of ${run.id}.`, {
    hint: `Ask a member of ${names}.`,
  });
}

type Group = Pick<ApprovalRule, 'group' | 'groupName'>;

function groupsOf({ catalogue }: ControlDeps, run: Run): readonly Group[] {
  const admins = catalogue().roles.filter(
    ({ role, images }) => role === 'admin' && (!images || images.includes(run.subject)),
  );
  const rule =
    run.kind === 'publish' ? run.plan.fixed?.rule : run.kind === 'change' ? run.plan.approval?.rule : undefined;
  return [...(rule ? [rule] : []), ...admins.map(({ group, name }) => ({ group, groupName: name }))];
}

function directorySilent({ id }: Run, groupName: string, cause: unknown): UserError {
  const message = `Microsoft Graph did not say who is in ${groupName}; nothing was confirmed for ${id}.`;
  return new UserError('DIRECTORY_SILENT', message, {
    hint: (isUserError(cause) ? cause.hint : undefined) ?? 'Confirm again in a minute.',
    cause,
  });
}
