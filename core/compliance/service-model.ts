import { days } from '../time';
import type { Lineage } from './figures';
import type { Machine, MachineType, ServiceModel } from './inventory';

/** A machine this old has been looked after: cattle is replaced with every version, and a version lives half a year. */
const oldDays = 180;
/** Machines made within this many days come from one deployment or roll-out. */
const togetherDays = 7;

/** Evidence of whether a machine is one of many or one of its kind; what is absent is not known. */
export interface MachineEvidence {
  readonly type: MachineType;
  /** The tag `service-model` as it is written. */
  readonly tag?: string;
  /** Scale set that it belongs to. */
  readonly scaleSet?: string;
  readonly availabilitySet?: string;
  readonly series?: Series;
  /** Besides the OS disk. */
  readonly dataDisks?: number;
  readonly createdAt?: Date;
  readonly lineage?: Lineage;
  readonly upgradedInPlace?: boolean;
}

/** Machines of one resource group whose names differ only in the number at the end. */
export interface Series {
  /** `web-` of `web-01`; the whole name when it does not end in a number. */
  readonly stem: string;
  /** The machine itself included. */
  readonly machines: number;
  /** Of the same image and version, itself included. */
  readonly alike: number;
  /** Among the alike ones, between the first and the last made; absent when Azure does not say. */
  readonly spreadDays?: number;
}

export interface Classification {
  readonly model: ServiceModel | 'undecided';
  readonly confidence: 'sure' | 'likely' | 'guess';
  /** Evidence for the model comes before evidence against it. */
  readonly evidence: readonly Clue[];
}

/** One piece of evidence. */
export type Clue =
  /** Its owner has decided. */
  | { readonly clue: 'tag'; readonly model: ServiceModel }
  /** The tag holds neither word. */
  | { readonly clue: 'odd tag'; readonly value: string }
  | { readonly clue: 'scale set'; readonly name?: string }
  /** One of many; `withinDays` when they were made together. */
  | { readonly clue: 'series'; readonly stem: string; readonly alike: number; readonly withinDays?: number }
  | { readonly clue: 'availability set'; readonly name: string }
  | { readonly clue: 'data disks'; readonly disks: number }
  | { readonly clue: 'age'; readonly days: number }
  | { readonly clue: 'upgraded in place' | 'outside Azure' | 'only one of its name' | 'overdue' | 'nothing known' };

interface Weighed {
  readonly for: ServiceModel;
  readonly weight: number;
  readonly clue: Clue;
}

/** Pet or cattle: what the owner says decides, then scale sets; everything else is weighed. */
export function classifyModel(evidence: MachineEvidence, now: Date): Classification {
  const tag = evidence.tag?.trim().toLowerCase();
  if (tag === 'pet' || tag === 'cattle') {
    return { model: tag, confidence: 'sure', evidence: [{ clue: 'tag', model: tag }] };
  }
  const odd: readonly Clue[] = tag ? [{ clue: 'odd tag', value: evidence.tag ?? '' }] : [];
  if (evidence.type === 'instance' || evidence.scaleSet !== undefined) {
    const { scaleSet: name } = evidence;
    const clue: Clue = { clue: 'scale set', ...(name !== undefined && { name }) };
    return { model: 'cattle', confidence: 'sure', evidence: [clue, ...odd] };
  }
  const clues = [...cattleClues(evidence), ...petClues(evidence, now)];
  const score = clues.reduce((sum, clue) => sum + (clue.for === 'cattle' ? clue.weight : -clue.weight), 0);
  const leaning = score > 0 ? 'cattle' : 'pet';
  const sorted = clues.toSorted((a, b) => Number(b.for === leaning) - Number(a.for === leaning) || b.weight - a.weight);
  return {
    model: Math.abs(score) < 2 ? 'undecided' : leaning,
    confidence: Math.abs(score) < 3 ? 'guess' : 'likely',
    evidence: [...(clues.length > 0 ? sorted.map(({ clue }) => clue) : [{ clue: 'nothing known' } as const]), ...odd],
  };
}

function cattleClues({ series, availabilitySet: name }: MachineEvidence): readonly Weighed[] {
  const clues: Weighed[] = [];
  if (series && series.alike >= 3) {
    const { stem, alike, spreadDays } = series;
    const together = spreadDays !== undefined && spreadDays <= togetherDays;
    const clue: Clue = { clue: 'series', stem, alike, ...(together && { withinDays: Math.max(1, spreadDays) }) };
    clues.push({ for: 'cattle', weight: together ? 3 : 2, clue });
  }
  if (name !== undefined) clues.push({ for: 'cattle', weight: 1, clue: { clue: 'availability set', name } });
  return clues;
}

function petClues(evidence: MachineEvidence, now: Date): readonly Weighed[] {
  const { type, series, dataDisks: disks = 0, createdAt, lineage, upgradedInPlace } = evidence;
  const age = createdAt ? Math.floor((now.getTime() - createdAt.getTime()) / days(1)) : 0;
  const when = (holds: boolean, weight: number, clue: Clue): readonly Weighed[] =>
    holds ? [{ for: 'pet', weight, clue }] : [];
  return [
    ...when(upgradedInPlace === true, 3, { clue: 'upgraded in place' }),
    ...when(type === 'arc', 2, { clue: 'outside Azure' }),
    ...when(series?.machines === 1, 1, { clue: 'only one of its name' }),
    ...when(disks > 0, 1, { clue: 'data disks', disks }),
    ...when(age > oldDays, 1, { clue: 'age', days: age }),
    ...when(lineage === 'farBehind' || lineage === 'pastEnd', 1, { clue: 'overdue' }),
  ];
}

/** Which machines have names like its own; `neighbours` are those of its resource group, with or without itself. */
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
    ...(times.length === alike.length && { spreadDays: Math.ceil(spread / days(1)) }),
  };
}

/** A machine's name without the number at its end, in lower case. */
export function stemOf(name: string): string {
  return name.toLowerCase().replace(/\d+$/, '');
}
