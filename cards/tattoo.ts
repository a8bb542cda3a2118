import { call } from '../core/command-call';
import type { TattooVerdict } from '../core/images';
import { type Fact, type Fold, facts, folds, type Group, lines, type Mark, markedRow, type Tone } from './parts/blocks';
import { type Button, portalLinks, showButton } from './parts/buttons';
import { capital, clip, type Instant, moment, oneLine } from './parts/format';
import { fieldName, fieldWords } from './parts/tattoo';
import type { Reply } from './reply';
import { type Sheet, sheet } from './sheet';
import template from './templates/tattoo.json';

export interface TattooSource {
  /** `Image reference`, `OS disk`, `Guest`. */
  readonly name: string;
  /** What it says: `gold/ubuntu-22/1.5.0`. Absent: it says nothing, or was not read. */
  readonly value?: string;
  /** When it was read, or why it was not. */
  readonly remark?: string;
  /** It says something else than what it is compared with. */
  readonly differs?: boolean;
}

export interface TattooView {
  readonly machine: string;
  readonly resourceId: string;
  /** Its page in Azure's portal. */
  readonly portal?: string;
  /** What follows from it all; absent: nobody has judged it yet. */
  readonly verdict?: TattooVerdict;
  /** The places that know where the machine came from; six are shown. */
  readonly sources: readonly TattooSource[];
  /** The tattoo in the guest, field by field; empty when it was not read. */
  readonly fields: readonly { readonly name: string; readonly value: string }[];
  /** The golden version or managed image that its image was built on: `gold/base-linux 1.4.0`; absent of the marketplace. */
  readonly builtFrom?: string;
  /** What agrees and what does not, one sentence each. */
  readonly findings: readonly {
    readonly mark: Extract<Mark, 'done' | 'failed' | 'needs-person' | 'skipped'>;
    readonly text: string;
  }[];
  /** The version it says it came from, if goldbot knows that version. */
  readonly image?: { readonly image: string; readonly version: string };
  /** Why nothing can be said of the image yet. */
  readonly unread?: string;
  readonly asOf: Instant;
  /** False: the asker may not have the inside of the machine read. */
  readonly canRead?: boolean;
}

const mostFields = 16;
const maxFinding = 155;

/** Where a machine came from, by the three places that know it. */
export function tattooCard(view: TattooView): Reply {
  const { image, resourceId } = view;
  const fresh: Button = {
    title: 'Read again',
    call: call('tattoo', { machine: resourceId, fresh: true }),
  };
  const show = image === undefined ? [] : [showButton(image.image, image.version)];
  return sheet(
    template,
    {
      title: headline(view),
      subtitles: [
        view.unread ?? '',
        view.verdict === 'unknown' ? 'not checked inside' : '',
        image && !isNamed(view) ? `named ${image.image} ${image.version}` : '',
      ],
      ...badgeOf(view),
      buttons: [...show, ...(view.canRead === false ? [] : [fresh])],
      links: portalLinks(view.portal),
    },
    {
      groups: [...findingGroup(view), ...sourceGroup(view)],
      folds: folds(fieldsFold(view), { title: 'Resource id', snippets: [{ label: 'Azure', text: resourceId }] }),
      notes: lines([`Read ${moment(view.asOf)}`]),
    },
  );
}

/** As the verdict has it: a machine is only said to be what somebody has looked at. */
const headlines: Readonly<Record<TattooVerdict, (machine: string, image: string) => string>> = {
  verified: (machine, image) => `${machine} is ${image}`,
  'upgraded in place': (machine) => `${machine} was upgraded in place`,
  reimaged: (machine) => `${machine} was reimaged from something else`,
  rebranded: (machine) => `${machine} is not what its image says`,
  forged: (machine) => `Nothing proves what ${machine} is`,
  unknown: (machine, image) => `${machine} was made from ${image}`,
};

function headline({ machine: name, image, verdict, unread }: TattooView): string {
  const machine = oneLine(name, 80);
  if (unread !== undefined) return `Tattoo of ${machine}`;
  if (image === undefined) return `${machine} is not known to come from a golden image`;
  const named = oneLine(`${image.image} ${image.version}`, 80);
  return headlines[verdict ?? 'unknown'](machine, named);
}

const isNamed = ({ verdict = 'unknown' }: TattooView): boolean => verdict === 'verified' || verdict === 'unknown';

const tones: Readonly<Record<Exclude<TattooVerdict, 'unknown'>, Tone>> = {
  verified: 'Good',
  'upgraded in place': 'Good',
  reimaged: 'Warning',
  rebranded: 'Attention',
  forged: 'Attention',
};

function badgeOf({ verdict }: TattooView): Pick<Sheet, 'badge'> {
  if (verdict === undefined || verdict === 'unknown') return {};
  return { badge: { text: capital(verdict), tone: tones[verdict] } };
}

/** A parent stands there in words, for its id means little to people. */
function fieldsFold({ fields, builtFrom }: TattooView): Fold {
  const named = fields.slice(0, mostFields).map(({ name, value }): Fact => {
    const words = name === 'source' && builtFrom !== undefined ? oneLine(builtFrom, 120) : fieldWords(name, value);
    return { title: oneLine(fieldName(name), 40), value: words };
  });
  return { title: 'Tattoo', facts: facts(...named.map(({ title, value }) => [title, value] as const)) };
}

function sourceGroup(view: TattooView): readonly Group[] {
  const rows = view.sources.slice(0, 6).map((source) => {
    const mark = source.value === undefined ? 'skipped' : source.differs ? 'needs-person' : 'done';
    // What a finding has said already, and not beyond where it is cut, is not said again.
    const isSaid = view.findings.some(({ text }) => text.slice(0, maxFinding).includes(source.remark ?? ''));
    const remark = source.remark === undefined || isSaid ? [] : [source.remark];
    return markedRow(mark, `${source.name}: ${clip(source.value ?? 'nothing', 110)}`, remark);
  });
  return rows.length === 0 ? [] : [{ heading: 'Where that is from', rows }];
}

function findingGroup(view: TattooView): readonly Group[] {
  const rows = view.findings.slice(0, 10).map((finding) => markedRow(finding.mark, finding.text));
  return rows.length === 0 ? [] : [{ heading: 'What is known', rows }];
}
