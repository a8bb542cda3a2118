import type { Person } from '../../core/access';
import type { AuditDetail, AuditRecord } from '../../core/audit';
import { isUserError, ofDatabase, type UserError } from '../../core/errors';
import type { Approval, RequestId, Run, RunKind, RunOfKind, Signal, Verdict } from '../../core/runs';
import type { Clock } from '../../core/time';
import { auditAlone, chooseChannel, type Database, findApproval, findRun } from '../../store';
import { decide, withdraw } from './decide';
import { type OverrideRequest, override } from './override';
import { type ControlDeps, signal, startOrJoin } from './start';

/**
 * Where a run's card shows: the conversation of the asker and the thread in it, or a channel by its name in the catalogue.
 * `kind`: what renders it; `run` when absent. One card per topic, conversation and kind.
 */
export type CardPlace = (
  | { readonly conversationId: string; readonly threadId?: string }
  | { readonly channel: string }
) & { readonly kind?: string };

export interface StartRequest<Kind extends RunKind = RunKind> {
  readonly kind: Kind;
  /** The image. */
  readonly subject: string;
  readonly plan: object;
  readonly person: Person;
  /** Unique per act of a person (activity id or what it says): the same intent again is the same act. */
  readonly intent: string;
  readonly card?: CardPlace;
  /** A run of the same kind and subject that only looks on, and is joined while it is open: the wish is the same. */
  readonly joins?: RequestId;
}

export interface Started<Kind extends RunKind> {
  readonly run: RunOfKind<Kind>;
  /** Whether it was already open. */
  readonly joined: boolean;
}

export interface SignalRequest {
  /** The run, or one of its approvals. */
  readonly request: RequestId;
  readonly kind: 'cancel' | 'rebuild' | 'saw' | 'review' | 'appoint';
  readonly person: Person;
  readonly body?: Pick<Signal['body'], 'reason' | 'note' | 'machine' | 'when'>;
  /** A button must carry the hash of the run's plan once there is one; typed commands have none. */
  readonly via?: 'button' | 'text';
  readonly hash?: string;
  readonly intent: string;
}

export interface DecideRequest {
  /** The approval, or its run. */
  readonly request: RequestId;
  /** The plan hash that a button must carry; typed commands have none. */
  readonly hash?: string;
  readonly person: Person;
  readonly verdict: Verdict;
  /** Needed to reject. */
  readonly reason?: string;
  /** Of the change under which it is approved; needed where the rule asks for one and the request has none. */
  readonly changeNumber?: string;
  readonly via: 'button' | 'text';
  readonly intent: string;
}

export interface WithdrawRequest {
  /** The approval, or its run. */
  readonly request: RequestId;
  readonly person: Person;
  readonly reason?: string;
  readonly intent: string;
}

export interface DecideResult {
  readonly approval: Approval;
  readonly run: Run;
  /** `recorded`: counted, more deciders are needed. `already`: the same person said the same before. */
  readonly outcome: 'recorded' | 'approved' | 'rejected' | 'already';
  /** Everyone whose decision stands, in the order of deciding. */
  readonly by: readonly Person[];
}

/**
 * Everything that people do to runs. Each call is one transaction and takes effect once per intent; refusals are
 * UserErrors and change nothing except the audit.
 */
export interface RunControl {
  /**
   * Starts a run, or joins the open one of the same kind and subject; whoever joins becomes one of its actors.
   *
   * @throws UserError `IMAGE_LOCKED`: somebody has locked the image. An open run is joined all the same.
   */
  startOrJoin<Kind extends RunKind>(request: StartRequest<Kind>): Promise<Started<Kind>>;
  /**
   * Sends a run a signal, which takes effect at once.
   *
   * @throws UserError `UNKNOWN_REQUEST`, `CARD_STALE`, `RUN_ENDED`, `IMAGE_LOCKED` (a rebuild), or what the workflow says
   * (`RUN_BUSY`, `RUN_PAST_CANCEL`); `APPROVAL_OWN`: a review by somebody who took part.
   */
  signal(request: SignalRequest): Promise<Run>;
  /**
   * Approves or rejects. Groups are asked before the transaction: when Graph is silent, nothing is decided.
   *
   * @throws UserError `UNKNOWN_REQUEST`, `RUN_BUSY` (has not asked yet), `REASON_NEEDED`, `CHANGE_NUMBER`, `CARD_STALE` (a button
   * without a hash), `APPROVAL_STALE` (facts `approvedPlan`, `currentPlan`), `APPROVAL_CLOSED` (facts `approval`,
   * `status`, `by`, `byOid`, `at`), `APPROVAL_OWN`, `APPROVAL_NOT_YOURS`, `DIRECTORY_SILENT`.
   */
  decide(request: DecideRequest): Promise<DecideResult>;
  /**
   * Asks to let a held run through the freezes that hold it, or, without a reason, agrees to that as a second person.
   * Groups are asked before the transaction: when Graph is silent, nothing is confirmed.
   *
   * @throws UserError `UNKNOWN_REQUEST`, `CARD_STALE`, `RUN_ENDED`, `RUN_BUSY` (not held, held by a lock, asked already,
   * not asked yet), `APPROVAL_OWN` (an actor of the run), `APPROVAL_NOT_YOURS`, `DIRECTORY_SILENT`.
   */
  override(request: OverrideRequest): Promise<Run>;
  /**
   * Withdraws an approval request; only actors of the run may.
   *
   * @throws UserError `UNKNOWN_REQUEST`, `RUN_BUSY` (has not asked yet), `APPROVAL_CLOSED`, `WRONG_ROLE` (not an
   * actor).
   */
  withdraw(request: WithdrawRequest): Promise<{ readonly approval: Approval; readonly run: Run }>;
}

/** The one door through which dialogs change anything. */
export function createRunControl(deps: ControlDeps): RunControl {
  return {
    startOrJoin: (request) => startOrJoin(deps, request),
    signal: (request) => {
      const { kind: verb, person, via, hash, body } = request;
      const attempt = { verb, request: request.request, person, detail: { via, hash, ...body } };
      return auditingRefusals(deps, attempt, () => signal(deps, request));
    },
    decide: (request) => {
      const { person, verdict, hash, via, reason } = request;
      const attempt = { verb: verdict, request: request.request, person, detail: { hash, via, reason } };
      return auditingRefusals(deps, attempt, () => decide(deps, request));
    },
    override: (request) => {
      const { person, hash, via, reason } = request;
      const attempt = { verb: 'override', request: request.request, person, detail: { hash, via, reason } };
      return auditingRefusals(deps, attempt, () => override(deps, request));
    },
    withdraw: (request) => {
      const { person, reason } = request;
      const attempt = { verb: 'withdraw', request: request.request, person, detail: { reason } };
      return auditingRefusals(deps, attempt, () => withdraw(deps, request));
    },
  };
}

interface Attempt {
  readonly verb: string;
  readonly request: RequestId;
  readonly person: Person;
  readonly detail: Pick<AuditDetail<'refuse'>, 'via' | 'hash' | 'reason' | 'note' | 'machine' | 'when'>;
}

/** Refused acts change nothing, but they are audited. */
async function auditingRefusals<T>(deps: ControlDeps, attempt: Attempt, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (isUserError(error) && !ofDatabase.has(error.code))
      await auditAlone(deps.database, await refusal(deps, attempt, error));
    throw error;
  }
}

async function refusal(
  { clock, database }: ControlDeps,
  { verb, request, person, detail }: Attempt,
  error: UserError,
): Promise<AuditRecord> {
  const run = await findRun(database, (await findApproval(database, request))?.runId ?? request);
  return {
    at: clock.now(),
    who: person,
    action: 'refuse',
    ...(run && { subject: run.subject, runId: run.id }),
    request,
    detail: { ...detail, verb, code: error.code, message: error.message },
  };
}

export interface ChannelRequest {
  /** As the catalogue has it. */
  readonly name: string;
  readonly conversationId: string;
  readonly person: Person;
}

/** What people decide about channels; whether they may has been checked before. */
export interface ChannelControl {
  /**
   * Says which channel in Teams the catalogue means by a name, and releases what waits for it. Idempotent, and in the audit
   * each time.
   *
   * @throws UserError `DATABASE_SILENT`.
   */
  choose(request: ChannelRequest): Promise<void>;
}

export function createChannelControl({
  database,
  clock,
}: {
  readonly database: Database;
  readonly clock: Clock;
}): ChannelControl {
  return {
    choose: ({ name, conversationId, person }) =>
      chooseChannel(database, { name, conversationId, who: { oid: person.oid, name: person.name }, at: clock.now() }),
  };
}
