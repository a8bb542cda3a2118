import { sumOf } from '../core/collections';
import type { ComplianceFigures, Gap, PolicyFigures, ServiceModel } from '../core/compliance';
import { lines, type Mark, markView } from './parts/blocks';
import { complianceButton, complianceCall } from './parts/buttons';
import { count, dotted, type Instant, number, oneLine } from './parts/format';
import { gapTints, gapWords } from './parts/gaps';
import { type PickRow, picksPart } from './parts/picks';
import { asOf, modelWord, ofTeams, teamName } from './parts/words';
import type { Reply } from './reply';
import { sheet } from './sheet';
import template from './templates/compliance-of-teams.json';

export interface ComplianceOfTeamsView {
  /** Of every team that the asker may see, in any order. */
  readonly figures: readonly ComplianceFigures[];
  /** False: only the asker's own teams are included. */
  readonly all: boolean;
  /** As on the card of one team. */
  readonly image?: string;
  readonly class?: ServiceModel | 'undecided';
  readonly now: Instant;
}

const maxTeams = 15;

/** One line for each team, worst first. */
export function complianceOfTeamsCard(view: ComplianceOfTeamsView): Reply {
  const sorted = [...view.figures].sort((a, b) => worse(b) - worse(a) || b.machines - a.machines);
  const shown = sorted.slice(0, maxTeams);
  const tints = gapTints(sharedBy(view.figures), 3);
  const parts = shown.filter(({ gaps }) => gaps.length > 0).map(({ team }) => teamName(team));
  const machines = view.figures.reduce((sum, s) => sum + s.machines, 0);
  const notes = [
    sorted.length > maxTeams ? `Showing ${maxTeams} of ${sorted.length}; name a team to see it.` : '',
    parts.length === 0
      ? ''
      : `Figures are missing or incomplete; see the card of each team: ${oneLine(parts.join(', '), 300)}.`,
    `Worst first, by the share of machines that are non-compliant or not evaluated. ${countedLine(view)}`,
  ].filter((line) => line !== '');
  const [first] = shown;
  return sheet(
    template,
    {
      title: headline(sorted, machines) ?? nameOf(view),
      subtitles: [
        dotted(
          headline(sorted, machines) && nameOf(view),
          count(sorted.filter(({ team }) => team !== null).length, 'team'),
          count(machines, 'machine'),
        ),
        dotted(view.image && `Only ${view.image}`, view.class && `Only ${modelWord(view.class)}`),
      ],
      buttons: [],
      next: first ? [complianceCall(first.team)] : [],
    },
    { tints, stacks: stacksPart(shown), picks: picksPart({ rows: shown.map(teamRow) }), notes: lines(notes) },
  );
}

const nameOf = ({ all }: ComplianceOfTeamsView): string => `Compliance of ${all ? 'all' : 'your'} teams`;

/** Undefined where policies have not said how all of them stand. */
function headline(teams: readonly ComplianceFigures[], machines: number): string | undefined {
  const judged = teams.flatMap(({ policy, machines: own }) => (policy || own === 0 ? [policy] : []));
  if (judged.length < teams.length || machines === 0) return undefined;
  const bad = sumOf(judged, (policy) => policy?.machines.NonCompliant ?? 0);
  const all = `${count(machines, 'machine')} ${ofTeams(teams)}`;
  return bad === 0
    ? `None of ${all} is non-compliant`
    : `${number(bad)} of ${all} ${bad === 1 ? 'is' : 'are'} non-compliant`;
}

/** Machines without a good verdict, among those that policies cover; an unknown state does not count as good. */
function worse({ policy, machines }: ComplianceFigures): number {
  if (machines === 0) return -1;
  if (policy === undefined) return 1;
  const judged = Object.values(policy.machines).reduce((sum, n) => sum + n, policy.notEvaluated);
  return judged === 0 ? 0 : 1 - (policy.machines.Compliant + policy.machines.Exempt) / judged;
}

/** Fewer bars say less than the numbers under them. */
const fewestBars = 2;
const maxBars = 8;

/** How the machines of each team stand; for who looks, since the numbers are in the table. */
function stacksPart(shown: readonly ComplianceFigures[]): readonly object[] {
  const rows = shown.slice(0, maxBars).flatMap(({ team, policy, machines }) => {
    if (policy === undefined || machines === 0) return [];
    const { Compliant, NonCompliant, Exempt, Conflict, Unknown, Error: failed } = policy.machines;
    const parts = [
      { legend: 'Compliant', value: Compliant, color: 'good' },
      { legend: 'Non-compliant', value: NonCompliant, color: 'attention' },
      {
        legend: 'Not evaluated or no verdict',
        value: policy.notEvaluated + Conflict + Unknown + failed,
        color: 'warning',
      },
      { legend: 'Exempt', value: Exempt, color: 'neutral' },
    ];
    return [{ title: oneLine(teamName(team), 24), parts }];
  });
  return rows.length < fewestBars ? [] : [{ title: 'Machines of each team by the verdict of its policies', rows }];
}

/** A press shows the team's own card. */
function teamRow(figures: ComplianceFigures): PickRow {
  const { team, machines } = figures;
  const name = oneLine(teamName(team), 40);
  const { call, title } = complianceButton(team, `Compliance of ${name}`);
  const details = machines === 0 ? [] : [policies(figures), images(figures)];
  return {
    ...{ label: name, details: [count(machines, 'machine'), ...details], sign: markView(standing(figures)) },
    ...{ call, title },
  };
}

function standing({ policy, machines }: ComplianceFigures): Mark {
  if (machines === 0) return 'skipped';
  if (policy && policy.machines.NonCompliant > 0) return 'failed';
  const isOpen = policy === undefined || policy.notEvaluated + openOf(policy) > 0;
  return isOpen ? 'needs-person' : 'done';
}

const openOf = ({ machines: { Conflict, Unknown, Error: failed } }: PolicyFigures): number =>
  Conflict + Unknown + failed;

/** What there is of each: a zero says nothing. */
function policies({ policy, types }: ComplianceFigures): string {
  if (policy === undefined) return 'Azure Policy did not answer';
  const { NonCompliant: bad, Exempt: exempt, Compliant: good } = policy.machines;
  const some = (n: number, words: string) => n > 0 && `${number(n)} ${words}`;
  return dotted(
    some(bad, 'non-compliant'),
    some(policy.notEvaluated, 'not evaluated'),
    some(openOf(policy), 'without a verdict'),
    some(exempt, 'exempt'),
    some(good, 'compliant'),
    types.instance > 0 && count(types.instance, 'scale set instance'),
  );
}

function images({ lineage }: ComplianceFigures): string {
  const some = (n: number, words: string) => n > 0 && `${number(n)} ${words}`;
  return dotted(
    some(lineage.pastEnd, 'past end of life'),
    some(lineage.behind + lineage.farBehind, 'behind'),
    some(lineage.marketplace + lineage.otherGallery, 'not golden'),
    some(lineage.unknown, 'of unknown origin'),
    some(lineage.latest, 'on latest'),
  );
}

/** What is missing for every team is said once; the rest is on the team's own card. */
function sharedBy(figures: readonly ComplianceFigures[]): readonly Gap[] {
  const [first, ...others] = figures.map(({ gaps }) => gaps);
  const sayings = others.map((gaps) => new Set(gaps.map(gapWords)));
  return (first ?? []).filter((gap) => sayings.every((said) => said.has(gapWords(gap))));
}

function countedLine({ figures, now }: ComplianceOfTeamsView): string {
  const [first] = figures;
  return first === undefined ? '' : `Machines counted ${asOf(first.asOf, now)}.`;
}
