import { nameOfId } from '../core/azure-id';
import { type CommandCall, call } from '../core/command-call';
import {
  baselines,
  type ComplianceFigures,
  exemptedFrom,
  type Lineage,
  type ServiceModel,
  type VersionFigures,
} from '../core/compliance';
import { cell, type Fact, facts, type Group, lines, markedRow, type TableBlock, table } from './parts/blocks';
import {
  type Button,
  complianceCall,
  listButton,
  listCall,
  type Rows,
  rescanButton,
  whoUsesButton,
} from './parts/buttons';
import { figuresPart, fourOf, imageBars, policyRemarks, rowsOf, standingSentence } from './parts/figures';
import { count, dotted, type Instant, number, oneLine, shortDay } from './parts/format';
import { gapTints } from './parts/gaps';
import {
  asOf,
  behindWords,
  type Dashboard,
  dashboardLinks,
  dashboardWords,
  followsWords,
  lackWords,
  lineageText,
  modelWord,
  moreLine,
  sourceName,
  teamClocks,
  typeWords,
} from './parts/words';
import type { Reply } from './reply';
import { isCramped, sheet } from './sheet';
import template from './templates/compliance.json';

/** One team's figures, or those of machines without a team. */
export interface ComplianceView {
  readonly figures: ComplianceFigures;
  /** World time of the answer; anything much older is called stale. */
  readonly now: Instant;
  /** Name of the one image that was asked about; the figures then cover only its machines. */
  readonly image?: string;
  /** As `image`. */
  readonly class?: ServiceModel | 'undecided';
  /** Absent: not known. */
  readonly dashboard?: Dashboard;
  /** True when the person who asks may act for the team. */
  readonly canAct: boolean;
}

const maxVersions = 7;
const maxListed = 4;
/** The most lines at the foot. */
const maxCommands = 8;

/** A team's figures: policies, images, kinds, exemptions, and the gaps. */
export function complianceCard(view: ComplianceView): Reply {
  const card = cardWith(view, agentsGroup(view.figures));
  return isCramped(card) ? cardWith(view, agentsInOne(view.figures)) : card;
}

function cardWith(view: ComplianceView, agents: readonly Group[]): Reply {
  const { figures } = view;
  const none = figures.machines === 0 ? [noMachines(view)] : [];
  const { policy } = figures;
  const numbers =
    policy === undefined || figures.machines === 0
      ? []
      : figuresPart(figures.team, { now: fourOf(policy) }, policyRemarks(figures));
  const groups = [...agents, ...foreignGroup(figures), ...exemptGroup(figures)];
  const entries = figures.machines === 0 ? [] : complianceFacts(view);
  const tints = gapTints(figures.gaps);
  const actions = buttons(view);
  const note = `Machines counted ${asOf(figures.asOf, view.now)}.`;
  return sheet(
    template,
    {
      title: headline(view),
      subtitles: [subtitle(view), filterLine(view)],
      buttons: actions,
      links: dashboardLinks(view.dashboard),
      next: furtherCalls(view).slice(0, maxCommands - actions.length),
    },
    {
      paragraphs: lines(none),
      figures: numbers,
      bars: imageBars(figures),
      tables: versionsTable(figures.versions),
      groups,
      factGroups: entries.length === 0 ? [] : [{ heading: 'Also', facts: entries }],
      tints,
      notes: lines([`${note} ${mendWords(figures)}`.trim(), dashboardWords(view.dashboard)]),
    },
  );
}

function titleOf(team: string | null): string {
  return team === null ? 'Machines without a team' : `Compliance of ${oneLine(team, 80)}`;
}

/** Of some of the machines policies say nothing: then it says whose they are alone. */
function headline(view: ComplianceView): string {
  const { figures } = view;
  return (filterLine(view) === '' ? standingSentence(figures) : undefined) ?? titleOf(figures.team);
}

function subtitle(view: ComplianceView): string {
  const { figures, now } = view;
  const name = titleOf(figures.team);
  return dotted(
    headline(view) !== name && name,
    count(figures.machines, 'machine'),
    figures.machines > 0 && teamClocks(figures, now),
  );
}

function filterLine(view: ComplianceView): string {
  const only = dotted(view.image ?? '', view.class === undefined ? '' : modelWord(view.class));
  return only === '' ? '' : `Only ${only}`;
}

function noMachines({ figures, image, class: kind }: ComplianceView): string {
  if (image !== undefined || kind !== undefined) return 'No machine matches.';
  if (figures.team === null) return 'Every machine that goldbot can see belongs to a team.';
  return `No machine that goldbot can see belongs to ${figures.team}. Its scope is in teams.yaml.`;
}

function versionsTable(versions: readonly VersionFigures[]): readonly TableBlock[] {
  const shown = versions.slice(0, maxVersions);
  const hidden = versions.length - shown.length;
  return table({
    heading: 'Versions',
    columns: [
      { title: 'Image', width: 7 },
      { title: 'Behind', width: 8 },
      { title: 'Machines', width: 6 },
    ],
    ...(hidden > 0 && { more: `${count(hidden, 'more version')} with fewer machines.` }),
    rows: shown.map((row) => ({
      cells: [
        cell(row.image, { bold: true, under: row.version }),
        cell(behind(row), { under: endOf(row) }),
        cell(number(row.machines)),
      ],
    })),
  });
}

function behind(row: VersionFigures): string {
  if (row.lineage === 'latest') return `● ${lineageText(row.lineage, row.follows)}`;
  // Past its end of life it may be the newest there is; without its place in the gallery nobody knows.
  if (row.versionsBehind === 0)
    return row.lineage === 'pastEnd' ? 'nothing newer' : lineageText(row.lineage, row.follows);
  return behindWords(row.versionsBehind, row.daysBehind);
}

function endOf(row: VersionFigures): string {
  if (row.lineage === 'pastEnd')
    return row.endOfLife === undefined ? '! past end of life' : `! past end of life since ${shortDay(row.endOfLife)}`;
  return row.endOfLife === undefined ? '' : `ends ${shortDay(row.endOfLife)}`;
}

function complianceFacts({ figures, now }: ComplianceView): readonly Fact[] {
  const { models, policy, guest, behindModel } = figures;
  const kinds = `${count(models.pet, 'pet')} · ${number(models.cattle)} cattle · ${number(models.undecided)} undecided`;
  const guestLine =
    guest &&
    `${number(guest.machines.Compliant)} compliant · ${number(guest.machines.NonCompliant)} non-compliant · ` +
      `${number(guest.machines.Pending)} pending · ${number(guest.none)} without any check` +
      (figures.types.instance > 0 ? ` · ${count(figures.types.instance, 'scale set instance')} not checked` : '');
  return facts(
    ['Follows', followsWords(figures)],
    ['Machines', typeWords(figures.types)],
    ['Pets and cattle', kinds],
    ['Scale sets', behindModel > 0 && `${count(behindModel, 'instance')} behind the model of their scale set`],
    ['Oldest result', policy?.oldest && asOf(policy.oldest, now)],
    ['In the guest', guestLine],
  );
}

/** Whether what is there also works is not known. */
function agentsGroup({ agents = [] }: ComplianceFigures): readonly Group[] {
  const rows = agents.map((figure) => markedRow('needs-person', lackWords(figure)));
  return rows.length === 0 ? [] : [{ heading: 'Agents and diagnostics', rows }];
}

/** Rows weigh more than lines: for cards that are full. */
function agentsInOne({ agents = [] }: ComplianceFigures): readonly Group[] {
  const [first, ...others] = agents.map((figure) => lackWords(figure));
  return first === undefined
    ? []
    : [{ heading: 'Agents and diagnostics', rows: [markedRow('needs-person', first, others)] }];
}

/** The first machine of each kind that Azure's own policies bring what it lacks. */
function mendCalls({ agents = [] }: ComplianceFigures): readonly CommandCall[] {
  return Object.values(baselines).flatMap(({ name, part }) => {
    const machine = agents.find((figure) => figure.part === part)?.vm;
    return machine === undefined ? [] : [call('remediate', { machine, policy: name })];
  });
}

function mendWords(figures: ComplianceFigures): string {
  if ((figures.agents ?? []).length === 0) return '';
  const mends =
    'For what is missing, remediate proposes the policy of Azure that installs it, where none is assigned. ';
  return `${mendCalls(figures).length === 0 ? '' : mends}Diagnostic settings of machines were not checked.`;
}

function foreignGroup({ foreign }: ComplianceFigures): readonly Group[] {
  const rows = foreign.map(({ source, machines }) => ({ label: sourceName(source), right: number(machines) }));
  return listed('Not golden', rows);
}

function exemptGroup({ exemptions }: ComplianceFigures): readonly Group[] {
  const rows = exemptions.map((exemption) => ({
    label: `${oneLine(nameOfId(exemption.scope), 80)} from ${oneLine(exemptedFrom(exemption), 60)}`,
    right: exemption.expiresAt === undefined ? 'no end date' : `until ${shortDay(exemption.expiresAt)}`,
  }));
  return listed('Exempt', rows);
}

function listed(
  heading: string,
  rows: readonly { readonly label: string; readonly right: string }[],
): readonly Group[] {
  if (rows.length === 0) return [];
  const shown = rows.slice(0, maxListed).map(({ label, right }) => markedRow('skipped', label, [], right));
  const more = moreLine(rows.length, maxListed);
  return [{ heading, rows: more === '' ? shown : [...shown, markedRow('skipped', more)] }];
}

function buttons({ figures, canAct }: ComplianceView): readonly Button[] {
  const { team, machines, policy, lineage: counts } = figures;
  if (machines === 0) return [];
  const oldest = (lineage: Lineage) => figures.versions.find((row) => row.lineage === lineage);
  const past = oldest('pastEnd') ?? oldest('farBehind');
  const foreign = counts.otherGallery + counts.marketplace;
  return [
    ...((policy?.machines.NonCompliant ?? 0) > 0 ? [rowsOf(team, 'notCompliant')] : []),
    ...((policy?.notEvaluated ?? 0) > 0 ? [rowsOf(team, 'notEvaluated')] : []),
    ...(foreign > 0 ? [listButton('List not golden', team, { lineage: 'not-golden' })] : []),
    ...(past === undefined ? [] : [whoUsesButton(`${past.image}@${past.version}`, `Who uses ${past.version}`)]),
    ...(canAct && team !== null ? [rescanButton(team)] : []),
  ];
}

/** The rows behind the figures that have no button. */
function furtherCalls({ figures, canAct }: ComplianceView): readonly CommandCall[] {
  const { team, machines, models, guest, policy, types } = figures;
  if (machines === 0) return [complianceCall(team)];
  const kinds = (['pet', 'undecided', 'cattle'] as const).filter((kind) => models[kind] > 0);
  const open = (['Conflict', 'Unknown', 'Error'] as const).filter((state) => (policy?.machines[state] ?? 0) > 0);
  const rows: readonly Rows[] = [
    ...open.map((state) => ({ state: openWords[state] })),
    ...((guest?.machines.NonCompliant ?? 0) > 0 ? [{ guest: 'not-compliant' as const }] : []),
    ...(types.instance > 0 ? [{ type: 'instance' as const }] : []),
  ];
  return [
    ...(canAct ? mendCalls(figures) : []),
    ...rows.map((row) => listCall(team, row)),
    ...kinds.map((kind) => complianceCall(team, { class: kind })),
  ];
}

const openWords = { Conflict: 'conflict', Unknown: 'unknown', Error: 'error' } as const;
