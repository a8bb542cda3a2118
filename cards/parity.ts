import { call } from '../core/command-call';
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
  /** Figures that Azure did not tell whole. */
  readonly gaps: readonly Gap[];
  readonly asOf: Instant;
}

/** How the second gallery differs from the first, each with what mends it. */
export function parityCard(view: ParityView): Reply {
  const { first, second, image, offered, wrong, missing, otherwise } = view;
  const differences = wrong.length + missing.length + otherwise.length;
  const whole = `${oneLine(second, 60)} has what ${oneLine(first, 60)} offers${image === undefined ? '' : ` of ${oneLine(image, 60)}`}.`;
  const none = offered === 0 ? `${oneLine(first, 60)} offers no version yet: there is nothing to compare.` : whole;
  return sheet(
    template,
    {
      title: `Second gallery ${oneLine(second, 60)}`,
      subtitles: [
        dotted(
          image !== undefined && oneLine(image, 60),
          differences === 0 ? 'no difference' : count(differences, 'difference'),
          `${count(offered, 'version')} offered by ${oneLine(first, 60)}`,
        ),
      ],
      buttons: [],
      next: [call('parity', image === undefined ? {} : { image })],
    },
    {
      tints: gapTints(view.gaps, 3),
      paragraphs: lines(differences === 0 && view.gaps.length === 0 ? [none] : []),
      findings: [
        ...findingsBlock('Nobody should take', wrong),
        ...findingsBlock('Missing there', missing),
        ...findingsBlock('Said otherwise there', otherwise),
      ],
      notes: lines([
        differences === 0
          ? ''
          : 'goldbot writes nothing into the second gallery: an Azure administrator runs these commands.',
        `As of ${moment(view.asOf)}; what was copied or changed since is seen some minutes later.`,
      ]),
    },
  );
}
