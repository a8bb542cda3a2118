import { z } from 'zod';
import { type CostRow, costCard } from '../../cards';
import type { GalleryVersion } from '../../core/azure';
import { costOfCopies, sizeOf } from '../../core/costs';
import { compareVersions, latestPublished } from '../../core/images';
import { defineCommand, imageName } from '../conversation';
import { countMachines, imageOf, pricesOf, savedBy, versionState, versionsOf } from '../present';

/** `cost <image>`: what the copies of its versions cost a month, and what retiring each would save. */
export const cost = defineCommand({
  verb: 'cost',
  summary: 'Tells what the copies of an image cost a month at list prices, and what retiring a version saves.',
  group: 'Look',
  role: 'viewer',
  effect: 'read',
  args: z.object({ image: imageName }),
  examples: ['cost ubuntu-22'],

  async run(ctx, { image: name }, deps) {
    const catalogue = deps.catalogue();
    const { image, ref } = imageOf(catalogue, name);
    const [found, keeps, prices, machines, recorded] = await Promise.all([
      versionsOf(image, deps),
      deps.read.keepsDeleted(ref),
      pricesOf(deps),
      countMachines(ref, deps),
      deps.reads.recordedVersions(name),
    ]);
    const latest = latestPublished(found)?.version;
    const sorted = [...found].sort((a, b) => compareVersions(b.version, a.version));
    const rows = sorted.map((version): CostRow => {
      const known = costOfCopies(version, prices);
      const state = versionState(version, { recorded, latest, now: ctx.now });
      const saves = savedBy(version, keeps, prices);
      const gib = sizeOf(version);
      return {
        ...{ version: version.version, state, copies: copiesOf(version) },
        ...(gib !== undefined && { gib }),
        ...(known && { usd: known.usd }),
        ...(saves !== undefined && { saves }),
        ...(machines && { machines: machines.get(version.version) ?? 0 }),
      };
    });
    const unpriced = new Set(found.flatMap((version) => costOfCopies(version, prices)?.unpriced ?? []));
    return costCard({
      ...{ image: name, gallery: catalogue.azure.gallery.name, versions: rows, unpriced: [...unpriced] },
      ...{ keeps, source: prices.source, asOf: ctx.now },
    });
  },
});

const copiesOf = ({ regions }: GalleryVersion): number => regions.reduce((sum, { replicas }) => sum + replicas, 0);
