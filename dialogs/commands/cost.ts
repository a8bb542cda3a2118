import { z } from 'zod';
import { type CostRow, costCard, costsCard } from '../../cards';
import type { GalleryRef, ImageRef } from '../../core/azure';
import { definitionId, sameId } from '../../core/azure-id';
import { grouped, sumOf } from '../../core/collections';
import {
  definitionsOf,
  type ListedVersion,
  type MachinesByTeam,
  machinesByTeam,
  partial,
  questions,
} from '../../core/compliance';
import { costOfCopies, estateCost, type StoredVersion, versionCost } from '../../core/costs';
import { compareVersions, galleryRef, goldenImages, latestPublished, secondGalleryRef } from '../../core/images';
import { type Answer, type CommandContext, type Deps, defineCommand, imageName } from '../conversation';
import { countMachines, imageOf, pricesOf, versionState, versionsOf } from '../present';

/** `cost [image]`: what the copies of versions cost a month, and what retiring each would save; of all images together. */
export const cost = defineCommand({
  verb: 'cost',
  summary: 'Shows what the copies of images cost a month at list prices, and what retiring a version saves.',
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
  const { azure } = catalogue;
  const { ask, gaps } = questions((figure) => figure === 'machines');
  const second = secondGalleryRef(azure);
  const [listed, away, keeps, prices, counted] = await Promise.all([
    deps.read.publishedVersions(definitionsOf(catalogue)),
    second && deps.read.publishedVersions(definitionsOf(catalogue, second)),
    deps.read.keepsDeleted(galleryRef(azure)),
    pricesOf(deps),
    ask('machines', machinesByTeam(deps.read, catalogue, ask)),
  ]);
  const mine = catalogue.images.filter(({ name }) => ctx.rights.has('viewer', name));
  const costIn = (gallery: GalleryRef, { rows }: Pick<typeof listed, 'rows'>) =>
    estateCost(
      mine.map(({ name }) => name),
      mine.flatMap((image) => storedIn(rows, { ...gallery, definition: image.imageDefinition }, image.name)),
      { prices, keeps },
    );
  return costsCard({
    ...{ ...costIn(galleryRef(azure), listed), keeps, source: prices.source, asOf: listed.asOf },
    ...(second && away && { second: { ...costIn(second, away), gallery: second.gallery } }),
    ...(counted && { machines: machinesIn(counted, goldenImages(catalogue)) }),
    gallery: azure.gallery.name,
    gaps: [...gaps, ...partial('versions', listed), ...partial('versions', away), ...(counted?.gaps ?? [])],
  });
}

/** Versions of a definition, as far as what they cost depends on it. */
function storedIn(rows: readonly ListedVersion[], ref: ImageRef, image: string): readonly StoredVersion[] {
  return rows
    .filter(({ source }) => sameId(source, definitionId(ref)))
    .map(({ copies, ...version }) => ({ ...version, image, regions: copies }));
}

/** That run a version, by `image@version`. */
function machinesIn({ rows }: MachinesByTeam, names: ReturnType<typeof goldenImages>): ReadonlyMap<string, number> {
  const running = grouped(rows, ({ count }) => `${names.get(count.source.toLowerCase())}@${count.version}`);
  return new Map([...running].map(([ref, own]) => [ref, sumOf(own, ({ count }) => count.machines)]));
}
