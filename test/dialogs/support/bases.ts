import type { AzureRead } from '../../../core/azure';
import type { Catalogue } from '../../../core/catalogue';
import type { BasesRead } from '../../../core/images';
import { askAbout } from '../../../workflows/bases';

/** The bases of a goldbot that has just asked for them, in a world without a database. */
export function basesThrough(read: AzureRead, catalogue: () => Catalogue): BasesRead {
  return {
    bases: async (keys) =>
      new Map(await Promise.all(keys.map(async (key) => [key, await askAbout(read, catalogue(), key)] as const))),
  };
}
