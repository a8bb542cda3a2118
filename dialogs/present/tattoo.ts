import type { TattooField } from '../../cards';
import type { GalleryVersion } from '../../core/azure';
import { isTattooField } from '../../core/images';
import type { PublishRun } from '../../core/runs';

/** In the order of the guest's file. */
const names = ['schema', 'image', 'version', 'source', 'os', 'built', 'run', 'recipe'].filter(isTattooField);

/** The tags of a version beside what its run wrote; empty when the version has no tattoo at all. */
export function tattooFields(version: GalleryVersion, run: PublishRun | undefined): readonly TattooField[] {
  const expected = run ? writtenBy(run, version.version) : {};
  const fields = [...names, 'tattoo-sha256'].map((name) => {
    const value = version.tags[`goldbot-${name}`];
    const wrote = expected[name];
    return { name, ...(value && { value }), ...(wrote !== undefined && { expected: wrote }) };
  });
  return fields.some((field) => field.value !== undefined) ? fields : [];
}

/** Known only while the run's plan is still that of this version: a rebuild plans anew. */
function writtenBy(run: PublishRun, version: string): Readonly<Record<string, string>> {
  const { fixed } = run.plan;
  if (fixed?.version !== version) return {};
  const { publisher, offer, sku, version: base } = fixed.base;
  const { os, builtAt, tattooHash } = run.data;
  return {
    schema: '1',
    image: fixed.image,
    version: fixed.version,
    source: `${publisher}:${offer}:${sku}:${base}`,
    run: run.id,
    recipe: fixed.recipeHash,
    ...(os !== undefined && { os }),
    ...(builtAt !== undefined && { built: builtAt }),
    ...(tattooHash !== undefined && tattooHash !== '' && { 'tattoo-sha256': tattooHash }),
  };
}
