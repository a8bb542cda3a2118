import { count, gapWords, list } from '../../cards';
import { scopeOf } from '../../core/access';
import { nameOfId, subscriptionId } from '../../core/azure-id';
import type { Catalogue } from '../../core/catalogue';
import { sumOf } from '../../core/collections';
import { call } from '../../core/command-call';
import {
  buildExclusions,
  dryRunDays,
  type Gap,
  goldenGalleries,
  groupsAbove,
  type MachineScope,
  type MachinesByTeam,
  machinesByTeam,
  partial,
  type RestrictionEffect,
  type RestrictionTarget,
  restrictionName,
  type Stopped,
  stoppedBy,
} from '../../core/compliance';
import { UserError } from '../../core/errors';
import { pastEndBounds, pastEndSentences, readPastEnd, togetherOf } from '../../core/lifecycle';
import { letObserve } from '../../core/observing';
import { days } from '../../core/time';
import { type Deps, nearestFew } from '../conversation';

/** What is to be restricted: as it was typed, in words, and where it is in Azure. */
export interface Restricted {
  readonly target: string;
  readonly words: string;
  readonly team: string | null;
  readonly targets: readonly RestrictionTarget[];
  /** Which machines are in it; everything when absent. */
  readonly scope?: MachineScope;
}

const guid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * A team, a subscription's id, or `all`.
 *
 * @throws UserError `UNKNOWN_TEAM` with the nearest name, `BAD_COMMAND` for a subscription that goldbot does not see.
 */
export async function restricted(typed: string, deps: Deps): Promise<Restricted> {
  const catalogue = deps.catalogue();
  const wanted = typed.trim().toLowerCase().replace(/^sub:/, '');
  if (catalogue.teams.has(wanted)) return ofTeam(wanted, catalogue, deps);
  if (wanted !== 'all' && !guid.test(wanted)) throw unknownScope(typed, catalogue);
  const seen = [...(await deps.read.managementGroups()).keys()].sort();
  if (wanted === 'all') {
    const targets = seen.map((id) => whole(subscriptionId(id), catalogue));
    return {
      target: 'all',
      words: `${seen.length === 1 ? 'the 1 subscription' : `all ${seen.length} subscriptions`} that goldbot sees`,
      team: null,
      targets,
    };
  }
  if (!seen.includes(wanted)) throw unseen(wanted);
  const targets = [whole(subscriptionId(wanted), catalogue)];
  return { target: wanted, words: `subscription ${wanted}`, team: null, targets, scope: { subscriptions: [wanted] } };
}

function whole(scope: string, catalogue: Catalogue): RestrictionTarget {
  return { scope, name: restrictionName, ...buildExclusions(scope, catalogue) };
}

async function ofTeam(team: string, catalogue: Catalogue, deps: Deps): Promise<Restricted> {
  const config = catalogue.teams.get(team);
  if (!config) throw new Error(`${team} left the catalogue while it was being read`);
  const above = await groupsAbove(deps.read, catalogue);
  const scope = scopeOf(config, above);
  const base = { target: team, team, scope };
  const at = config.scope;
  if ('tag' in at) {
    const subscriptions = await subscriptionsOf(team, catalogue, deps);
    if (subscriptions.length === 0) throw nowhere(team);
    const name = `${restrictionName}-${team}`;
    const targets = subscriptions.map((id) => ({ ...whole(subscriptionId(id), catalogue), name, tag: at.tag }));
    const where = subscriptions.length === 1 ? '1 subscription' : `${subscriptions.length} subscriptions`;
    return { ...base, targets, words: `machines tagged ${at.tag.name}=${at.tag.value} in ${where}` };
  }
  const [id, words] =
    'resourceGroup' in at
      ? [at.resourceGroup, `resource group ${nameOfId(at.resourceGroup)}`]
      : 'subscription' in at
        ? [subscriptionId(at.subscription), `subscription ${at.subscription}`]
        : [
            `/providers/Microsoft.Management/managementGroups/${at.managementGroup}`,
            `management group ${at.managementGroup}`,
          ];
  return { ...base, targets: [whole(id, catalogue)], words };
}

/** A tag is not an Azure scope: the subscriptions in which the team has machines now. */
async function subscriptionsOf(team: string, catalogue: Catalogue, deps: Deps): Promise<readonly string[]> {
  const { rows } = await machinesByTeam(deps.read, catalogue);
  const own = rows.filter((row) => row.team === team);
  return [...new Set(own.map(({ count: { subscription } }) => subscription))].sort();
}

function unknownScope(typed: string, { teams }: Catalogue): UserError {
  const [near] = nearestFew(typed.toLowerCase(), [...teams.keys(), 'all']);
  return new UserError('UNKNOWN_TEAM', `"${typed.slice(0, 60)}" is not a team, a subscription id, or "all".`, {
    hint: near ? `Did you mean ${near}? Nothing was done.` : 'Name a team, the id of a subscription, or all.',
    next: [call('restrict', { scope: near ?? 'all', effect: 'audit', plan: true })],
  });
}

function unseen(id: string): UserError {
  return new UserError('BAD_COMMAND', `goldbot sees no subscription ${id}. Nothing was done.`, {
    hint: `Check the id, or ${letObserve('there')}.`,
  });
}

function nowhere(team: string): UserError {
  return new UserError('BAD_COMMAND', `${team} has no machines now, so there is no subscription to restrict for it.`, {
    hint: 'Restrict the subscription that its machines will be in, by its id.',
  });
}

/** How many rows are read; the card says if there are more. */
const mostRows = 1_000;
const dayMs = days(1);

export interface DryRun {
  readonly stopped: readonly Stopped[];
  readonly deployments: number;
  /** Machines on foreign images that exist now, old ones too: Azure refuses changes to them. */
  readonly existing: number;
  readonly gaps: readonly Gap[];
  readonly asOf: Date;
}

/** Who would have been stopped in the last days, judging by the machines that still exist. */
export async function dryRun(meant: Restricted, now: Date, deps: Deps): Promise<DryRun> {
  const { scope } = meant;
  const catalogue = deps.catalogue();
  const foreign = { notGolden: { galleries: goldenGalleries(catalogue.azure) }, ...(scope && { scope }) };
  const createdSince = new Date(now.getTime() - dryRunDays * dayMs);
  const [recent, all] = await Promise.all([
    deps.read.machineList({ ...foreign, createdSince }, mostRows),
    machinesByTeam(deps.read, catalogue),
  ]);
  const stopped = stoppedBy(recent.rows, all.teamOf, catalogue.images);
  const cut: Gap = { figure: 'recent machines', reason: 'not read', first: recent.rows.length, total: recent.total };
  return {
    stopped,
    deployments: stopped.reduce((sum, { deployments }) => sum + deployments, 0),
    existing: sumOf(all.rows.filter(concerned(meant, catalogue)), ({ count: { machines } }) => machines),
    gaps: [
      ...(recent.total > recent.rows.length ? [cut] : []),
      ...partial('recent machines', recent),
      ...all.gaps,
      { figure: 'machines', reason: 'deleted since' },
    ],
    asOf: recent.asOf,
  };
}

/** Machines on other images within the scope; no policy looks at Arc machines or attached disks. */
function concerned({ team, scope }: Restricted, { azure }: Catalogue) {
  const golden = goldenGalleries(azure).map((id) => `${id}/images/`.toLowerCase());
  const subscriptions = scope && 'subscriptions' in scope ? scope.subscriptions : undefined;
  return ({ count: { type, source, subscription }, team: owner }: MachinesByTeam['rows'][number]): boolean =>
    type !== 'arc' &&
    source !== '' &&
    !golden.some((gallery) => source.startsWith(gallery)) &&
    (team === null ? (subscriptions?.includes(subscription) ?? true) : owner === team);
}

/** What becomes of versions past their end of life in what is to be restricted, for its plan: in all of its scopes together. */
export async function endedIn(
  { targets }: Restricted,
  effect: RestrictionEffect,
  now: Date,
  deps: Deps,
): Promise<readonly string[]> {
  const there = togetherOf(await readPastEnd(deps.read, deps.catalogue(), { targets, effect }, now));
  return [...pastEndSentences(there, effect), ...pastEndBounds];
}

/** For deciders, one sentence each. */
export function dryRunSentences({ stopped, deployments, existing, gaps }: DryRun): readonly string[] {
  const who = stopped.map(({ team, deployments: n }) => `${team ?? 'no team'} ${n}`);
  const recent =
    deployments === 0
      ? `Nobody would have been stopped in the last ${dryRunDays} days.`
      : `${count(deployments, 'deployment')} in the last ${dryRunDays} days would have been affected: ${list(who, 6)}.`;
  const [exist, them] = existing === 1 ? ['exists', 'it'] : ['exist', 'them'];
  const old = `${count(existing, 'machine')} on other images ${exist}: with deny, Azure refuses changes to ${them}, such as another size.`;
  return [recent, ...(existing === 0 ? [] : [old]), ...gaps.map(gapWords)];
}
