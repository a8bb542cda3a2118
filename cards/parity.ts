import { type CommandCall, call } from '../core/command-call';
import type { Gap } from '../core/compliance';
import { lines } from './parts/blocks';
import { type FindingView, findingsBlock } from './parts/findings';
import { count, dotted, type Instant, moment, oneLine } from './parts/format';
import { gapTints } from './parts/gaps';
import type { Reply } from './reply';
import { sheet } from './sheet';
import template from './templates/parity.json';

export interface ParityView {
  /** Names of the galleries. */
  readonly first: string;
  readonly second: string;
  /** The one image that was asked about. */
  readonly image?: string;
  /** Versions that the first gallery offers. */
  readonly offered: number;
  /** What nobody should take from the second gallery; `stops` in the words of findings. */
  readonly wrong: readonly FindingView[];
  readonly missing: readonly FindingView[];
  readonly otherwise: readonly FindingView[];
  /** What whoever asks may have goldbot mend. */
  readonly copy?: readonly { readonly what: string; readonly call: CommandCall }[];
  /** Figures that Azure did not tell whole. */
  readonly gaps: readonly Gap[];
  readonly asOf: Instant;
}

const mostButtons = 3;

/** How the second gallery differs from the first, each with what mends it. */
export function parityCard(view: ParityView): Reply {
  const { first, image, offered, wrong, missing, otherwise, copy = [] } = view;
  const differences = wrong.length + missing.length + otherwise.length;
  return sheet(
    template,
    {
      title: headline(view),
      subtitles: [
        dotted(
          image !== undefined && oneLine(image, 60),
          differences === 0 ? 'no difference' : count(differences, 'difference'),
          `${count(offered, 'version')} offered by ${oneLine(first, 60)}`,
        ),
      ],
      buttons: copy
        .slice(0, mostButtons)
        .map(({ what, call: given }) => ({ title: `Copy ${oneLine(what, 60)}`, call: given })),
      next: [call('parity', image === undefined ? {} : { image })],
    },
    {
      tints: gapTints(view.gaps, 3),
      paragraphs: lines(offered === 0 ? ['There is nothing to compare.'] : []),
      findings: [
        ...findingsBlock('Nobody should take', wrong),
        ...findingsBlock('Missing there', missing),
        ...findingsBlock('Said otherwise there', otherwise),
      ],
      notes: lines([
        [...wrong, ...missing, ...otherwise].some(({ commands }) => commands.some((one) => one.startsWith('az ')))
          ? 'Commands that begin with az are for an Azure administrator; the others ask goldbot.'
          : '',
        `As of ${moment(view.asOf)}; what was copied or changed since is seen a few minutes later.`,
      ]),
    },
  );
}

/** What is wrong hurts more than what is missing. */
function headline({ first, second, image, offered, wrong, missing, otherwise, gaps }: ParityView): string {
  const [one, other] = [oneLine(first, 60), oneLine(second, 60)];
  const of = image === undefined ? '' : ` of ${oneLine(image, 60)}`;
  if (wrong.length > 0) return `${other} offers ${count(wrong.length, 'version')}${of} that nobody should take`;
  if (missing.length > 0) return `${other} lacks ${count(missing.length, 'thing')}${of} that ${one} has`;
  if (otherwise.length > 0) return `${other} says ${count(otherwise.length, 'thing')}${of} otherwise than ${one}`;
  if (gaps.length > 0) return `Whether ${other} has what ${one} offers${of} is not known`;
  return offered === 0 ? `${one} offers no version${of} yet` : `${other} has all that ${one} offers${of}`;
}
