import { sha256 } from '../core/hash';
import type { Checkpoint } from '../core/provenance';
import type { KeptCheckpoint } from './checkpoints';

/** Entries held together by hashes, taken one after the other: from the database, or from files that were written of it. */

export interface AuditRow {
  readonly seq: number;
  readonly at: Date;
  /** What is hashed, as it is hashed. */
  readonly entry: string;
  readonly prev: string;
  readonly hash: string;
}

export interface Broken {
  readonly intact: false;
  readonly firstBroken: number;
  readonly upTo?: number;
  readonly why: string;
}

export const broken = (firstBroken: number, why: string, upTo = firstBroken): Broken => ({
  ...{ intact: false, firstBroken, why },
  ...(upTo > firstBroken && { upTo }),
});

interface Anchored {
  /** What comes before is taken for true; the first entry when absent. */
  readonly from?: Pick<Checkpoint, 'entries' | 'head'> & { readonly at?: string };
  /** Those over no more entries than `from` are not looked at. */
  readonly anchors: readonly KeptCheckpoint[];
  /** Heads of the checkpoints that there are, by their number of entries; nobody looks whether one is gone when absent. */
  readonly known?: ReadonlyMap<number, string>;
}

/** How far the chain fits, from the first on. */
export class Chain {
  seq: number;
  hash: string;
  /** The newest checkpoint that it fits. */
  fits: Pick<Checkpoint, 'entries' | 'at'> | undefined;
  private readonly anchors: KeptCheckpoint[];
  private readonly known: Anchored['known'];

  constructor({ from, anchors, known }: Anchored) {
    this.seq = from?.entries ?? 0;
    this.hash = from?.head ?? '';
    this.fits = from?.at === undefined ? undefined : { entries: from.entries, at: from.at };
    this.anchors = anchors.filter(({ entries }) => entries > this.seq).sort((a, b) => a.entries - b.entries);
    this.known = known;
  }

  /** The next entry; what is wrong when it does not follow. */
  take(row: AuditRow): Broken | undefined {
    const why = brokenLink(row, this.seq, this.hash) ?? (this.known && goneCheckpoint(row, this.known));
    if (why) return broken(this.seq + 1, why);
    for (let [anchor] = this.anchors; anchor?.entries === row.seq; [anchor] = this.anchors) {
      const against = unfit(anchor, row);
      if (against) return broken((this.fits?.entries ?? 0) + 1, against, row.seq);
      this.fits = { entries: anchor.entries, at: anchor.at };
      this.anchors.shift();
    }
    [this.seq, this.hash] = [row.seq, row.hash];
    return undefined;
  }

  /** What is wrong where nothing follows: a checkpoint counts more. */
  cutOff(): Broken | undefined {
    const [ahead] = this.anchors;
    return ahead && broken(this.seq + 1, `the checkpoint of ${ahead.at} counts ${ahead.entries} entries`);
  }

  verdict<Of extends { readonly intact: boolean }>(found: Of) {
    return { ...found, entries: this.seq, ...(this.fits && { checkpoint: this.fits }) };
  }
}

export function chained(seq: number, prev: string, entry: string): string {
  return sha256(`${seq}\n${prev}\n${entry}`);
}

export function brokenLink(row: AuditRow, seq: number, hash: string): string | undefined {
  if (row.seq !== seq + 1) return 'the entry is missing';
  if (row.prev !== hash) return 'the entry does not follow the one before it';
  if (row.hash !== chained(row.seq, row.prev, row.entry)) return 'the entry was edited';
  if (row.at.toISOString() !== (JSON.parse(row.entry) as { at: string }).at) return 'the time of the entry was edited';
  return undefined;
}

function unfit({ at, head, against }: KeptCheckpoint, { hash, seq }: AuditRow): string | undefined {
  if (against !== undefined) return `the checkpoint over ${seq} entries ${against}`;
  if (head !== hash) return `entry ${seq} is not the one that the checkpoint of ${at} was signed over`;
  return undefined;
}

/** The chain tells of each checkpoint: one that was taken out of its table is missed here. */
function goneCheckpoint({ entry }: AuditRow, known: ReadonlyMap<number, string>): string | undefined {
  if (!entry.includes('"action":"checkpoint"')) return undefined;
  const { action, detail } = JSON.parse(entry) as { action: string; detail: { entries?: number; head?: string } };
  if (action !== 'checkpoint' || known.get(detail.entries ?? 0) === detail.head) return undefined;
  return 'the checkpoint that the entry tells of is gone';
}
