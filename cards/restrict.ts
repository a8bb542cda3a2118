import { call } from '../core/command-call';
import type { Gap } from '../core/compliance';
import { cell, type Fact, facts, lines, type Tint, table, tint } from './parts/blocks';
import type { Button } from './parts/buttons';
import { clock, count, dotted, type Instant, list, number, oneLine, shortDay } from './parts/format';
import { gapTints } from './parts/gaps';
import { ofTeams, sourceName, teamName } from './parts/words';
import type { Reply } from './reply';
import { sheet } from './sheet';
import template from './templates/restrict.json';

export interface StoppedRow {
  /** Null: no team has them. */
  readonly team: string | null;
  readonly deployments: number;
  /** The team's group of owners: whom to talk to. */
  readonly owners: readonly string[];
  /** `canonical:…`; what they deployed from. */
  readonly sources: readonly string[];
  readonly last?: Instant;
}

/** What a restriction to golden images would do, before anything is done. */
export interface RestrictView {
  /** As it is typed: `payments`, `sub:…`. */
  readonly scope: string;
  /** In words: `3 subscriptions of payments`. */
  readonly scopeName: string;
  readonly effect: 'audit' | 'deny';
  /** What is in place now, in the first of the scopes; absent: nothing. `enforced`: false when Azure only reports. */
  readonly now?: { readonly effect: 'audit' | 'deny'; readonly enforced: boolean };
  /** Azure scopes that are restricted together, each with an assignment of its own. */
  readonly scopes: number;
  /** Galleries that stay allowed, by name. */
  readonly allowed: readonly string[];
  /** Resource groups that are left out, by name. */
  readonly excluded: readonly string[];
  readonly dryRun: {
    readonly days: number;
    readonly deployments: number;
    /** Most deployments first. */
    readonly teams: readonly StoppedRow[];
    /** Deployments that were looked at. */
    readonly of?: number;
  };
  /** Existing machines on other images, old ones included. */
  readonly existing: number;
  /** It is about versions past their end of life as well: what becomes of them, each a sentence. */
  readonly pastEnd?: readonly string[];
  readonly gaps: readonly Gap[];
  readonly asOf: Instant;
  /** True when the person who asks may start it. */
  readonly canStart: boolean;
  /** Who decides then: a group's name. */
  readonly group?: string;
}

const maxTeams = 10;

/** The plan of a restriction, with whom it would have stopped. It changes nothing. */
export function restrictCard(view: RestrictView): Reply {
  const shown = view.dryRun.teams.slice(0, maxTeams);
  const entries = planFacts(view);
  const tints = [verdict(view), ...gapTints(view.gaps, 3)];
  const hidden = view.dryRun.teams.length - shown.length;
  const decides = view.group === undefined ? '' : `${oneLine(view.group, 60)} decides before anything is assigned.`;
  const out = view.excluded.length === 0 ? 'Nothing is excluded.' : `Excluded: ${list(view.excluded.map(named), 6)}.`;
  const notes = [
    hidden > 0 ? `${count(hidden, 'more team')} with fewer deployments.` : '',
    out,
    decides,
    existingNote(view),
    ...(view.pastEnd ?? []),
    planNote(view),
  ];
  return sheet(
    template,
    {
      title: `Restrict ${oneLine(view.scope, 80)} to golden images: ${view.effect}?`,
      subtitles: [dotted(oneLine(view.scopeName, 120), 'a plan; nothing has been changed')],
      buttons: buttons(view),
    },
    { facts: entries, tints, tables: stoppedTable(shown), notes: lines(notes) },
  );
}

function verdict({ effect, dryRun }: RestrictView): Tint {
  const { deployments, days, teams } = dryRun;
  const span = ` in the last ${count(days, 'day')}`;
  if (deployments === 0) return tint('good', '✓ No deployment would have been blocked', `${span}.`);
  const who = `${count(deployments, 'deployment')} ${ofTeams(teams)}`;
  if (effect === 'audit') return tint('emphasis', `${who} would be reported`, `${span}. Audit blocks nothing.`);
  return tint('warning', `! ${who} would have failed`, `${span}.`);
}

const words = { audit: 'audit: reports, blocks nothing', deny: 'deny: blocks deployments' } as const;

function planFacts({ now, scopes, effect, allowed, dryRun, pastEnd }: RestrictView): readonly Fact[] {
  const where = scopes > 1 ? ` (in the first of ${count(scopes, 'subscription')})` : '';
  return facts(
    ['Now', `${nowWords(now)}${where}`],
    ['Then', `${words[effect]}${pastEnd ? '; versions past their end of life too, from now on' : ''}`],
    ['Allowed', list(allowed.map(named), 4)],
    ['Looked at', dryRun.of === undefined ? '' : count(dryRun.of, 'deployment')],
  );
}

function nowWords(now: RestrictView['now']): string {
  if (now === undefined) return 'not restricted';
  return now.enforced ? words[now.effect] : `${now.effect}, but not enforced: reports, blocks nothing`;
}

function named(name: string): string {
  return oneLine(name, 40);
}

function stoppedTable(rows: readonly StoppedRow[]) {
  return table({
    heading: 'Who would be affected',
    columns: [
      { title: 'Team', width: 5 },
      { title: 'Times', width: 4 },
      { title: 'From', width: 9 },
    ],
    rows: rows.map(({ team, deployments, owners, sources, last }) => ({
      cells: [
        cell(teamName(team), { bold: true }),
        cell(number(deployments), { under: last === undefined ? '' : `last ${shortDay(last)}` }),
        cell(list(sources.map(sourceName), 2), {
          under: owners.length === 0 ? '' : `owned by ${list(owners.map(named), 2)}`,
        }),
      ],
    })),
  });
}

function existingNote({ existing }: RestrictView): string {
  if (existing === 0) return '';
  const what = `${count(existing, 'machine')} on other images ${existing === 1 ? 'exists' : 'exist'}`;
  return `${what} and will keep running: with deny, Azure refuses changes to them, such as another size.`;
}

function planNote({ asOf }: RestrictView): string {
  return `As of ${clock(asOf)}.`;
}

function buttons({ scope, effect, canStart, dryRun, pastEnd }: RestrictView): readonly Button[] {
  const also = pastEnd ? { pastEnd: true } : {};
  const start: Button = {
    title: effect === 'audit' ? 'Request audit' : 'Request deny',
    call: call('restrict', { scope, effect, ...also }),
    style: effect === 'audit' ? 'positive' : 'destructive',
  };
  const gentler: Button = {
    title: 'Plan audit instead',
    call: call('restrict', { scope, effect: 'audit', ...also, plan: true }),
  };
  return [...(effect === 'deny' && dryRun.deployments > 0 ? [gentler] : []), ...(canStart ? [start] : [])];
}
