import { many } from '../phrases';
import type { Lineage } from './figures';
import type { Machine, MachineType, ServiceModel } from './inventory';

const day = 86_400_000;
/** A machine that old was cared for: cattle is replaced with every version, and versions live for half a year. */
const oldDays = 180;
/** Machines made within so many days were made by one deployment or roll-out. */
const togetherDays = 7;

/** What speaks about whether a machine is one of many or one of its kind; what is absent is not known. */
export interface MachineEvidence {
  readonly type: MachineType;
  /** The tag `service-model` as it is written. */
  readonly tag?: string;
  /** Scale set that it belongs to. */
  readonly scaleSet?: string;
  readonly availabilitySet?: string;
  readonly series?: Series;
  /** Beside the OS disk. */
  readonly dataDisks?: number;
  readonly createdAt?: Date;
  readonly lineage?: Lineage;
  readonly upgradedInPlace?: boolean;
}

/** Machines of one resource group whose names differ in the number at the end alone. */
export interface Series {
  /** `web-` of `web-01`; the whole name when it ends in no number. */
  readonly stem: string;
  /** The machine itself included. */
  readonly machines: number;
  /** Of the same image and version, itself included. */
  readonly alike: number;
  /** Of the alike ones: between the first and the last that was made; absent when Azure does not say. */
  readonly spreadDays?: number;
}

export interface Classification {
  readonly model: ServiceModel | 'undecided';
  readonly confidence: 'sure' | 'likely' | 'guess';
  /** Sentences; what speaks for the model stands before what speaks against it. */
  readonly evidence: readonly string[];
}

interface Clue {
  readonly for: ServiceModel;
  readonly weight: number;
  readonly sentence: string;
}

/** Pet or cattle: what the owner says decides, then scale sets; everything else is weighed. */
export function classifyModel(evidence: MachineEvidence, now: Date): Classification {
  const tag = evidence.tag?.trim().toLowerCase();
  if (tag === 'pet' || tag === 'cattle') {
    return { model: tag, confidence: 'sure', evidence: [`Its owner says so: the tag service-model is ${tag}.`] };
  }
  const odd = tag ? [`Its tag service-model says "${evidence.tag}", which is neither pet nor cattle.`] : [];
  if (evidence.type === 'instance' || evidence.scaleSet !== undefined) {
    const which = evidence.scaleSet === undefined ? 'a scale set' : `the scale set ${evidence.scaleSet}`;
    return { model: 'cattle', confidence: 'sure', evidence: [`It belongs to ${which}.`, ...odd] };
  }
  const clues = [...cattleClues(evidence), ...petClues(evidence, now)];
  const score = clues.reduce((sum, clue) => sum + (clue.for === 'cattle' ? clue.weight : -clue.weight), 0);
  const leaning = score > 0 ? 'cattle' : 'pet';
  const sorted = clues.toSorted((a, b) => Number(b.for === leaning) - Number(a.for === leaning) || b.weight - a.weight);
  return {
    model: Math.abs(score) < 2 ? 'undecided' : leaning,
    confidence: Math.abs(score) < 3 ? 'guess' : 'likely',
    evidence: [
      ...(clues.length > 0 ? sorted.map((clue) => clue.sentence) : ['Nothing is known that says it.']),
      ...odd,
    ],
  };
}

function cattleClues({ series, availabilitySet }: MachineEvidence): readonly Clue[] {
  const clues: Clue[] = [];
  if (series && series.alike >= 3) {
    const together = series.spreadDays !== undefined && series.spreadDays <= togetherDays;
    const when = together ? `, made within ${many(Math.max(1, series.spreadDays ?? 0), 'day')}` : '';
    const sentence = `It is one of ${series.alike} of one image and version named ${series.stem}N${when}.`;
    clues.push({ for: 'cattle', weight: together ? 3 : 2, sentence });
  }
  if (availabilitySet !== undefined) {
    clues.push({ for: 'cattle', weight: 1, sentence: `It shares the availability set ${availabilitySet}.` });
  }
  return clues;
}

function petClues(evidence: MachineEvidence, now: Date): readonly Clue[] {
  const { type, series, dataDisks = 0, createdAt, lineage, upgradedInPlace } = evidence;
  const age = createdAt ? Math.floor((now.getTime() - createdAt.getTime()) / day) : 0;
  const clue = (holds: boolean, weight: number, sentence: string): readonly Clue[] =>
    holds ? [{ for: 'pet', weight, sentence }] : [];
  return [
    ...clue(upgradedInPlace === true, 3, 'It was upgraded in place instead of being replaced.'),
    ...clue(type === 'arc', 2, 'It runs outside Azure: no image of the gallery can replace it.'),
    ...clue(series?.machines === 1, 1, 'No other machine of its resource group is named like it.'),
    ...clue(dataDisks > 0, 1, `It has ${many(dataDisks, 'data disk')} of its own.`),
    ...clue(age > oldDays, 1, `It has been there for ${many(age, 'day')}.`),
    ...clue(lineage === 'farBehind' || lineage === 'pastEnd', 1, 'Its version should have been replaced long ago.'),
  ];
}

/** Which machines beside it are named like it; `neighbours` are those of its resource group, itself or not. */
export function seriesOf(machine: Machine, neighbours: readonly Machine[]): Series {
  const stem = stemOf(machine.name);
  const others = neighbours.filter((n) => n.id.toLowerCase() !== machine.id.toLowerCase() && stemOf(n.name) === stem);
  const alike = [machine, ...others.filter((n) => n.source === machine.source && n.version === machine.version)];
  const times = alike.flatMap((n) => n.createdAt?.getTime() ?? []).sort((a, b) => a - b);
  const spread = (times.at(-1) ?? 0) - (times[0] ?? 0);
  return {
    stem,
    machines: others.length + 1,
    alike: alike.length,
    ...(times.length === alike.length && { spreadDays: Math.ceil(spread / day) }),
  };
}

function stemOf(name: string): string {
  return name.toLowerCase().replace(/\d+$/, '');
}

/** What to do about a machine that should move to another version. */
export function adviceFor(model: Classification['model'], machine: string): string {
  switch (model) {
    case 'cattle':
      return 'Redeploy it from the newest version in the next maintenance window.';
    case 'pet':
      return 'Agree on an appointment with its owner: it is rebuilt or upgraded by hand.';
    case 'undecided':
      return `Say what it is: \`classify ${machine} pet --reason "…"\`, or cattle.`;
  }
}
