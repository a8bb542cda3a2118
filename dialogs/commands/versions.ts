import { z } from 'zod';
import { versionsCard } from '../../cards';
import type { GalleryVersion } from '../../core/azure';
import { call, line } from '../../core/command-call';
import { compareVersions, latestPublished } from '../../core/images';
import { lockSentence } from '../../core/runs';
import { type Answer, choice, defineCommand, flag, imageName } from '../conversation';
import { countMachines, imageOf, publishedAt, versionRow, versionsOf } from '../present';

/** What one card can show; `--all` answers in words. */
const cardRows = 15;

/** `versions <image>`: every version with state, tattoo, end of life and who uses it. */
export const versions = defineCommand({
  verb: 'versions',
  summary: 'Lists the versions of an image: state, tattoo, end of life, machines.',
  group: 'Look',
  role: 'viewer',
  effect: 'read',
  args: z.object({
    image: imageName,
    all: flag('Every version, as text'),
    by: choice('Order', ['number', 'date']).default('number'),
  }),
  examples: ['versions ubuntu-22', 'versions ubuntu-22 --by date', 'versions ubuntu-22 --all'],

  async run(ctx, { image: name, all, by }, deps) {
    const catalogue = deps.catalogue();
    const { image, ref } = imageOf(catalogue, name);
    const [found, machines, recorded, lock] = await Promise.all([
      versionsOf(image, deps),
      countMachines(ref, deps),
      deps.reads.recordedVersions(name),
      deps.reads.lockOf(name),
    ]);
    const sorted = order(found, by);
    const latest = latestPublished(found);
    const newest = order(
      found.filter((v) => publishedAt(v)),
      'date',
    )[0];
    const rows = sorted.map((v) => ({
      ...versionRow(v, { recorded, latest: latest?.version, now: ctx.now }),
      ...(machines && { machines: machines.get(v.version) ?? 0 }),
    }));
    if (all && rows.length > cardRows) return inWords(name, rows);
    return versionsCard({
      image: name,
      os: image.title,
      gallery: catalogue.azure.gallery.name,
      versions: rows,
      total: rows.length,
      orderedBy: by,
      ...(latest && { latestByNumber: latest.version, replicas: latest.regions.map((r) => r.replicas).join(' · ') }),
      ...(lock && { lock: lockSentence(lock) }),
      ...(newest && { newestByDate: newest.version }),
      asOf: ctx.now,
      canPublish: !lock && ctx.rights.has('publisher', name),
    });
  },
});

function order(found: readonly GalleryVersion[], by: 'number' | 'date'): readonly GalleryVersion[] {
  const time = (v: GalleryVersion) => (publishedAt(v) ?? v.createdAt)?.getTime() ?? 0;
  const byNumber = (a: GalleryVersion, b: GalleryVersion) => compareVersions(b.version, a.version);
  return [...found].sort((a, b) => (by === 'date' ? time(b) - time(a) || byNumber(a, b) : byNumber(a, b)));
}

function inWords(image: string, rows: readonly ReturnType<typeof versionRow>[]): Answer {
  const lines = rows.map((row) => {
    const published =
      row.publishedAt === undefined ? 'not published' : new Date(row.publishedAt).toISOString().slice(0, 10);
    return `${row.version} · ${row.state}${row.copyOf === undefined ? '' : `, copy of ${row.copyOf}`} · ${row.base ?? 'no tattoo'} · ${published}`;
  });
  const shown = lines.slice(0, 200);
  const rest = lines.length > shown.length ? [`… and ${lines.length - shown.length} more`] : [];
  return {
    text: [`${rows.length} versions of ${image}`, ...shown, ...rest, line(call('versions', { image }))].join('\n'),
  };
}
