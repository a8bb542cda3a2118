import { workingDay } from '../core/calendar';
import { call } from '../core/command-call';
import { compareVersions } from '../core/images';
import { days, hours } from '../core/time';
import { type ChangeNumberView, changeNumberFact } from './approval';
import { facts, lines, tintList } from './parts/blocks';
import { type FindingsBlock, type FindingView, findingsBlock } from './parts/findings';
import {
  count,
  day,
  dotted,
  duration,
  type Instant,
  list,
  oneLine,
  outputFact,
  regionList,
  shortHash,
} from './parts/format';
import type { Reply } from './reply';
import { sheet } from './sheet';
import template from './templates/plan.json';

export interface PlanView {
  readonly image: string;
  /** The version that would be published. */
  readonly version: string;
  /** The latest version now; absent for the first. */
  readonly replaces?: string;
  readonly base: {
    readonly name: string;
    readonly version: string;
    /** Exact version that the latest was built from. */
    readonly was?: string;
    /** A newer one than the plan asks for. */
    readonly newer?: string;
  };
  readonly recipeHash: string;
  /** Absent when there is nothing to compare with. */
  readonly recipeChanged?: boolean;
  /** Names of the customize steps in order. */
  readonly steps: readonly string[];
  /** Names of the tests. */
  readonly tests: readonly string[];
  readonly goesTo: readonly { readonly name: string; readonly replicas: number }[];
  /** What is made of it beside the gallery's version: `managed image in rg-golden-images`. Absent: nothing. */
  readonly outputs?: readonly string[];
  /** Absent: none. */
  readonly endOfLife?: Instant;
  /** What it is built and tested on, part by part: size, disk, network; size, security. */
  readonly machines?: { readonly build: readonly string[]; readonly test: readonly string[] };
  readonly approval: {
    readonly group: string;
    readonly quorum: number;
    /** Groups that decide before that one, in their order. */
    readonly first?: readonly { readonly group: string; readonly quorum: number }[];
    readonly expiresMs: number;
    /** That time counts working hours alone. */
    readonly workingHours?: true;
    /** How many more approve what is special: `2 when its recipe has changed`. Absent: always as many. */
    readonly risks?: readonly string[];
    /** Absent: none is asked for. */
    readonly changeNumber?: ChangeNumberView;
  };
  /** Median of earlier publishes. */
  readonly usualMs?: number;
  /** Without one, what such images take by experience. */
  readonly typicalMs?: number;
  /** The image template that the recipe comes from, and what is changed in it, a clause each. */
  readonly template?: { readonly file: string; readonly changes: readonly string[] };
  /** Absent: a plan is not fixed until it is asked for. */
  readonly hash?: string;
  readonly note?: string;
  /** What a person should know before publishing: Azure is silent, scale sets, orders that differ. */
  readonly warnings: readonly string[];
  /** What the looks before a build have found. */
  readonly findings?: readonly FindingView[];
  /** The arguments of the command without `plan`: they go with the button. */
  readonly args?: Readonly<Record<string, string | number | boolean>>;
  /** False hides the button. */
  readonly canPublish: boolean;
}

/** What `publish --plan` would do; nothing has been started. */
export function planCard(view: PlanView): Reply {
  const entries = planFacts(view);
  const tints =
    view.warnings.length === 0 ? [] : [tintList('warning', '! Before you start', view.warnings.slice(0, 6))];
  const publish = call('publish', { image: view.image, ...view.args });
  return sheet(
    template,
    {
      title: `Plan: ${view.image} ${view.version}`,
      subtitles: ['Nothing has been started.'],
      buttons: view.canPublish ? [{ title: 'Publish', call: publish, style: 'positive' }] : [],
      next: [publish],
    },
    {
      facts: entries,
      findings: findingBlocks(view.findings ?? []),
      tints: [...templateTint(view), ...tints],
      notes: lines([view.note === undefined ? '' : `Note: ${view.note}`]),
    },
  );
}

/** What would stop the build stands apart from what it goes on with. */
function findingBlocks(findings: readonly FindingView[]): readonly FindingsBlock[] {
  const stopping = findings.filter(({ severity }) => severity === 'stops');
  const others = findings.filter(({ severity }) => severity !== 'stops');
  return [
    ...findingsBlock(`! ${count(stopping.length, 'thing')} would stop the build`, stopping),
    ...findingsBlock('Seen before the build, but no reason to stop', others),
  ];
}

/** What the file of a team does not say, or says otherwise. */
function templateTint({ template }: PlanView): readonly ReturnType<typeof tintList>[] {
  if (!template) return [];
  const title = `From the template ${oneLine(template.file, 80)}, with these changes`;
  return [
    tintList(
      'emphasis',
      title,
      template.changes.map((change) => oneLine(change, 200)),
    ),
  ];
}

const dayMs = days(1);

const openFor = (ms: number): string => (ms % dayMs === 0 ? count(ms / dayMs, 'day') : duration(ms));

const working = (ms: number): string =>
  ms % workingDay === 0 ? count(ms / workingDay, 'working day') : count(Math.round(ms / hours(1)), 'working hour');

function planFacts(view: PlanView): ReturnType<typeof facts> {
  const { first = [], risks = [], expiresMs, workingHours, ...own } = view.approval;
  const decides = [...first, own].map(({ group, quorum }) => `${quorum} of ${oneLine(group, 60)}`).join(', then ');
  const names = (all: readonly string[]) =>
    list(
      all.map((name) => oneLine(name, 40)),
      8,
    );
  const was =
    view.base.was === undefined ? '' : view.base.was === view.base.version ? '(as before)' : `(was ${view.base.was})`;
  const recipe = view.recipeChanged === undefined ? '' : view.recipeChanged ? 'changed' : 'unchanged';
  return facts(
    ['Version', place(view)],
    ['Base', `${view.base.name} ${view.base.version} ${was}`],
    ['Newer base', view.base.newer !== undefined && `${view.base.newer} is out; use --from latest to take it`],
    ['Recipe', dotted(shortHash(view.recipeHash), recipe, count(view.steps.length, 'step'))],
    ['Steps', names(view.steps)],
    ['Tests', dotted(String(view.tests.length), names(view.tests))],
    ['Built on', dotted(...(view.machines?.build ?? []).map((part) => oneLine(part, 60)))],
    ['Tested on', dotted(...(view.machines?.test ?? []).map((part) => oneLine(part, 60)))],
    ['Regions', regionList(view.goesTo)],
    ['Outputs', outputFact(view.outputs)],
    ['End of life', view.endOfLife === undefined ? 'none' : day(view.endOfLife)],
    ['Approval', `${decides}, within ${workingHours ? working(expiresMs) : openFor(expiresMs)}`],
    ['By risk', risks.length > 0 && list([...risks], 4)],
    ['Change number', changeNumberFact(view.approval.changeNumber)],
    [
      'Duration',
      view.usualMs === undefined ? firstDuration(view.typicalMs) : `about ${duration(view.usualMs)}, plus approval`,
    ],
    ['Plan', view.hash === undefined ? 'not fixed yet; approval will be bound to its hash' : shortHash(view.hash)],
  );
}

/** Azure's latest is the highest number: a lower one comes after nothing. */
function place({ version, replaces }: PlanView): string {
  if (replaces === undefined) return `${version}, the first`;
  const after = compareVersions(version, replaces) > 0;
  return after ? `${version}, after ${replaces}` : `${version}, below ${replaces}, which remains the latest`;
}

function firstDuration(typicalMs: number | undefined): string {
  if (typicalMs === undefined) return 'not known before goldbot has published it once';
  return `not measured yet; Windows takes about ${duration(typicalMs)}, plus approval`;
}
