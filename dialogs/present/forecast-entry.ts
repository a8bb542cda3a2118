import { count, list, type ForecastEntry as Row } from '../../cards';
import { nameOfId } from '../../core/azure-id';
import { call } from '../../core/command-call';
import { exemptedFrom, type ForecastEntry } from '../../core/compliance';

interface Asker {
  readonly now: Date;
  canPublish(image: string): boolean;
}

/** A line of the calendar; an entry without a date is true already and is listed under today. */
export function entryRow(entry: ForecastEntry, { now, canPublish }: Asker): Row {
  const at = entry.at ?? now;
  switch (entry.kind) {
    case 'endOfLife':
      return {
        at,
        kind: 'end-of-life',
        what: `${entry.image} ${entry.version}`,
        detail: `${count(entry.machines, 'machine')} of ${teamsOf(entry.teams.map(({ team }) => team))} ${entry.machines === 1 ? 'runs' : 'run'} it`,
        call: call('who uses', { ref: `${entry.image}@${entry.version}` }),
      };
    case 'exemption':
      return {
        at,
        kind: 'exemption-ends',
        what: `exemption of ${nameOfId(entry.exemption.scope)} from ${exemptedFrom(entry.exemption)}`,
        detail: teamsOf(entry.teams),
      };
    case 'approval':
      return {
        at,
        kind: 'approval-expires',
        what: `${entry.what} (${entry.request})`,
        call: call('status', { request: entry.request }),
      };
    case 'deprecation':
      return {
        at,
        kind: 'deprecated',
        what: `${entry.base}, the base of ${entry.image}`,
        detail: entry.alternative
          ? `its publisher names the ${entry.alternative} instead`
          : 'its publisher names no other',
      };
    case 'newerBase':
      return {
        at,
        kind: 'newer-base',
        what: `${entry.image}: base ${entry.newest}`,
        detail: `there already; the latest version was built from ${entry.used}`,
        call: canPublish(entry.image)
          ? call('publish', { image: entry.image, plan: true })
          : call('show', { ref: `${entry.image}@latest` }),
      };
  }
}

function teamsOf(teams: readonly (string | null)[]): string {
  return list(
    teams.map((team) => team ?? 'no team'),
    3,
  );
}
