import { type ChangeView, count, day, due, list, type Mark, stateWords } from '../../cards';
import { nameOfId } from '../../core/azure-id';
import { baselineRole, baselines } from '../../core/compliance';
import { shareeWords } from '../../core/image-access';
import { reimagedWords, type SetProgress } from '../../core/lifecycle';
import {
  type AccessPlan,
  type AssignPlan,
  type ChangeRun,
  isAccessPlan,
  isSharePlan,
  isVersionPlan,
  type RestrictPlan,
  type RolloutPlan,
  type SharePlan,
  type VersionPlan,
} from '../../core/runs';
import { namesOf, scopeWords, windowWords } from './change-words';
import { singlesFacts } from './singles';
import { tryFacts } from './trials';

export function factsOf({ plan, data }: ChangeRun): ChangeView['facts'] {
  return [
    ...(plan.team === null ? [] : [{ title: 'Team', value: plan.team }]),
    ...(plan.verb === 'restrict' ? restrictFacts(plan) : []),
    ...(plan.verb === 'assign' ? assignFacts(plan) : []),
    ...(plan.verb === 'remediate' ? laterFacts(plan) : []),
    ...(isVersionPlan(plan) ? versionFacts(plan, data) : []),
    ...(isAccessPlan(plan) ? accessFacts(plan) : []),
    ...(isSharePlan(plan) ? shareFacts(plan) : []),
    ...(plan.verb === 'leftovers' ? [{ title: 'Things', value: plan.things.map(({ name }) => name).join(', ') }] : []),
    ...(plan.verb === 'try' ? tryFacts(plan) : []),
    ...(plan.verb === 'rollout' && plan.window ? [{ title: 'When', value: windowWords(plan.window) }] : []),
    ...(plan.verb === 'rollout' ? singlesFacts(plan, data.tracked) : []),
    ...(data.before === undefined ? [] : [{ title: 'Before', value: beforeWords(data.before) }]),
  ];
}

/** A policy state in words; anything else is words already. */
const beforeWords = (before: string): string => stateWords[before as keyof typeof stateWords] ?? before;

function versionFacts(plan: VersionPlan, data: ChangeRun['data']): ChangeView['facts'] {
  const { radius } = plan;
  return [
    ...(radius ? [{ title: 'Machines', value: `${radius.machines} run it` }] : []),
    ...laterFacts(plan),
    ...glassFacts(plan, data),
  ];
}

/** Nobody reviews what was refused or never begun: nothing broke. */
function glassFacts({ breakGlass, radius }: VersionPlan, { ending, begunAt, review }: ChangeRun['data']) {
  if (!breakGlass || !radius) return [];
  const broken = radius.breaks.length;
  const glass = (value: string) => ({ title: 'Break glass', value });
  if (!ending) return [{ title: 'Review', value: 'by somebody who took no part, a day after it is done' }];
  if (begunAt === undefined) return [glass(`${broken} would have broken`)];
  const value = review?.by
    ? `${review.by.name}: “${review.said ?? ''}”`
    : 'open: somebody who took no part says what is to be learnt';
  return [
    glass(
      `${broken} would break, and it was ${ending.how === 'done' ? 'done' : 'begun'} all the same: ${namesOf(radius.breaks)}`,
    ),
    { title: 'Review', value },
  ];
}

const laterFacts = ({ at }: { readonly at?: string }): ChangeView['facts'] =>
  at === undefined ? [] : [{ title: 'When', value: `${due(at)}, not before` }];

export function breaksOf({ plan, data }: ChangeRun): Pick<ChangeView, 'breaks'> {
  if (!isVersionPlan(plan) || !plan.breakGlass || !plan.radius || data.ending) return {};
  const { breaks } = plan.radius;
  return { breaks: `${breaks.length} would break: ${namesOf(breaks)}.` };
}

const partMarks: Readonly<Record<SetProgress['state'], Mark>> = {
  now: 'now',
  done: 'done',
  left: 'skipped',
  failed: 'failed',
};

/** Each scale set in the order in which it is taken. */
export function partsOf(
  { sets, version }: RolloutPlan,
  { data, outcome }: Pick<ChangeRun, 'data' | 'outcome'>,
): NonNullable<ChangeView['parts']> {
  return sets.map(({ id, name, reimages }) => {
    const progress = data.rollout?.[id];
    if (!progress && outcome) return { name, said: 'not begun', mark: 'skipped' };
    if (!progress)
      return { name, said: reimages ? 'to come; what keeps its disk is reimaged' : 'to come', mark: 'todo' };
    const { on, of, note, state } = progress;
    const said = [`${on} of ${of} on ${version}`, reimagedWords(progress), note]
      .filter((part) => part !== undefined)
      .join('; ');
    return { name, said, mark: state === 'now' && outcome ? 'stopped' : partMarks[state] };
  });
}

function accessFacts({ role, image, verb, until }: AccessPlan): ChangeView['facts'] {
  return [
    { title: 'Role', value: `${role.name} on the image ${image}` },
    ...(verb === 'grant' ? [endFact(until)] : []),
  ];
}

function shareFacts({ verb, until, to }: SharePlan): ChangeView['facts'] {
  return [
    ...(to.kind === 'everybody' ? [{ title: 'Lose it', value: to.losing.map(shareeWords).join(', ') }] : []),
    ...(verb === 'share' ? [endFact(until)] : []),
  ];
}

const endFact = (until: string | undefined) => ({
  title: 'Ends',
  value: until === undefined ? 'never by itself' : `${day(until)}, ${until.slice(11, 16)} UTC`,
});

/** Which machines it is about, by what, and as whom Azure acts then. */
function assignFacts({ baseline, location, reach }: AssignPlan): ChangeView['facts'] {
  const { title } = baselines[baseline];
  return [
    { title: 'Policy of Azure', value: title },
    { title: 'Identity', value: `system-assigned, in ${location}; it needs ${baselineRole.name}` },
    ...(reach ? [{ title: 'Machines', value: reachWords(reach) }] : []),
  ];
}

function reachWords({ machines, lacking, pets }: NonNullable<AssignPlan['reach']>): string {
  const names = lacking.length === 0 ? '' : `: ${list([...lacking], 4)}`;
  const tame = pets.length === 0 ? '' : `; ${count(pets.length, 'pet')} among them`;
  return `${lacking.length} of ${count(machines, 'VM')} lack it${names}${tame}`;
}

function restrictFacts({ targets, galleries, byItself }: RestrictPlan): ChangeView['facts'] {
  const names = (ids: readonly string[]) => ids.map(nameOfId).join(', ');
  const left = targets.flatMap(({ notScopes, buildGroups }) => [...notScopes, ...buildGroups.map((g) => `${g}…`)]);
  return [
    {
      title: targets.length === 1 ? 'Scope' : 'Scopes',
      value: targets.map(({ scope }) => scopeWords(scope)).join(', '),
    },
    { title: 'Allowed', value: names(galleries) },
    ...(left.length === 0 ? [] : [{ title: 'Left out', value: names(left) }]),
    ...(byItself ? [{ title: 'Decided in', value: byItself.decided }] : []),
  ];
}
