import type { ImageConfig } from '../../core/catalogue';
import { isUserError } from '../../core/errors';
import { type BaseAnswers, baseKey } from '../../core/images';
import type { Deps } from '../conversation';

/** What is known of the bases of these images; those that nobody has asked about yet are waited for. */
export async function basesKnown(images: readonly ImageConfig[], deps: Deps): Promise<BaseAnswers> {
  const { location } = deps.catalogue().azure;
  const known = await deps.reads.bases();
  const missing = new Set(images.map(({ source }) => baseKey(location, source)).filter((key) => !known.has(key)));
  if (missing.size === 0) return known;
  try {
    return await deps.read.bases([...missing]);
  } catch (error) {
    if (!isUserError(error)) throw error;
    return known;
  }
}
