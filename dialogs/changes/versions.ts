import { z } from 'zod';
import { versionPlanCard } from '../../cards';
import type { GalleryVersion } from '../../core/azure';
import type { Catalogue, ImageConfig } from '../../core/catalogue';
import { type CommandCall, call, exampleCall, type Values } from '../../core/command-call';
import { UserError } from '../../core/errors';
import { type BlastRadius, blastRadius, readUsers, seenOf } from '../../core/lifecycle';
import type { ChangeApproval, VersionPlan, VersionVerb } from '../../core/runs';
import { addDuration } from '../../core/time';
import { type Answer, type CommandContext, count, type Deps, type splitRef, word } from '../conversation';
import { imageOf, needVersion, versionsOf } from '../present';
import { joinFlag } from './joining';
import { startChange } from './start';

/**
 * What the commands about a version's later life share: first the plan, which shows who uses it and what would become of
 * them, then, with the word of exactly that plan, the run that asks for approval.
 */

/** Options that the plan card fills in. */
export const planArgs = {
  agreed: word('The word of the plan that you agree to', 'word', {
    ...{ form: false, machinery: true },
    example: '3f9c1ab2',
  }).optional(),
  machines: count('How many machines run it, where the plan asks you to type it', 10_000_000, {
    example: '1240',
    form: false,
  }).optional(),
  join: joinFlag,
};

const agreement = z.object(planArgs);

export interface VersionAsked extends z.output<typeof agreement> {
  readonly verb: VersionVerb;
  readonly ref: ReturnType<typeof splitRef>;
  readonly reason?: string | undefined;
  /** Why it cannot be done to this version, a sentence; undefined when it can. */
  readonly problem: (version: GalleryVersion) => string | undefined;
}

/** Shows the plan, or starts it once somebody agrees to it as it is. */
export async function changeVersion(ctx: CommandContext, asked: VersionAsked, deps: Deps): Promise<Answer> {
  const { verb, ref, reason } = asked;
  const catalogue = deps.catalogue();
  const { image, ref: gallery } = imageOf(catalogue, ref.image);
  const all = await versionsOf(image, deps);
  const version = needVersion(all, mustName(asked), image);
  const problem = asked.problem(version);
  if (problem !== undefined) throw cannot(image, problem);
  const users = await readUsers(deps.read, catalogue, image);
  const radius = blastRadius({ act: verb, versions: [version.version], all, users, now: ctx.now });
  const plan: VersionPlan = {
    ...{ verb, image: image.name, gallery, versions: [version.version], radius: seenOf(radius) },
    ...{ target: `${image.name} ${version.version}`, team: null, approval: byApprovers(image, ctx.now) },
    ...(reason !== undefined && { reason }),
  };
  const refused = refusalOf(asked, { plan, radius }, catalogue);
  const values = { ref: `${image.name}@${version.version}`, ...(reason !== undefined && { reason }) };
  if (asked.agreed === undefined || refused !== undefined) {
    return planCard(plan, { radius, refused, asOf: users.asOf, agree: agreeing(plan, radius, values), catalogue });
  }
  const joins = call(verb, { ...values, agreed: plan.radius.digest, ...typed(asked), join: true });
  return startChange(ctx, plan, deps, { join: asked.join, call: joins });
}

const typed = ({ machines }: VersionAsked): Values => (machines === undefined ? {} : { machines });

/** A version is named by its number: what is latest now may be another one in a minute. */
function mustName({ verb, ref }: VersionAsked): string {
  if (ref.version !== undefined) return ref.version;
  throw new UserError('BAD_COMMAND', `“${verb}” is about one version of ${ref.image}; none was named.`, {
    hint: 'Name it.',
    next: [exampleCall(verb, { ref: `${ref.image}@1.4.1` }, 'reason'), call('versions', { image: ref.image })],
  });
}

function cannot({ name }: ImageConfig, message: string): UserError {
  return new UserError('BAD_COMMAND', message, { hint: 'See how it is.', next: [call('versions', { image: name })] });
}

interface Planned {
  readonly plan: VersionPlan;
  readonly radius: BlastRadius;
}

/** Why the agreement does not count; undefined when it does, or when there was none. */
function refusalOf(asked: VersionAsked, { plan, radius }: Planned, catalogue: Catalogue): string | undefined {
  if (asked.agreed === undefined) return undefined;
  if (radius.breaks.length > 0) return 'Something would break.';
  if (asked.agreed.toLowerCase() !== plan.radius.digest) return 'Things have changed since that plan: look at it anew.';
  const wanted = toType(plan, catalogue);
  if (wanted === undefined || asked.machines === wanted) return undefined;
  return asked.machines === undefined
    ? 'The number of machines was not typed.'
    : `${asked.machines} was typed, and ${wanted} machines run it.`;
}

/** Above the catalogue's threshold a person types how many machines it is about: nobody does that by accident. */
function toType({ radius: { machines } }: VersionPlan, { azure }: Catalogue): number | undefined {
  return machines > azure.lifecycle.typeMachinesAbove ? machines : undefined;
}

function agreeing(plan: VersionPlan, { breaks }: BlastRadius, values: Values): CommandCall | undefined {
  return breaks.length > 0 ? undefined : call(plan.verb, { ...values, agreed: plan.radius.digest });
}

interface Shown {
  readonly radius: BlastRadius;
  readonly refused: string | undefined;
  readonly agree: CommandCall | undefined;
  readonly asOf: Date;
  readonly catalogue: Catalogue;
}

function planCard(plan: VersionPlan, { radius, refused, agree, asOf, catalogue }: Shown): Answer {
  const { verb, image, versions, reason, approval } = plan;
  const wanted = toType(plan, catalogue);
  const { rule, channel } = approval ?? {};
  return versionPlanCard({
    ...{ verb, image, versions, radius, asOf },
    ...(reason !== undefined && { reason }),
    ...(refused !== undefined && { refused }),
    ...(agree && { agree }),
    ...(wanted !== undefined && { toType: wanted }),
    decides: { group: rule?.groupName ?? '', channel: channel ?? '', quorum: rule?.quorum ?? 1 },
  });
}

/** Who decided about its birth decides about the rest of its life, where they were asked then. */
export function byApprovers({ approval }: ImageConfig, now: Date): ChangeApproval {
  const { group, groupName, quorum, channel, expires } = approval;
  const ttlMs = (addDuration(expires, now)?.getTime() ?? now.getTime()) - now.getTime();
  return { rule: { group, groupName, quorum }, ttlMs, channel };
}
