import type { AzureRead } from '../../core/azure';
import type { Catalogue } from '../../core/catalogue';
import type { RestrictionEffect } from '../../core/compliance';
import { type PastEnd, type RefusedThere, readPastEnd, togetherOf } from '../../core/lifecycle';
import type { RestrictPlan, VersionPlan } from '../../core/runs';
import { type Database, restrictionsMade } from '../../store';
import { isInForce, standsAsDecided } from './restrict';

/** A run that goldbot would begin by itself. */
export interface Proposal {
  readonly plan: VersionPlan | RestrictPlan;
  /** At most one run ever has it. */
  readonly dedupe: string;
  /** Where it is told, when nobody is asked. */
  readonly channel?: string | undefined;
}

interface Deps {
  readonly database: Database;
  readonly catalogue: () => Catalogue;
  readonly read: AzureRead;
}

/**
 * Where people decided that a restriction follows the ends of life: what is refused there now, and the run that brings Azure
 * to it where it is not so. Nobody is asked once more: about each version it was decided that its life is over, and about
 * the scope that this counts (docs/adr/0029).
 *
 * @throws UserError `AZ_…`
 */
export async function followEnds(
  { database, read, catalogue }: Deps,
  now: Date,
): Promise<{ readonly proposals: readonly Proposal[]; readonly refused: readonly RefusedThere[] }> {
  const proposals: Proposal[] = [];
  const refused: RefusedThere[] = [];
  for (const { plan, effect, decided } of await rulesMade(database)) {
    const { targets } = plan;
    const pastEnd = await readPastEnd(read, catalogue(), { targets, effect }, now);
    const there = await Promise.all(
      targets.map(async (target, n) => ({ target, ended: pastEnd[n], state: await read.restriction(target) })),
    );
    const standing = there.filter((one) => standsAsDecided(plan, effect, one));
    const channel = plan.approval?.channel ?? plan.byItself?.channel;
    if (standing.some((one) => !isInForce(plan, effect, one))) {
      const dedupe = `past-end:${plan.target}:${now.toISOString().slice(0, 10)}`;
      proposals.push({ plan: againOf(plan, decided, channel), dedupe, channel });
    }
    const names = namesOf(togetherOf(standing.flatMap((one) => one.ended ?? [])));
    refused.push({ target: plan.target, team: plan.team, effect, decided, ...names });
  }
  return { proposals, refused };
}

interface Rule {
  readonly plan: RestrictPlan;
  readonly effect: RestrictionEffect;
  /** The request by which people decided so. */
  readonly decided: string;
}

async function rulesMade(database: Database): Promise<readonly Rule[]> {
  return (await restrictionsMade(database)).flatMap(({ id, plan }): readonly Rule[] => {
    if (!('verb' in plan) || plan.verb !== 'restrict' || !plan.pastEnd || plan.effect === 'off') return [];
    return [{ plan, effect: plan.effect, decided: plan.byItself?.decided ?? id }];
  });
}

/** The same once more, by goldbot itself: the reason and the dry run were those of the day on which it was asked for. */
function againOf(plan: RestrictPlan, decided: string, channel: string | undefined): RestrictPlan {
  const { approval: _, reason: __, ...rest } = plan;
  return { ...rest, dryRun: [], byItself: { decided, ...(channel !== undefined && { channel }) } };
}

function namesOf({ refused, spared }: PastEnd): Pick<RefusedThere, 'refused' | 'spared'> {
  return {
    refused: refused.map(({ image, version }) => ({ image, version })),
    spared: spared.map(({ ended: { image, version }, why }) => ({ image, version, why })),
  };
}
