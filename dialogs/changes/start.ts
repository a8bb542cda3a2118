import { noticeCard, statusButton } from '../../cards';
import type { Catalogue } from '../../core/catalogue';
import type { CommandCall } from '../../core/command-call';
import { UserError } from '../../core/errors';
import {
  type ApprovalRule,
  type ChangeApproval,
  type ChangePlan,
  type ChangeRun,
  changeHash,
  changeSubject,
  isVersionPlan,
} from '../../core/runs';
import { days } from '../../core/time';
import type { CardPlace } from '../../workflows/start';
import type { Answer, CommandContext, Deps } from '../conversation';
import { askerOf, presentChange, whatOf } from '../present';
import { askFirst } from './joining';

/** How somebody who could decide about an open change says that they join it all the same. */
export interface Joins {
  /** The same command with `join`. */
  readonly call: CommandCall;
  /** Said already. */
  readonly join: boolean;
}

/**
 * Where the card of what is started shows: where it was asked for. A program's goes to the channel where people decide.
 *
 * @throws Error when a program starts what has no such channel: no command for programs does.
 */
export function cardPlace({ conversation, person }: CommandContext, decidedIn?: string): CardPlace {
  const { id, threadId } = conversation;
  if (person.application === undefined) return { conversationId: id, ...(threadId && { threadId }) };
  if (decidedIn === undefined) throw new Error('a program started something without a channel for its card');
  return { channel: decidedIn };
}

/**
 * Starts the change, or joins an open one for the same thing; answers with its card at once. `joins`: for changes that
 * somebody decides about.
 */
export async function startChange(ctx: CommandContext, plan: ChangePlan, deps: Deps, joins?: Joins): Promise<Answer> {
  const { open, looksOn } = joins ? await openFor(plan, deps) : {};
  const first = joins && open && (await beforeJoining(ctx, { plan, open }, deps, joins));
  if (first) return first;
  const { run, joined } = await deps.runs.startOrJoin({
    kind: 'change',
    subject: changeSubject(plan),
    plan,
    person: ctx.person,
    intent: `${plan.verb}:${ctx.intent}`,
    card: cardPlace(ctx, plan.approval?.channel),
    ...(looksOn && { joins: looksOn.id }),
  });
  if (joined) return joinedAnswer(run, plan);
  return { ...presentChange(run, { now: ctx.now }), topic: `run:${run.id}` };
}

/**
 * What the wish would join: the change of the same subject that is under way, or one that only looks on for the very same
 * (`looksOn`). Another wish takes the place of that.
 */
async function openFor(
  plan: ChangePlan,
  { reads }: Pick<Deps, 'reads'>,
): Promise<{ readonly open?: ChangeRun; readonly looksOn?: ChangeRun }> {
  const subject = changeSubject(plan);
  const own = (await reads.openChanges({ subject })).filter(({ data }) => !data.ending);
  const open = own.find(({ stage }) => stage !== 'track');
  if (open) return { open };
  const looksOn = own.findLast((one) => isSame(one.plan, plan));
  return looksOn ? { open: looksOn, looksOn } : {};
}

/** Nobody becomes part of a change that is not what they asked for, nor gives up deciding about it unasked. */
async function beforeJoining(
  ctx: CommandContext,
  { plan, open }: { readonly plan: ChangePlan; readonly open: ChangeRun },
  deps: Deps,
  { call: again, join }: Joins,
): Promise<Answer | undefined> {
  if (!isSame(open.plan, plan)) return joinedAnswer(open, plan);
  if (join) return undefined;
  const question = `${plan.verb} ${plan.target} is asked for already: join ${open.id}?`;
  return askFirst(ctx, open, { question, yes: { title: 'Join', call: again }, no: 'Do not join' }, deps);
}

/** What the dry run counted meanwhile, and who uses the version now, is no other wish. */
function isSame(one: ChangePlan, other: ChangePlan): boolean {
  const wish = (plan: ChangePlan) => {
    if (isVersionPlan(plan)) {
      const { radius: _, ...asked } = plan;
      return changeHash(asked);
    }
    if (plan.verb === 'rollout') {
      const { singles: _, moreSingles: __, ...asked } = plan;
      return changeHash(asked);
    }
    if (plan.verb === 'assign') {
      const { reach: _, ...asked } = plan;
      return changeHash(asked);
    }
    return changeHash(plan.verb === 'restrict' ? { ...plan, dryRun: [] } : plan);
  };
  return wish(one) === wish(other);
}

function joinedAnswer(run: ChangeRun, plan: ChangePlan): Answer {
  const same = isSame(run.plan, plan);
  const asked = `${askerOf(run)} asked to ${run.plan.verb} ${run.plan.target} ${whatOf(run.plan)}`;
  const going = run.outcome || run.data.ending ? `${asked}; that is over.` : `${asked}, and that is still in progress.`;
  return noticeCard({
    message: same ? `You joined ${run.id}` : `${run.id} changes ${run.plan.target} already`,
    details: [
      going,
      same
        ? 'You now follow it, and as a participant you cannot decide on it.'
        : `What you asked for was not started: send it again when ${run.id} is over.`,
    ],
    buttons: [statusButton(run.id)],
  });
}

/** World time that people have to decide on a change. */
const ttlMs = days(3);

/**
 * Admins decide, where the catalogue asks for approvals.
 *
 * @throws UserError `CATALOGUE_INVALID` when no group has the role or nothing is approved anywhere.
 */
export function byAdmins(catalogue: Catalogue): ChangeApproval {
  const admins = catalogue.roles.find(({ role }) => role === 'admin');
  const channel = catalogue.images[0]?.approval.channel;
  if (!admins) {
    throw new UserError('CATALOGUE_INVALID', 'The catalogue does not say who approves this: no group is admin.', {
      hint: 'Add a group with the role admin to roles.yaml.',
    });
  }
  if (channel === undefined) {
    throw new UserError('CATALOGUE_INVALID', 'The catalogue does not say where this is approved: it has no image.', {
      hint: 'Add an image with an approval channel.',
    });
  }
  return { rule: ruleOf(admins.group, admins.name, {}), ttlMs, channel };
}

/** The team's owners decide, in the team's own channel. Undefined for a team that is not in the catalogue. */
export function byOwners(catalogue: Catalogue, team: string | null): ChangeApproval | undefined {
  const config = team === null ? undefined : catalogue.teams.get(team);
  if (!config) return undefined;
  const { owners, channel, digest } = config;
  // By the working hours of the zone in which the team has its digest.
  return { rule: ruleOf(owners.group, owners.name, digest ? { zone: digest.zone } : {}), ttlMs, channel };
}

function ruleOf(group: string, groupName: string, reminders: NonNullable<ApprovalRule['reminders']>): ApprovalRule {
  return { group, groupName, quorum: 1, reminders };
}
