import { call } from '../core/command-call';
import { facts, type Group, lines, type Mark, markedRow } from './parts/blocks';
import { type Button, showButton } from './parts/buttons';
import { clip, comparable, type Instant, moment, oneLine } from './parts/format';
import type { Reply } from './reply';
import { sheet } from './sheet';
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

/** Where a machine came from, by the three places that know it. */
export function tattooCard(view: TattooView): Reply {
  const entries = facts(
    ['Built from', view.builtFrom === undefined ? undefined : oneLine(view.builtFrom, 120)],
    ...view.fields.slice(0, 16).map(({ name, value }) => [oneLine(name, 40), comparable(value)] as const),
  );
  const groups = [...sourceGroup(view), ...findingGroup(view)];
  const notes = [`Read ${moment(view.asOf)}`, clip(view.resourceId, 300)];
  const machine = oneLine(view.machine, 80);
  const fresh: Button = {
    title: 'Read again',
    call: call('tattoo', { machine: view.resourceId, fresh: true }),
  };
  const show = view.image === undefined ? [] : [showButton(view.image.image, view.image.version)];
  return sheet(
    template,
    {
      title: `Tattoo of ${machine}`,
      subtitles: [
        view.image === undefined
          ? (view.unread ?? 'not known to come from a golden image')
          : `${view.image.image} ${view.image.version}`,
      ],
      buttons: [...show, ...(view.canRead === false ? [] : [fresh])],
    },
    { facts: entries, groups, notes: lines(notes) },
  );
}

function sourceGroup(view: TattooView): readonly Group[] {
  const rows = view.sources.slice(0, 6).map((source) => {
    const mark = source.value === undefined ? 'skipped' : source.differs ? 'needs-person' : 'done';
    const remark = source.remark === undefined ? [] : [source.remark];
    return markedRow(mark, `${source.name}: ${clip(source.value ?? 'nothing', 110)}`, remark);
  });
  return rows.length === 0 ? [] : [{ heading: 'Sources', rows }];
}

function findingGroup(view: TattooView): readonly Group[] {
  const rows = view.findings.slice(0, 10).map((finding) => markedRow(finding.mark, finding.text));
  return rows.length === 0 ? [] : [{ heading: 'Findings', rows }];
}
