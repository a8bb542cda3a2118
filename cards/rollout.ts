import { sumOf } from '../core/collections';
import { type CommandCall, call } from '../core/command-call';
import { type RolloutPlanned, type RolloutSums, type SetRollout, sumsOf, type TeamRollout } from '../core/lifecycle';
import { cell, type Fact, facts, lines, type TableBlock, type Tint, table, tint } from './parts/blocks';
import { type Button, listCall, undeferButton } from './parts/buttons';
import { clock, count, dotted, due, type Instant, list, number, oneLine } from './parts/format';
import { gapTints } from './parts/gaps';
import { teamName } from './parts/words';
import type { Reply } from './reply';
import { sheet } from './sheet';
import template from './templates/rollout.json';

/** Who would come to a version of an image, and how. Nothing has been done yet. */
export interface RolloutView extends Pick<RolloutPlanned, 'teams' | 'gaps'> {
  readonly image: string;
  readonly version: string;
  /** The one team that was asked about; undefined: all that the asker sees. */
  readonly team?: string | null;
  /** When goldbot would begin, and until when it would begin anything. */
  readonly window?: { readonly from: Instant; readonly until: Instant };
  /** The same command with the word of this plan. */
  readonly agree?: CommandCall;
  /** The same command for one team. */
  readonly only: (team: string | null) => CommandCall;
  /** Why what was sent did not count, or why nothing can be started: a sentence. */
  readonly refused?: string;
  readonly decides?: { readonly group: string; readonly channel: string };
  readonly asOf: Instant;
}

const mostRows = 10;
const mostTeams = 3;

/** Whose machines would move, by whom, and below it the button that asks whoever decides. */
export function rolloutCard(view: RolloutView): Reply {
  const { image, version, teams, gaps, asOf } = view;
  const sums = teams.map(sumsOf);
  const all = (name: keyof RolloutSums) => sumOf(sums, (one) => one[name]);
  return sheet(
    template,
    {
      title: `Roll out ${oneLine(image, 60)} ${version}?`,
      subtitles: [
        dotted(
          `${count(all('machines'), 'machine')} of ${view.team === undefined ? count(teams.length, 'team') : teamName(view.team)}`,
          'a plan; nothing has been changed',
        ),
      ],
      buttons: buttonsOf(view),
      next: [call('who uses', { ref: image }), ...listsOf(view)],
    },
    {
      tints: [refusal(view) ?? putOff(view) ?? verdict(view, all), ...gapTints(gaps, 3)].slice(0, 2),
      facts: factsOf(view, all),
      tables: [...setsTable(view), ...singlesTable(teams)],
      notes: lines(
        [
          strayLine(teams),
          all('owners') > 0 &&
            'goldbot replaces no machine that stands alone: its owners do, from this version. Once agreed to, they appoint when, and goldbot reminds them and counts what runs it.',
          `As of ${clock(asOf)}; each scale set is checked again before anything is changed on it.`,
        ].filter((note) => note !== false),
      ),
    },
  );
}

/** They run the image, and nothing in the table of scale sets has them. */
function strayLine(teams: readonly TeamRollout[]): string | false {
  const machines = sumOf(teams, ({ strays }) => strays.machines);
  if (machines === 0) return false;
  const sets = teams.flatMap(({ strays }) => strays.sets.map((name) => oneLine(name, 60)));
  const whose = sets.length === 1 ? 'a scale set whose model has' : 'scale sets whose models have';
  return `${count(machines, 'instance')} left as ${machines === 1 ? 'it is' : 'they are'}: of ${whose} gone over to another image (${list(sets, 4)}).`;
}

function refusal({ refused }: RolloutView): Tint | undefined {
  return refused === undefined ? undefined : tint('warning', `! ${refused} `, 'Nothing was started.');
}

/** Of the one team that was asked about; of several, it stands beside each set. */
function putOff({ teams, team, image }: RolloutView): Tint | undefined {
  const [deferral] = team === undefined ? [] : teams.flatMap((one) => one.deferral ?? []);
  if (!deferral) return undefined;
  const { by, until, reason } = deferral;
  return tint(
    'warning',
    `${oneLine(by, 60)} deferred ${oneLine(image, 60)} until ${due(until)}`,
    `: “${oneLine(reason, 200)}”.`,
  );
}

type Sum = (name: keyof RolloutSums) => number;

function verdict({ version }: RolloutView, all: Sum): Tint {
  const moving = all('goldbot') + all('azure');
  if (all('machines') === 0) return tint('emphasis', 'No machine runs this image.');
  if (moving + all('owners') + all('left') === 0) return tint('good', `✓ All run ${version} or a newer one.`);
  if (moving === 0 && all('owners') > 0) {
    return tint('emphasis', 'Neither goldbot nor Azure would move a machine', ': owners do, and goldbot looks on.');
  }
  if (moving === 0) return tint('emphasis', 'Neither goldbot nor Azure would move a machine.');
  return tint('warning', `${count(moving, 'instance')} would get a new disk`, ': what was changed inside is lost.');
}

/** They add up to all machines. */
function factsOf({ teams, window, decides, version }: RolloutView, all: Sum): readonly Fact[] {
  const some = (name: keyof RolloutSums, words: string) => all(name) > 0 && `${number(all(name))} ${words}`;
  return facts(
    ['goldbot moves', some('goldbot', 'in scale sets, each as described below; it stops at the first unhealthy one')],
    ['goldbot reimages', reimagedLine(teams, version)],
    ['Azure moves', some('azure', 'in scale sets with automatic OS upgrades')],
    ['Owners replace', some('owners', 'that stand alone')],
    ['Left as they are', some('left', 'in scale sets, for the reasons below')],
    ['There already', some('there', `on ${version} or a newer one`)],
    ['When', window && `from ${due(window.from)}; nothing is begun after ${due(window.until)}`],
    ['Decides', decides && `${oneLine(decides.group, 60)} in ${oneLine(decides.channel, 60)}; not who asks for it`],
  );
}

/** Each by its name: somebody agrees to lose what is on its disks. */
function reimagedLine(teams: readonly TeamRollout[], version: string): string | false {
  const names = teams.flatMap(({ sets }) =>
    sets.filter(({ reimages }) => reimages).map(({ name }) => oneLine(name, 60)),
  );
  const lost = 'its system disk is lost, with all that is on it';
  return (
    names.length > 0 &&
    `an instance that takes ${version} and still runs another version, of ${names.join(', ')}: ${lost}`
  );
}

function setsTable({ teams, team }: RolloutView): readonly TableBlock[] {
  const sets = teams.flatMap((one) => one.sets);
  const rest = sets.slice(mostRows);
  const [some, are] = rest.length === 1 ? ['scale set', 'is'] : ['scale sets', 'are'];
  return table({
    heading: 'Scale sets',
    columns: [
      { title: 'Scale set', width: 7 },
      { title: 'Runs', width: 6 },
      { title: 'Then', width: 10 },
    ],
    rows: sets.slice(0, mostRows).map((set) => ({
      cells: [
        cell(set.name, { bold: true, under: team === undefined ? teamName(set.team) : set.location }),
        cell(runsOf(set)),
        cell(set.why),
      ],
    })),
    ...(rest.length > 0 && {
      more: `${number(rest.length)} more ${some} with ${count(
        sumOf(rest, ({ instances }) => instances),
        'instance',
      )} ${are} counted above; name a team to see them.`,
    }),
  });
}

function runsOf({ runs, foreign }: SetRollout): string {
  const own = runs.map(
    ({ version, machines }) => `${number(machines)} on ${version === '' ? 'an unknown version' : version}`,
  );
  const all = [...(foreign > 0 ? [`${number(foreign)} on another image`] : []), ...own];
  return all.length === 0 ? 'no instance' : list(all, 4);
}

function singlesTable(teams: readonly TeamRollout[]): readonly TableBlock[] {
  const rows = teams.filter(({ singles: { behind } }) => behind.cattle + behind.pet + behind.undecided > 0);
  const rest = rows.slice(mostRows);
  return table({
    heading: 'Machines that stand alone, and are behind',
    columns: [
      { title: 'Team', width: 6 },
      { title: 'Cattle', width: 4 },
      { title: 'Pets', width: 4 },
      { title: 'Undecided', width: 5 },
    ],
    rows: rows.slice(0, mostRows).map(({ team, singles: { behind } }) => ({
      cells: [
        cell(teamName(team), { bold: true }),
        ...[behind.cattle, behind.pet, behind.undecided].map((machines) => cell(number(machines))),
      ],
    })),
    ...(rest.length > 0 && {
      more: `${count(rest.length, 'more team')} with ${count(
        sumOf(rest, (one) => sumsOf(one).owners),
        'machine',
      )}.`,
    }),
  });
}

/** Their names, for whoever replaces them. */
function listsOf({ image, team, teams }: RolloutView): readonly CommandCall[] {
  if (team === undefined) return [];
  const kinds = (['cattle', 'pet', 'undecided'] as const).filter((kind) =>
    teams.some(({ singles: { behind } }) => behind[kind] > 0),
  );
  return kinds.slice(0, 2).map((kind) => listCall(team, { image, class: kind, lineage: 'behind', type: 'vm' }));
}

function buttonsOf({ agree, decides, team, teams, only }: RolloutView): readonly Button[] {
  if (agree) return [{ title: decides ? 'Ask for approval' : 'Begin', call: agree, style: 'positive' }];
  const [deferral] = teams.flatMap((one) => one.deferral ?? []);
  if (team !== undefined && deferral) return [undeferButton(deferral)];
  if (team !== undefined) return [];
  const moving = teams.filter((one) => sumsOf(one).goldbot + sumsOf(one).azure > 0);
  const titled = moving.map((one) => [oneLine(`Only ${teamName(one.team)}`, 20), one] as const);
  return [...new Map(titled)].slice(0, mostTeams).map(([title, one]) => ({ title, call: only(one.team) }));
}
