import { call } from '../core/command-call';
import type { Gap, MachineType } from '../core/compliance';
import { type Group, lines, type MarkedRow, markedRow, tint } from './parts/blocks';
import { type Button, listCall, showButton } from './parts/buttons';
import { clock, count, day, dotted, type Instant, number, oneLine } from './parts/format';
import { gapTints } from './parts/gaps';
import { type PickRow, picksPart } from './parts/picks';
import { ofTeams, teamName, typeWords } from './parts/words';
import type { Reply } from './reply';
import { type Sheet, sheet } from './sheet';
import template from './templates/who-uses.json';

/** Machines of one team that run what was asked about. */
export interface UserRow {
  /** Null: machines that no team has. */
  readonly team: string | null;
  readonly machines: Readonly<Record<MachineType, number>>;
}

/** A scale set whose model refers to it, so that it takes it again when it scales out. */
export interface ScaleSetRow {
  readonly name: string;
  readonly resourceGroup: string;
  readonly team: string | null;
  /** Instances that run it now. */
  readonly instances: number;
  /** Azure upgrades those instances as soon as another version becomes the latest. */
  readonly selfUpgrading: boolean;
}

export interface WhoUsesView {
  /** As it is typed: `ubuntu-22@1.3.0`, `canonical:0001-com-ubuntu-server-jammy:22_04-lts-gen2`. */
  readonly ref: string;
  /** Present if it is golden. */
  readonly golden?: {
    readonly image: string;
    /** Absent: every version was asked for. */
    readonly version?: string;
    readonly endOfLife?: Instant;
  };
  /** The one team that was asked about. */
  readonly team?: string;
  /** Most machines first; all that the asker may see. */
  readonly teams: readonly UserRow[];
  /** Most instances first; absent when nobody looked. */
  readonly scaleSets?: { readonly items: readonly ScaleSetRow[]; readonly total: number };
  readonly gaps: readonly Gap[];
  readonly asOf: Instant;
}

const maxTeams = 12;
const maxScaleSets = 8;

/** Who runs an image or a version, and which scale sets would take it again. */
export function whoUsesCard(view: WhoUsesView): Reply {
  const total = view.teams.reduce((sum, row) => sum + machinesOf(row), 0);
  const shown = view.teams.slice(0, maxTeams);
  const groups = scaleSetGroup(view);
  const tints = [...scaleOutTint(view), ...gapTints(view.gaps)];
  const cut = restOf(view.teams.slice(maxTeams));
  const note = `Control plane as of ${clock(view.asOf)}; guests are not asked for this.`;
  return sheet(
    template,
    {
      title: headline(view, total),
      subtitles: [subtitle(view)],
      ...badgeOf(view),
      buttons: buttons(view),
      next: [call('who uses', { ref: view.ref })],
    },
    {
      picks: picksPart({ rows: shown.map((row) => userRow(row, view)), more: cut }),
      groups,
      tints,
      notes: lines([note]),
    },
  );
}

function restOf(rows: readonly UserRow[]): string {
  const machines = rows.reduce((sum, row) => sum + machinesOf(row), 0);
  return machines === 0 ? '' : `${count(machines, 'more machine')} ${ofTeams(rows)}.`;
}

function machinesOf({ machines }: UserRow): number {
  return machines.vm + machines.instance + machines.arc;
}

function named({ golden, ref }: WhoUsesView): string {
  if (golden === undefined) return oneLine(ref, 120);
  return golden.version === undefined ? golden.image : `${golden.image} ${golden.version}`;
}

/** Who runs it, as one sentence. */
function headline(view: WhoUsesView, total: number): string {
  const { team, teams } = view;
  if (total === 0) return nobody(view);
  const whose = team === undefined ? ofTeams(teams) : `of ${team}`;
  return `${count(total, 'machine')} ${whose} ${total === 1 ? 'runs' : 'run'} ${named(view)}`;
}

function subtitle(view: WhoUsesView): string {
  const { golden, team } = view;
  const end = golden?.endOfLife;
  return dotted(
    team !== undefined && `only ${team}`,
    golden === undefined && 'not a golden image',
    end !== undefined && `${isOver(view) ? 'past end of life since' : 'end of life'} ${day(end)}`,
  );
}

function isOver({ golden, asOf }: Pick<WhoUsesView, 'golden' | 'asOf'>): boolean {
  return golden?.endOfLife !== undefined && new Date(golden.endOfLife).getTime() <= new Date(asOf).getTime();
}

function badgeOf(view: WhoUsesView): Pick<Sheet, 'badge'> {
  return isOver(view) ? { badge: { text: 'Past end of life', tone: 'Warning' } } : {};
}

function nobody(view: WhoUsesView): string {
  const { scaleSets, team } = view;
  const who = team === undefined ? 'No machine that goldbot can see' : `No machine of ${team}`;
  const sets = scaleSets !== undefined && scaleSets.total > 0 ? ', but scale sets refer to it' : '';
  return `${who} runs ${named(view)}${sets}`;
}

/** A press lists the machines; what is no golden image has no list of its own. */
function userRow(row: UserRow, { golden }: WhoUsesView): PickRow {
  const { team, machines } = row;
  const rows = golden && { image: golden.image, ...(golden.version !== undefined && { version: golden.version }) };
  return {
    ...{ label: teamName(team), details: [typeWords(machines)], figure: number(machinesOf(row)) },
    call: rows ? listCall(team, rows) : listCall(team, { lineage: 'not-golden' }),
    title: `Machines of ${teamName(team)}`,
  };
}

function scaleSetGroup({ scaleSets }: WhoUsesView): readonly Group[] {
  if (scaleSets === undefined || scaleSets.total === 0) return [];
  const shown = scaleSets.items
    .slice(0, maxScaleSets)
    .map(
      ({ name, resourceGroup, team, instances, selfUpgrading }): MarkedRow =>
        markedRow(
          'todo',
          oneLine(name, 80),
          [dotted(teamName(team), resourceGroup, selfUpgrading && 'upgrades itself')],
          count(instances, 'instance'),
        ),
    );
  const rest = scaleSets.total - shown.length;
  const more = rest > 0 ? [markedRow('skipped', `and ${number(rest)} more`)] : [];
  return [{ heading: 'Scale sets that refer to it', rows: [...shown, ...more] }];
}

function scaleOutTint({ scaleSets }: WhoUsesView) {
  if (scaleSets === undefined || scaleSets.total === 0) return [];
  const many = scaleSets.total === 1 ? 'scale set deploys' : 'scale sets deploy';
  const running = runningWords(scaleSets.items.filter(({ selfUpgrading }) => selfUpgrading).length, scaleSets.total);
  return [tint('emphasis', `${number(scaleSets.total)} ${many} it again`, ` when scaling out. ${running}`)];
}

/** What becomes of the machines that run now, when there are other versions. */
function runningWords(upgrading: number, total: number): string {
  if (upgrading === 0) return 'Running machines are not affected.';
  const [it, their] = upgrading === 1 ? ['upgrades itself', 'its'] : ['upgrade themselves', 'their'];
  const which = total === 1 ? `It ${it}` : `${number(upgrading)} of them ${it}`;
  const others = upgrading === total ? '' : ' Those of the others are not affected.';
  return `${which}: Azure replaces ${their} running machines when another version becomes the latest.${others}`;
}

function buttons({ golden, team, teams, ref }: WhoUsesView): readonly Button[] {
  const first = teams.find((row) => row.team !== null)?.team;
  const show = golden?.version === undefined ? [] : [showButton(golden.image, golden.version)];
  if (team !== undefined || first === undefined || first === null || teams.length < 2) return show;
  return [...show, { title: oneLine(`Only ${first}`, 20), call: call('who uses', { ref, team: first }) }];
}
