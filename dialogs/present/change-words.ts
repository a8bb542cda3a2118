import { count, day, due, list } from '../../cards';
import { nameOfId } from '../../core/azure-id';
import { shareeWords } from '../../core/image-access';
import { copiesWord } from '../../core/lifecycle';
import {
  type ChangePlan,
  type ChangeRun,
  type EndingPlan,
  isAccessPlan,
  isVersionPlan,
  type RolloutPlan,
  type SharePlan,
  type VersionPlan,
} from '../../core/runs';

/** A clause that follows the verb. */
export function whatOf(plan: ChangePlan): string {
  if (isVersionPlan(plan)) return whatOfVersions(plan);
  switch (plan.verb) {
    case 'classify':
      return `as ${plan.model}`;
    case 'exempt':
      return `from ${plan.policy} until ${day(plan.until)}`;
    case 'remediate':
      return `by ${plan.policy}`;
    case 'assign':
      return `to ${nameOfId(plan.scope)}, for the VMs that lack it`;
    case 'rescan':
      return `in ${plan.scopes.length === 1 ? '1 scope' : `${plan.scopes.length} scopes`}`;
    case 'restrict':
      return plan.effect === 'off'
        ? 'no longer'
        : `to golden images${plan.pastEnd ? ' before their end of life' : ''} (${plan.effect})`;
    case 'leftovers':
      return plan.things.length === 1 ? '1 thing' : `${plan.things.length} things`;
    case 'try':
      return 'what no document settles, on a copy of a version';
    case 'tattoo':
      return 'afresh';
    case 'rollout':
      return `to ${rolledTo(plan)}`;
    case 'defer':
      return `until ${due(plan.until)}`;
    case 'grant':
      return `for ${plan.group.name}${plan.until === undefined ? '' : ` until ${day(plan.until)}`}`;
    case 'ungrant':
      return `from ${plan.group.name}`;
    case 'share':
    case 'unshare':
      return withWhom(plan);
  }
}

function whatOfVersions(plan: VersionPlan): string {
  switch (plan.verb) {
    case 'eol':
      return plan.until ? `on ${day(plan.until)}` : 'none';
    case 'age':
      return `replaced by ${plan.replacedBy}`;
    case 'revoke':
      return 'out of latest in every region';
    case 'retire':
      return plan.keeps ? 'out of latest, then deleted; kept for a week' : 'out of latest, then deleted for good';
    case 'restore':
      return 'to be offered again';
    case 'promote':
      return `to be latest in ${plan.regions?.join(', ') ?? 'every region that it is in'}`;
    case 'replicate':
      return copiesWords(plan);
    case 'copy':
      return secondWords(plan);
    case 'channel':
      return `to be the ${plan.channel} version`;
    case 'rollback':
      return `with ${plan.versions.join(', ')} out of latest in every region${plan.forward === undefined ? '' : `; it comes back as ${plan.forward}, a copy`}`;
  }
}

/** What an end takes back: `the right of payments-owners to view ubuntu-22`, `the gallery gold, shared with tenant …`. */
export function givenWords(plan: EndingPlan): string {
  if (isAccessPlan(plan)) return `the right of ${plan.group.name} to ${plan.right} ${plan.image}`;
  const { to, target } = plan;
  return to.kind === 'everybody' ? target : `${target}, shared with ${shareeWords(to)}`;
}

/** `into gold_dr: 3 copies in East US, 2 copies in West Europe; out of latest, as the version itself`. */
function secondWords({ gallery, second }: VersionPlan): string {
  const { regions = [], hidden, hiddenIn = [] } = second ?? {};
  const where = regions.map(({ name, replicas }) => `${copiesWord(replicas)} in ${name}`).join(', ');
  const out = hidden
    ? '; out of latest, as the version itself'
    : hiddenIn.length > 0
      ? `; out of latest in ${hiddenIn.join(', ')}`
      : '';
  return `into ${gallery.gallery}: ${where}${out}`;
}

/** `3 copies in East US; none in UK South`. */
function copiesWords({ copies }: VersionPlan): string {
  const { set = [], again = [], remove = [] } = copies ?? {};
  return [
    ...set.map(({ name, replicas }) => `${copiesWord(replicas)} in ${name}`),
    ...again.map(({ name }) => `once more in ${name}`),
    ...(remove.length === 0 ? [] : [`none in ${remove.join(', ')}`]),
  ].join('; ');
}

function withWhom({ to, until }: SharePlan): string {
  if (to.kind === 'everybody') return `with everybody (${to.losing.length}), for good`;
  return `with ${shareeWords(to)}${until === undefined ? '' : ` until ${day(until)}`}`;
}

const setNames = ({ sets }: RolloutPlan): string =>
  list(
    sets.map(({ name }) => name),
    4,
  );

const rolledTo = (plan: RolloutPlan): string =>
  [
    ...(plan.sets.length > 0 ? [setNames(plan)] : []),
    ...(plan.singles?.length ? [`${count(plan.singles.length, 'machine')} that stand alone, by their owners`] : []),
  ].join(', and ');

export const windowWords = ({ from, until }: { readonly from: string; readonly until: string }): string =>
  `from ${due(from)}; nothing is begun after ${due(until)}`;

export const namesOf = (ids: readonly string[]): string => list(ids.map(nameOfId), 4);

/** Nobody reads an id of Azure: a subscription, whose name goldbot does not read, is told apart by its beginning. */
export function scopeWords(scope: string): string {
  const name = nameOfId(scope);
  if (/^\/subscriptions\/[^/]+$/i.test(scope)) return `subscription ${name.slice(0, 8)}…`;
  return /^\/providers\/microsoft\.management\//i.test(scope) ? `management group ${name}` : `resource group ${name}`;
}

/** What was done, as a sentence without its full stop. */
export function doneWords(plan: ChangePlan): string {
  const { target } = plan;
  if (plan.verb === 'rollback') return `${plan.image} was rolled back to ${plan.to}`;
  if (plan.verb === 'copy') return `${target} was copied ${secondWords(plan)}`;
  if (plan.verb === 'replicate') return `${target} has other copies: ${copiesWords(plan)}`;
  return `${target} was ${plan.verb === 'retire' ? 'retired' : 'revoked'}`;
}

export function askedFor(plan: ChangePlan): string {
  const why = plan.reason === undefined ? '' : `, because “${plan.reason}”`;
  return `${plan.verb} ${plan.target} ${whatOf(plan)}${why}`;
}

/** What broken glass adds to who agreed. */
export const although = ({ plan }: ChangeRun): string => {
  const broken = isVersionPlan(plan) && plan.breakGlass ? (plan.radius?.breaks ?? []) : [];
  return broken.length === 0 ? '' : `, although ${broken.length} would break: ${namesOf(broken)}`;
};
