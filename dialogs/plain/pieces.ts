import type { Catalogue } from '../../core/catalogue';

/** What a sentence names, each under the name that commands use, in the order in which it was said. */
export interface Slots {
  readonly image: readonly string[];
  /** Something that is written like an image and is none: `ubuntu-24`. */
  readonly noImage: readonly string[];
  readonly version: readonly string[];
  readonly run: readonly string[];
  readonly team: readonly string[];
  readonly machine: readonly string[];
  readonly person: readonly string[];
  readonly group: readonly string[];
  readonly channel: readonly string[];
  /** `+3mo` or a day. */
  readonly until: readonly string[];
  readonly days: readonly string[];
  /** `sat`, said as the day on which something is done. */
  readonly weekday: readonly string[];
  /** `22:00`. */
  readonly clock: readonly string[];
  readonly region: readonly string[];
  /** How many versions stay. */
  readonly keep: readonly string[];
  /** How many lines of a log. */
  readonly lines: readonly string[];
  /** Of a subscription or a tenant. */
  readonly id: readonly string[];
  readonly base: readonly string[];
  /** Words that nothing explains: a package, a person. */
  readonly unknown: readonly string[];
}

export type SlotName = Exclude<keyof Slots, 'unknown'>;

/** A word of the sentence, or what stands in its place. */
export interface Piece {
  readonly shape: string;
  readonly word: string;
  readonly slot?: SlotName;
  readonly value?: string;
}

/** What slots are found by. */
export interface World {
  readonly catalogue: Catalogue;
  readonly now: Date;
}

/** Words as a person of this catalogue may write an image, without signs: `ubuntu2204`, `u22`, `jammy`. */
export interface Names {
  readonly images: ReadonlyMap<string, string>;
  /** What images are called before their number: `ubuntu`. */
  readonly families: ReadonlySet<string>;
  readonly longest: number;
  readonly teams: readonly string[];
  readonly groups: readonly string[];
  /** As the catalogue writes them, by their letters alone. */
  readonly regions: ReadonlyMap<string, string>;
}

export interface Looking {
  readonly words: readonly string[];
  readonly at: number;
  readonly names: Names;
  readonly world: World;
}

export interface Found {
  readonly count: number;
  readonly pieces: readonly Piece[];
}

export type Finder = (looking: Looking) => Found | undefined;

export function piece(slot: SlotName, value: string, shape = `<${slot}>`): Piece {
  return { shape, word: value, slot, value };
}
