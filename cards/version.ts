import { call } from '../core/command-call';
import { type DecisionView, guardFact } from './approval';
import {
  type Fact,
  type FactGroup,
  type Fold,
  facts,
  folds,
  type Group,
  lines,
  type Mark,
  markedRow,
  type Tint,
  tint,
} from './parts/blocks';
import { type Button, diffButton, insideButton, logsButton, portalLinks, subscribeButton } from './parts/buttons';
import { type FoundView, findingWords } from './parts/contents';
import { clip, clock, comparable, count, day, dotted, type Instant, list, number, oneLine } from './parts/format';
import { fieldName, fieldWords } from './parts/tattoo';
import type { Reply } from './reply';
import type { RegionView } from './run';
import { sheet } from './sheet';
import template from './templates/version.json';
import { type SignatureView, signatureWords } from './verify';
import { stateText, stateTone, type VersionState } from './versions';

export interface TattooField {
  /** `source`. */
  readonly name: string;
  /** What the tags of the gallery version say; absent when the tag is missing. */
  readonly value?: string;
  /** What goldbot wrote, from its run; absent when the run is not known. */
  readonly expected?: string;
}

/** Something that was made of the version beside the one in the gallery. */
export interface OutputView {
  /** `managed image ubuntu-22-1.6.0`. */
  readonly what: string;
  /** Resource id or address. */
  readonly place: string;
  readonly mark: Mark;
  /** `in place`, or what is wrong. */
  readonly detail: string;
}

export interface VersionView {
  readonly image: string;
  /** Resource id. */
  readonly id: string;
  /** Its page in Azure's portal. */
  readonly portal?: string;
  readonly version: string;
  readonly state: VersionState;
  readonly gallery: string;
  readonly tattoo: readonly TattooField[];
  /** What proves that it is not the version that goldbot built and tested: `source: a → b`. Absent: nothing does. */
  readonly forged?: readonly string[];
  readonly regions: readonly RegionView[];
  /** Absent: none was planned, or the run is not known. */
  readonly outputs?: readonly OutputView[];
  /** The image's latest by number; absent when there is none. */
  readonly latest?: string;
  /** Excluded from latest: not taken by "latest", scale sets or new VMs without a number. */
  readonly excludedFromLatest: boolean;
  readonly publishedAt?: Instant;
  readonly endOfLife?: Instant;
  /** The number that it is a copy of, and the run that made it where its tags tell. */
  readonly copyOf?: { readonly version: string; readonly run?: string };
  /** What the tattoo names as source, in words: `gold/base-linux 1.4.0`. */
  readonly builtFrom?: string;
  /** Versions of other images that were built from it: `payments-base 1.0.0`. */
  readonly baseOf?: readonly string[] | 'not known';
  readonly replaces?: string;
  readonly replacedBy?: string;
  /** How far its birth certificate is; absent when it has none. */
  readonly certificate?: SignatureView;
  readonly runId?: string;
  readonly requestedBy?: string;
  /** What was asked about it; absent when the run is not known, or nobody was asked. */
  readonly approval?: {
    readonly id: string;
    readonly approvers: readonly Pick<DecisionView, 'name' | 'of' | 'inPlaceOf'>[];
    /** What counted as a risk when people were asked, a clause each. */
    readonly risks: readonly string[];
    /** How many approvals a risk made necessary; absent: none asked for more than the rule does. */
    readonly raisedTo?: number;
    /** What stood guard over it otherwise than over the version before: `quorum 2 → 1`. */
    readonly guard?: readonly string[];
    /** The version before; absent for the first. */
    readonly since?: string;
    /** Under which change it was approved. */
    readonly changeNumber?: string;
  };
  /** Absent: the catalogue has no list, or what is inside is not known. */
  readonly vulnerabilities?: FoundView;
  /** Absent: not counted. */
  readonly machines?: number;
  readonly asOf: Instant;
}

/** One version in full: state, tattoo, regions, and how it came about. */
export function versionCard(view: VersionView): Reply {
  const entries = facts(
    ['Latest', latest(view)],
    [
      'Copy of',
      view.copyOf && dotted(view.copyOf.version, view.copyOf.run && `made in ${oneLine(view.copyOf.run, 20)}`),
    ],
    ['Built from', view.builtFrom && oneLine(view.builtFrom, 120)],
    ['Base of', baseOf(view)],
    ['Replaces', view.replaces],
    ['Replaced by', view.replacedBy],
    ['Vulnerabilities', view.vulnerabilities && findingWords(view.vulnerabilities)],
    ['Machines', view.machines === undefined ? 'not counted' : number(view.machines)],
    ['Certificate', view.certificate && signatureWords(view.certificate)],
    ['Tattoo', tattooSentence(view)],
  );
  const tints = tattooTints(view);
  const groups = [...regionGroup(view.regions), ...outputGroup(view.outputs)];
  const asOf = `As of ${clock(view.asOf)}`;
  return sheet(
    template,
    {
      title: `${view.image} ${view.version}`,
      subtitles: [
        dotted(
          view.publishedAt === undefined ? 'not published' : `published ${day(view.publishedAt)}`,
          view.endOfLife === undefined ? 'no end of life' : `end of life ${day(view.endOfLife)}`,
          `gallery ${oneLine(view.gallery, 60)}`,
        ),
      ],
      badge: { text: stateText(view.state), tone: stateTone(view.state) },
      buttons: buttons(view),
      links: portalLinks(view.portal),
      next: [call('versions', { image: view.image })],
    },
    {
      ...{ tints, facts: entries, factGroups: differingGroup(view.tattoo), groups },
      folds: folds(usage(view), approvalFold(view), tattooFold(view)),
      notes: lines([asOf]),
    },
  );
}

/** What nobody is to take is not offered: versions that are bad, over, or not public yet. */
const offered: ReadonlySet<VersionState> = new Set(['latest', 'current']);

/** For whoever makes machines of it: its id as Bicep and Terraform have it, to be copied. */
function usage({ id, state }: VersionView): Fold {
  if (!offered.has(state)) return { title: 'Use it' };
  const snippets = [
    { label: 'Bicep', text: `imageReference: { id: '${id}' }` },
    { label: 'Terraform', text: `source_image_id = "${id}"` },
  ];
  return { title: 'Use it', snippets };
}

/** Whose run made it, who let it through, and what they were to look at. */
function approvalFold(view: VersionView): Fold {
  const { runId, requestedBy } = view;
  const run = dotted(runId, requestedBy !== undefined && `requested by ${oneLine(requestedBy, 60)}`);
  return { title: 'Approval', heading: 'Run and approval', facts: facts(['Run', run], ...approvalFacts(view)) };
}

function approvalFacts({ approval }: VersionView): readonly (readonly [string, string | undefined])[] {
  if (!approval) return [];
  const { approvers, risks, raisedTo, guard, since, changeNumber } = approval;
  const found = list(
    risks.map((risk) => oneLine(risk, 80)),
    6,
  );
  const raised = raisedTo !== undefined && `so it took ${count(raisedTo, 'approval')}`;
  return [
    ['Counted as risks', dotted(found === '' ? 'nothing that goldbot looks for' : found, raised)],
    ['Tests and approval', guardFact(guard, since)],
    ['Approved by', list(approvers.map(approverWords), 6)],
    ['Change number', changeNumber],
  ];
}

function approverWords({ name, of, inPlaceOf }: Pick<DecisionView, 'name' | 'of' | 'inPlaceOf'>): string {
  const place = inPlaceOf === undefined ? '' : ` on behalf of ${oneLine(inPlaceOf, 40)}`;
  return `${oneLine(name, 60)}${place}${of === undefined ? '' : ` for ${oneLine(of, 40)}`}`;
}

function baseOf({ baseOf: built = [] }: VersionView): string {
  return built === 'not known' ? 'Azure did not say' : list(built, 6);
}

/** Of the latest its badge says so. */
function latest({ version, latest: is, excludedFromLatest }: VersionView): string | undefined {
  if (is === version) return undefined;
  const so = is === undefined ? 'no' : `no; ${is} is`;
  return excludedFromLatest ? `${so} (excluded from latest)` : so;
}

function differs(field: TattooField): boolean {
  return field.value === undefined || (field.expected !== undefined && field.expected !== field.value);
}

const mostFields = 10;

/** What is not as it was written stays in sight, as it stands in the tags. */
function differingGroup(tattoo: readonly TattooField[]): readonly FactGroup[] {
  const wrong = tattoo.filter(differs).slice(0, mostFields);
  if (wrong.length === 0) return [];
  const entries = wrong.map(({ name, value, expected }): Fact => {
    const wrote = expected !== undefined && `goldbot wrote ${comparable(expected)}`;
    return { title: oneLine(`! ${fieldName(name)}`, 24), value: dotted(comparable(value ?? 'no tag'), wrote) };
  });
  return [{ heading: 'Tags that are not as they were', facts: entries }];
}

function tattooFold({ tattoo }: VersionView): Fold {
  const entries = tattoo.slice(0, mostFields).map(({ name, value }) => {
    return { title: oneLine(fieldName(name), 24), value: value === undefined ? 'no tag' : fieldWords(name, value) };
  });
  const tags = tattoo.slice(0, mostFields).flatMap(({ name, value }) => {
    return value === undefined ? [] : [`goldbot-${oneLine(name, 40)}: ${oneLine(value, 200)}`];
  });
  const snippets = tags.length === 0 ? [] : [{ label: 'As they are there', text: tags.join('\n') }];
  return { title: 'Tattoo', heading: 'Tattoo, from the tags', facts: entries, snippets };
}

/** Where something is wrong, the tinted words say it. */
function tattooSentence({ tattoo, forged = [] }: VersionView): string | undefined {
  const isProven = tattoo.length > 0 && tattoo.every((field) => field.expected !== undefined && !differs(field));
  return isProven && forged.length === 0 ? `✓ all ${tattoo.length} fields are as goldbot wrote them` : undefined;
}

function tattooTints({ tattoo, forged = [] }: VersionView): readonly Tint[] {
  if (forged.length > 0) {
    const what = `: not the version that goldbot built and tested. Trust nothing that was made from it. ${list(
      forged.map((part) => oneLine(part, 160)),
      4,
    )}`;
    return [tint('attention', '✗ Forged', what)];
  }
  if (tattoo.length === 0)
    return [tint('warning', '! No tattoo', ': goldbot did not build this version, or its tags were removed.')];
  const wrong = tattoo.filter(differs).map((field) => oneLine(fieldName(field.name), 40));
  if (wrong.length === 0) return [];
  return [tint('attention', '! The tags are not as goldbot wrote them', `: ${list(wrong, 8)}`)];
}

function regionGroup(regions: readonly RegionView[]): readonly Group[] {
  if (regions.length === 0) return [];
  const rows = regions
    .slice(0, 10)
    .map((region) =>
      markedRow(region.mark, `${clip(region.name, 60)} ×${region.replicas}`, [], oneLine(region.detail ?? '', 60)),
    );
  return [{ heading: 'Regions', rows }];
}

function outputGroup(outputs: readonly OutputView[] = []): readonly Group[] {
  const rows = outputs
    .slice(0, 4)
    .map(({ mark, what, place, detail }) =>
      markedRow(mark, oneLine(what, 100), [oneLine(place, 300)], oneLine(detail, 80)),
    );
  return rows.length === 0 ? [] : [{ heading: 'Besides the gallery', rows }];
}

function buttons(view: VersionView): readonly Button[] {
  const diff = view.replaces === undefined ? [] : [diffButton(view.image, view.replaces, view.version)];
  const inside = view.runId === undefined ? [] : [insideButton(view.image, view.version)];
  const logs = view.runId === undefined ? [] : [logsButton(view.runId)];
  return [...diff, ...inside, ...logs, subscribeButton(view.image)];
}
