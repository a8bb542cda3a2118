import { z } from 'zod';
import { type ApprovalRow, approvalsCard } from '../../cards';
import type { Person } from '../../core/access';
import {
  type Approval,
  approvedImage,
  approversFor,
  type Delegation,
  groupsDeciding,
  isInForce,
  noPlaceOf,
  type Run,
  turnOf,
  versionOf,
  whoDecides,
} from '../../core/runs';
import { days } from '../../core/time';
import { type CommandContext, type Deps, defineCommand, flag, seesRun } from '../conversation';
import { blockedWords, ifKnown, requesterOf, unaskedShort, unaskedWords } from '../present';

const dayMs = days(1);

/** `approvals`: what is waiting for a decision, most urgent first. */
export const approvals = defineCommand({
  verb: 'approvals',
  summary: 'Lists open approval requests.',
  group: 'Decide',
  role: 'viewer',
  effect: 'read',
  args: z.object({
    mine: flag('Only what you may decide'),
    overdue: flag('Only requests older than a day'),
  }),
  examples: ['approvals', 'approvals --mine', 'approvals --overdue'],

  async run(ctx, { mine, overdue }, deps) {
    const pending = await deps.reads.approvalsPending(ctx.now);
    const groups = [...new Set(pending.flatMap((a) => groupsDeciding(a, ctx.now).map(({ group }) => group)))];
    const member = groups.length === 0 ? [] : await ifKnown(deps.directory.memberOf(ctx.person.oid, groups));
    const passedOn = (await deps.reads.delegations(ctx.now)).filter(({ to }) => to.oid === ctx.person.oid);
    const places = await placesOf(passedOn, groups, deps);
    const runs = await deps.reads.runsOf(pending.map(({ runId }) => runId));
    const shown = pending
      .filter((a) => !overdue || ctx.now.getTime() - a.askedAt.getTime() > dayMs)
      .flatMap((a) => rowOf(ctx, a, { member, places }, runs.get(a.runId)) ?? [])
      .filter((row) => !mine || row.yours)
      .sort((a, b) => new Date(a.until).getTime() - new Date(b.until).getTime());
    return approvalsCard({ approvals: shown, total: shown.length, asOf: ctx.now });
  },
});

/** A delegation to the person who asks, and in which of the groups the one is whose place it is. */
interface PlaceHeld extends Delegation {
  readonly groups: readonly string[];
}

function placesOf(
  passedOn: readonly Delegation[],
  groups: readonly string[],
  { directory }: Deps,
): Promise<readonly PlaceHeld[]> {
  if (groups.length === 0) return Promise.resolve([]);
  return Promise.all(
    passedOn.map(async (one) => ({
      ...one,
      groups: (await ifKnown(directory.memberOf(one.from.oid, groups))) ?? [],
    })),
  );
}

interface Standing {
  readonly member: readonly string[] | undefined;
  readonly places: readonly PlaceHeld[];
}

/** In whose place the person may decide; undefined: nobody's but perhaps their own. */
function placeFor({ now }: CommandContext, approval: Approval, run: Run, { places }: Standing): Person | undefined {
  const image = approvedImage(run);
  const deciding = groupsDeciding(approval, now).map(({ group }) => group);
  return places.find(
    (one) =>
      image !== undefined &&
      isInForce(one, image, now) &&
      one.groups.some((group) => deciding.includes(group)) &&
      noPlaceOf(one.from.oid, approval, run.actors) === undefined,
  )?.from;
}

function rowOf(
  ctx: CommandContext,
  approval: Approval,
  standing: Standing,
  run: Run | undefined,
): ApprovalRow | undefined {
  if (!run || !(seesRun(ctx, run) || isDecider(ctx, approval, standing.member))) return undefined;
  const place = isDecider(ctx, approval, standing.member) ? undefined : placeFor(ctx, approval, run, standing);
  const whyNot = whyNotYours(ctx, approval, run, { ...standing, place });
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
function whyNotYours(
  ctx: CommandContext,
  approval: Approval,
  run: Run,
  { member, place }: Standing & { readonly place: Person | undefined },
): string | undefined {
  const actor = run.actors.find((a) => a.oid === ctx.person.oid);
  if (actor) return `you ${actor.did} it`;
  if (approval.decisions.some((d) => d.oid === ctx.person.oid)) return 'you have decided';
  if (!member) return 'Microsoft Graph is silent';
  const inRole = run.kind === 'change' || ctx.rights.has('approver', run.subject);
  const decides = (isDecider(ctx, approval, member) || place !== undefined) && inRole;
  return decides ? undefined : `${whoDecides(approval, ctx.now)} decide`;
}

function isDecider({ now }: CommandContext, approval: Approval, member: readonly string[] = []): boolean {
  return groupsDeciding(approval, now).some(({ group }) => member.includes(group));
}
