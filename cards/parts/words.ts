import { nameOfId } from '../../core/azure-id';
import { type CommandCall, line } from '../../core/command-call';
import type { ComplianceFigures, Lineage, MachineType, PolicyState, ServiceModel } from '../../core/compliance';
import { days } from '../../core/time';
import { clock, count, dotted, duration, type Instant, moment, number, oneLine } from './format';

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

/** `1.2.0` of `gold2` for a definition's id, `canonical:…` as it is. */
export function sourceName(source: string): string {
  const found = /\/galleries\/([^/]+)\/images\/([^/]+)/i.exec(source);
  if (found !== null) return oneLine(`${found[2]} of gallery ${found[1]}`, 80);
  return source === '' ? 'origin unknown' : oneLine(nameOfId(source), 80);
}

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

/** `and 4,988 more`, with the command that lists them. */
export function moreLine(total: number, shown: number, command?: CommandCall): string {
  if (total <= shown) return '';
  return `and ${number(total - shown)} more${command === undefined ? '' : `: ${line(command)}`}`;
}
