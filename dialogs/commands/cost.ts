import { z } from 'zod';
import { type CostRow, costCard, costsCard } from '../../cards';
import { definitionsOf, machinesByTeam, partial, questions } from '../../core/compliance';
import { costOfCopies, estateCost, versionCost } from '../../core/costs';
import { compareVersions, galleryRef, goldenImages, latestPublished } from '../../core/images';
import { type Answer, type CommandContext, type Deps, defineCommand, imageName } from '../conversation';
import { countMachines, imageOf, pricesOf, versionState, versionsOf } from '../present';

/** `cost [image]`: what the copies of versions cost a month, and what retiring each would save; of all images together. */
export const cost = defineCommand({
  verb: 'cost',
  summary: 'Tells what the copies of images cost a month at list prices, and what retiring a version saves.',
  group: 'Look',
  role: 'viewer',
  effect: 'read',
  args: z.object({ image: imageName.optional() }),
  examples: ['cost', 'cost ubuntu-22'],

  run: (ctx, { image }, deps) => (image === undefined ? ofAll(ctx, deps) : ofImage(ctx, image, deps)),
});

async function ofImage(ctx: CommandContext, name: string, deps: Deps): Promise<Answer> {
  const catalogue = deps.catalogue();
  const { image, ref } = imageOf(catalogue, name);
  const [found, keeps, prices, machines, recorded] = await Promise.all([
    versionsOf(image, deps),
    deps.read.keepsDeleted(ref),
    pricesOf(deps),
    countMachines(ref, deps),
    deps.reads.recordedVersions(name),
  ]);
  const latest = latestPublished([...found])?.version;
  const sorted = [...found].sort((a, b) => compareVersions(b.version, a.version));
  const rows = sorted.map((version): CostRow => {
    const { standing: _, ...figures } = versionCost({ ...version, image: name }, { prices, keeps, latest });
    return {
      ...figures,
      state: versionState(version, { recorded, latest, now: ctx.now }),
      ...(machines && { machines: machines.get(version.version) ?? 0 }),
    };
  });
  const unpriced = new Set(found.flatMap((version) => costOfCopies(version, prices)?.unpriced ?? []));
  return costCard({
    ...{ image: name, gallery: catalogue.azure.gallery.name, versions: rows, unpriced: [...unpriced] },
    ...{ keeps, source: prices.source, asOf: ctx.now },
  });
}

/** By the lists that Resource Graph has of all versions and machines: no image costs a question of its own. */
async function ofAll(ctx: CommandContext, deps: Deps): Promise<Answer> {
  const catalogue = deps.catalogue();
  const { ask, gaps } = questions((figure) => figure === 'machines');
  const [listed, keeps, prices, counted] = await Promise.all([
    deps.read.publishedVersions(definitionsOf(catalogue)),
    deps.read.keepsDeleted(galleryRef(catalogue.azure)),
    pricesOf(deps),
    ask('machines', machinesByTeam(deps.read, catalogue, ask)),
  ]);
  const names = goldenImages(catalogue);
  const mine = catalogue.images.map(({ name }) => name).filter((name) => ctx.rights.has('viewer', name));
  const versions = listed.rows.flatMap(({ source, copies, ...version }) => {
    const image = names.get(source.toLowerCase());
    return image === undefined || !mine.includes(image) ? [] : [{ ...version, image, regions: copies }];
  });
  const running = new Map<string, number>();
  for (const { count } of counted?.rows ?? []) {
    const key = `${names.get(count.source.toLowerCase())}@${count.version}`;
    running.set(key, (running.get(key) ?? 0) + count.machines);
  }
  const found = estateCost(mine, versions, { prices, keeps });
  return costsCard({
    ...{ ...found, gallery: catalogue.azure.gallery.name, keeps, source: prices.source, asOf: listed.asOf },
    ...(counted && { machines: running }),
    gaps: [...gaps, ...partial('versions', listed), ...(counted?.gaps ?? [])],
  });
}
