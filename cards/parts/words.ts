import { nameOfId, parseAzureId } from '../../core/azure-id';
import { type CommandCall, line } from '../../core/command-call';
import {
  type AgentFigure,
  type AgentPart,
  type Clue,
  type ComplianceFigures,
  type Delta,
  type Figure,
  type Lineage,
  type MachinePolicy,
  type MachineType,
  type PolicyState,
  policyName,
  type RetiringMachines,
  type ServiceModel,
  sharesName,
} from '../../core/compliance';
import type { Retirement } from '../../core/images';
import { days } from '../../core/time';
import type { Link } from './buttons';
import { clip, clock, count, day, dotted, duration, type Instant, moment, number, oneLine } from './format';

/**
 * Stands on every card of a write: as whom Azure sees it. goldbot never acts with a person's own rights, so that Azure's
 * activity log names its identity alone.
 */
export const asWhom = 'in Azure as goldbot’s own identity';

/** Words for what core counts, the same on every card. */
export const lineageWords: Readonly<Record<Lineage, string>> = {
  latest: 'on latest',
  behind: '1 behind',
  farBehind: '2+ behind',
  pastEnd: 'past end of life',
  otherGallery: 'another gallery',
  marketplace: 'marketplace',
  unknown: 'origin unknown',
};

/** For a team that follows a channel nothing newer than the channel's version counts. */
export function lineageText(lineage: Lineage, follows: string | undefined): string {
  return lineage === 'latest' && follows !== undefined ? `not behind ${follows}` : lineageWords[lineage];
}

/** `stable of ubuntu-22; Azure’s latest of the rest`; undefined where Azure's latest is what counts. */
export function followsWords({ follows = [] }: Pick<ComplianceFigures, 'follows'>): string | undefined {
  if (follows.length === 0) return undefined;
  const named = follows.slice(0, 4).map(({ image, channel }) => `${channel} of ${image}`);
  const more = follows.length > 4 ? ` and ${follows.length - 4} more` : '';
  return `${named.join(', ')}${more}; Azure’s latest of the rest`;
}

export const stateWords: Readonly<Record<PolicyState, string>> = {
  Compliant: 'compliant',
  NonCompliant: 'non-compliant',
  Exempt: 'exempt',
  Conflict: 'conflict',
  Unknown: 'unknown',
  Error: 'error',
};

export function modelWord(model: ServiceModel | 'undecided'): string {
  return model === 'undecided' ? 'pet or cattle: undecided' : model;
}

/** `50 VMs, 6 scale set instances, 2 Arc machines`. */
export function typeWords(types: Readonly<Record<MachineType, number>>): string {
  const parts = [
    types.vm === 0 ? '' : count(types.vm, 'VM'),
    types.instance === 0 ? '' : count(types.instance, 'scale set instance'),
    types.arc === 0 ? '' : count(types.arc, 'Arc machine'),
  ];
  return parts.filter((part) => part !== '').join(', ');
}

/** A team's name in a table row. */
export function teamName(team: string | null): string {
  return team ?? 'no team';
}

/** `of 3 teams`, `of 3 teams and without a team`: what no team has is no team's. */
export function ofTeams(rows: readonly { readonly team: string | null }[]): string {
  const named = rows.filter(({ team }) => team !== null).length;
  if (named === 0) return 'without a team';
  return `of ${count(named, 'team')}${named < rows.length ? ' and without a team' : ''}`;
}

/** `1.2.0` of `gold2` for a definition's id, `canonical:…` as it is. */
export function sourceName(source: string): string {
  const found = /\/galleries\/([^/]+)\/images\/([^/]+)/i.exec(source);
  if (found !== null) return oneLine(`${found[2]} of gallery ${found[1]}`, 80);
  return source === '' ? 'origin unknown' : oneLine(nameOfId(source), 80);
}

/** `will be deprecated on 13 Dec 2026`, `deprecated since 1 Oct 2026`, `no longer in the marketplace`. */
export function fateWords({ state, retiresAt }: Pick<Retirement, 'state' | 'retiresAt'>, versions = 1): string {
  const on = retiresAt && day(retiresAt);
  switch (state) {
    case 'scheduled':
      if (on === undefined) return 'will be deprecated, on a day that its publisher has not named';
      return versions === 1 ? `will be deprecated on ${on}` : `will be deprecated from ${on} on`;
    case 'deprecated':
      if (on === undefined) return 'deprecated already';
      return versions === 1 ? `deprecated since ${on}` : `deprecated, the first since ${on}`;
    case 'gone':
      return 'no longer in the marketplace';
  }
}

type Instead = Pick<Retirement, 'alternative' | 'newer'>;

/** What its publisher offers in place of an image that it retires. */
export function insteadWords({ alternative, newer }: Instead): string {
  if (alternative !== undefined) return `its publisher names the ${alternative} instead`;
  return newer === undefined ? 'its publisher names no other' : `its version ${newer} stays`;
}

/** Where machines of such an image can go: `move to 22.04.202611260, which stays, or to the golden image ubuntu-22`. */
export function moveWords({ alternative, newer, golden }: Instead & { readonly golden?: string }): string {
  const named = alternative !== undefined && `the ${alternative}, which its publisher names instead`;
  const to = named || (newer !== undefined && `${newer}, which stays`);
  if (to) return `move to ${to}${golden === undefined ? '' : `, or to the golden image ${golden}`}`;
  return golden === undefined
    ? 'its publisher names no other, and no golden image is known to fit'
    : `move to the golden image ${golden}: its publisher names no other`;
}

/** The image where its publisher retires all of it, else how many of its versions. */
export function retiredImageWords({ source, versions, newer }: RetiringMachines): string {
  return newer === undefined ? source : `${count(versions, 'version')} of ${source}`;
}

/** What it means; the machines that run are not touched. */
export const deprecationNote =
  'What runs on a deprecated image goes on running, but nothing new can be deployed from it, and scale sets pinned to it cannot grow.';

/** Azure Policy looks at everything once a day, machines report from inside more often: anything older is stale. */
const staleMs = days(1);

/** `07:12 UTC` for today, with the day for an earlier one; past a day, how stale it is. */
export function asOf(then: Instant, now: Instant): string {
  const ms = new Date(now).getTime() - new Date(then).getTime();
  if (ms > staleMs) return `${moment(then)} (stale: ${duration(ms)} old)`;
  const sameDay = new Date(then).toISOString().slice(0, 10) === new Date(now).toISOString().slice(0, 10);
  return sameDay ? clock(then) : moment(then);
}

/** The two clocks of every card about machines. */
export function clocks(control: Instant | undefined, guest: Instant | undefined, now: Instant): string {
  return dotted(
    control === undefined ? 'control plane: never evaluated' : `control plane as of ${asOf(control, now)}`,
    guest === undefined ? 'in the guest: no report' : `in the guest as of ${asOf(guest, now)}`,
  );
}

/** The same for a team: an absent figure means that Azure did not answer, not that nothing was evaluated. */
export function teamClocks({ policy, guest }: ComplianceFigures, now: Instant): string {
  const [control, inside] = clocks(policy?.newest, guest?.newest, now).split(' · ');
  return dotted(
    policy === undefined ? 'control plane: no answer' : control,
    guest === undefined ? 'in the guest: no answer' : inside,
  );
}

/** Where an assignment is: `subscription 5b1f0c2e…`, `resource group rg-web`, `management group landing-zones`. */
export function scopeWords(assignment: string): string {
  const scope = parseAzureId(parseAzureId(assignment)?.scope ?? '');
  if (scope?.isA('Microsoft.Management/managementGroups')) return `management group ${scope.name}`;
  if (scope?.isA('Microsoft.Resources/subscriptions')) return `subscription ${scope.name}`;
  return scope?.isA('Microsoft.Resources/resourceGroups')
    ? `resource group ${scope.name}`
    : nameOfId(scope?.text ?? '');
}

/** What a policy is called on a card: its scope too, where another assignment of that name looks at the machine. */
export function policyWords(policy: MachinePolicy, among: readonly MachinePolicy[]): string {
  return dotted(policyName(policy), sharesName(policy, among) && scopeWords(policy.assignment));
}

/** `2 versions behind for 33 days`; how long only where it is known. */
export function behindWords(versions: number, daysBehind: number | undefined): string {
  const long = daysBehind === 0 ? 'less than a day' : count(daysBehind ?? 0, 'day');
  return `${count(versions, 'version')} behind${daysBehind === undefined ? '' : ` for ${long}`}`;
}

/** `and 4,988 more`, with the command that lists them. */
export function moreLine(total: number, shown: number, command?: CommandCall): string {
  if (total <= shown) return '';
  return `and ${number(total - shown)} more${command === undefined ? '' : `: ${line(command)}`}`;
}

/** Why a machine is taken for a pet or cattle, as a sentence. */
export function clueWords(clue: Clue): string {
  switch (clue.clue) {
    case 'tag':
      return `Its owner says so: the tag service-model is ${clue.model}.`;
    case 'odd tag':
      return `Its tag service-model says "${clue.value}", which is neither pet nor cattle.`;
    case 'scale set':
      return `It belongs to ${clue.name === undefined ? 'a scale set' : `the scale set ${clue.name}`}.`;
    case 'series': {
      const when = clue.withinDays === undefined ? '' : `, made within ${count(clue.withinDays, 'day')}`;
      return `It is one of ${clue.alike} machines of the same image and version named ${clue.stem}N${when}.`;
    }
    case 'availability set':
      return `It shares the availability set ${clue.name}.`;
    case 'data disks':
      return `It has ${count(clue.disks, 'data disk')} of its own.`;
    case 'age':
      return `It has been there for ${count(clue.days, 'day')}.`;
    case 'upgraded in place':
      return 'It was upgraded in place instead of being replaced.';
    case 'outside Azure':
      return 'It runs outside Azure: no image in the gallery can replace it.';
    case 'only one of its name':
      return 'No other machine in its resource group has a similar name.';
    case 'overdue':
      return 'Its version should have been replaced long ago.';
    case 'nothing known':
      return 'There is no evidence either way.';
  }
}

/** What each figure counts: the noun in the singular, and what goes after it. */
const counted: Readonly<Record<Figure, readonly [noun: string, rest: string]>> = {
  machines: ['machine', ''],
  onLatest: ['machine', ' on the latest version'],
  behind: ['machine', ' behind the latest version'],
  pastEnd: ['machine', ' on a version past its end of life'],
  notGolden: ['machine', ' on no golden image'],
  nonCompliant: ['machine', ' non-compliant with policies'],
  notEvaluated: ['machine', ' not evaluated by any policy'],
  guestNonCompliant: ['machine', ' non-compliant in the guest'],
  behindModel: ['instance', " behind the scale set's own model"],
  undecided: ['machine', ' neither pet nor cattle yet'],
};

/** `8 more machines on the latest version: 50 instead of 42`. */
export function deltaWords({ figure, before, after }: Delta): string {
  const [noun, rest] = counted[figure];
  const difference = Math.abs(after - before);
  const direction = after > before ? 'more' : 'fewer';
  const what = `${number(difference)} ${direction} ${noun}${difference === 1 ? '' : 's'}${rest}`;
  return `${what}: ${number(after)} instead of ${number(before)}`;
}

/** What it means when a figure drops to zero; undefined where that is no win. */
export const overcome: Readonly<Partial<Record<Figure, string>>> = {
  behind: 'No machine is behind the latest version any more',
  pastEnd: 'No machine runs a version past its end of life any more',
  notGolden: 'Every machine runs a golden image',
  nonCompliant: 'No machine is non-compliant any more',
  notEvaluated: 'Every machine has been evaluated',
  guestNonCompliant: 'Every machine that reports is compliant in the guest',
  behindModel: 'Every scale set instance has the model of its scale set',
  undecided: 'Every machine is classified as pet or cattle',
};

/** What a machine lacks, as in "… has no". */
export const partWords: Readonly<Record<AgentPart, string>> = {
  'vm agent': 'a VM agent',
  'guest configuration': 'the guest configuration extension',
  'monitor agent': 'an Azure Monitor agent',
  'collection rule': 'a data collection rule',
};

/** `3 machines lack an Azure Monitor agent: vm-a, vm-b and 1 more`. */
export function lackWords({ part, machines, first }: AgentFigure, names = 3): string {
  const shown = first.slice(0, names).map((name) => clip(name, 40));
  const more = machines > shown.length ? ` and ${number(machines - shown.length)} more` : '';
  return `${count(machines, 'machine')} ${machines === 1 ? 'lacks' : 'lack'} ${partWords[part]}: ${shown.join(', ')}${more}`;
}

/** Where Azure shows the same, and what to choose there. */
export interface Dashboard {
  readonly url: string;
  /** The team's scope in the catalogue; absent where that is a tag, by which Azure Policy cannot narrow. */
  readonly scope?: string;
}

/** The address opens the dashboard as whoever follows it left it: which scope to choose is said beside it. */
export function dashboardLinks(dashboard: Dashboard | undefined): readonly Link[] {
  return dashboard ? [{ title: 'Azure Policy', url: dashboard.url }] : [];
}

export function dashboardWords(dashboard: Dashboard | undefined): string {
  if (dashboard?.scope === undefined) return '';
  return `Azure Policy shows the same: choose the scope ${oneLine(dashboard.scope, 80)} there.`;
}
