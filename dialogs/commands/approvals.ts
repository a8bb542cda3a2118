import { z } from 'zod';
import { type ApprovalRow, approvalsCard } from '../../cards';
import { type Approval, approversFor, type Run, turnOf, versionOf, whoDecides } from '../../core/runs';
import { days } from '../../core/time';
import { type CommandContext, type Deps, defineCommand, flag, seesRun } from '../conversation';
import {
  blockedWords,
  isDecider,
  type Places,
  placeFor,
  placesOf,
  requesterOf,
  type Standing,
  standingOf,
  unaskedShort,
  unaskedWords,
} from '../present';

const dayMs = days(1);

/** `approvals`: what is waiting for a decision, most urgent first. */
export const approvals = defineCommand({
  verb: 'approvals',
  summary: 'Lists open approval requests.',
  group: 'Decide',
  role: 'viewer',
  effect: 'read',
  pace: 'look',
  args: z.object({
    mine: flag('Only what you may decide'),
    overdue: flag('Only requests older than a day'),
  }),
  examples: ['approvals', 'approvals --mine', 'approvals --overdue'],

  async run(ctx, { mine, overdue }, deps) {
    const waiting = await waitingFor(ctx, deps);
    const shown = waiting
      .filter(({ askedAt }) => !overdue || ctx.now.getTime() - askedAt.getTime() > dayMs)
      .map(({ row }) => row)
      .filter((row) => !mine || row.yours);
    return approvalsCard({ approvals: shown, total: shown.length, asOf: ctx.now });
  },
});

/** What waits for a decision, as somebody sees it. */
export interface Waiting {
  readonly row: ApprovalRow;
  /** Of the plan that was asked about. */
  readonly hash: string;
  readonly askedAt: Date;
}

/** What the person sees of what waits for a decision, most urgent first, and whether it is theirs to decide. */
export async function waitingFor(ctx: CommandContext, deps: Deps): Promise<readonly Waiting[]> {
  const pending = await deps.reads.approvalsPending(ctx.now);
  const places = await placesOf(ctx, pending, deps);
  const runs = await deps.reads.runsOf(pending.map(({ runId }) => runId));
  return pending
    .flatMap((a) => {
      const row = rowOf(ctx, a, places, runs.get(a.runId));
      return row ? { row, hash: a.planHash, askedAt: a.askedAt } : [];
    })
    .sort((a, b) => new Date(a.row.until).getTime() - new Date(b.row.until).getTime());
}

function rowOf(ctx: CommandContext, approval: Approval, places: Places, run: Run | undefined): ApprovalRow | undefined {
  if (!run || !(seesRun(ctx, run) || isDecider(ctx, approval, places))) return undefined;
  const standing = standingOf(ctx, { approval, run }, places);
  const place = isDecider(ctx, approval, places) ? undefined : placeFor(ctx, { approval, run }, places);
  const whyNot = whyNotYours(ctx, approval, standing);
  const words = unaskedWords(approval);
  const turn = turnOf(approval);
  return {
    id: approval.id,
    runId: run.id,
    ...whatOf(run),
    askedBy: requesterOf(run),
    until: approval.expiresAt,
    approved: approversFor(approval.decisions, turn.at).size,
    quorum: turn.quorum,
    yours: whyNot === undefined,
    ...(place && { inPlaceOf: place.name }),
    ...(run.kind !== 'digest' && blockedWords(run, approval).length > 0 && { blocked: true }),
    ...(whyNot !== undefined && { whyNot }),
    ...(words !== undefined && { unasked: { words, short: unaskedShort(approval.unasked) } }),
  };
}

function whatOf(run: Run): Pick<ApprovalRow, 'image' | 'version'> {
  if (run.kind === 'change') return { image: `${run.plan.verb} ${run.plan.target}`, version: '' };
  return { image: run.subject, version: (run.kind === 'publish' && versionOf(run)) || '' };
}

/** What clicking would say; the store checks again when it counts. */
function whyNotYours(ctx: CommandContext, approval: Approval, standing: Standing): string | undefined {
  switch (standing.as) {
    case 'decider':
      return undefined;
    case 'asker':
      return `you ${standing.did} it`;
    case 'decided':
      return 'you have decided';
    case 'unknown':
      return 'Microsoft Graph is silent';
    case 'onlooker':
      return `${whoDecides(approval, ctx.now)} decide`;
  }
}
