import { type Line, lines } from './blocks';
import { clip, oneLine } from './format';

/** What a look has found. */
export interface FindingView {
  /** `stops`: it does not work; `warns`: it works all the same; `unseen`: goldbot could not look. */
  readonly severity: 'stops' | 'warns' | 'unseen';
  readonly why: string;
  /** An imperative sentence; its commands follow. */
  readonly mend: string;
  /** To be copied as they stand. */
  readonly commands: readonly string[];
  /** What comes of it: a sentence; absent where `why` says it. */
  readonly so?: string;
}

/** Findings under one heading. Texts that wrap and are not broken: what is copied out of them can be run. */
export interface FindingsBlock {
  readonly title: string;
  readonly items: readonly {
    readonly text: string;
    readonly weight: 'Bolder' | 'Default';
    readonly mends: readonly Line[];
    readonly commands: readonly Line[];
  }[];
}

/** Azure's longest ids with room around them: a command that is cut helps nobody. */
const longestCommand = 1_500;

/** Findings shown on one card; the rest is counted. */
const shownAtMost = 15;

export function findingsBlock(title: string, findings: readonly FindingView[]): readonly FindingsBlock[] {
  if (findings.length === 0) return [];
  const rest = findings.length - shownAtMost;
  const more = {
    text: `… and ${rest} more, which are shown once these are fixed.`,
    weight: 'Default',
    mends: [],
    commands: [],
  } as const;
  return [{ title, items: [...findings.slice(0, shownAtMost).map(itemOf), ...(rest > 0 ? [more] : [])] }];
}

function itemOf({ severity, why, so = '', mend, commands }: FindingView): FindingsBlock['items'][number] {
  const sign = severity === 'unseen' ? '?' : '!';
  return {
    text: `${sign} ${[why, so]
      .map((one) => oneLine(one, 500))
      .join(' ')
      .trim()}`,
    weight: severity === 'unseen' ? 'Default' : 'Bolder',
    mends: lines([mend], 400),
    commands: commands.map((command) => ({ text: clip(command, longestCommand) })),
  };
}
