import { isDeprecated, latestBase } from '../../core/images';
import { cancellable, move, repair } from './kit';

/** Makes sure that new images may still be made of the base that the plan names, and notes a newer one. */
export const capture = cancellable('capture', { takes: [] }, async (context) => {
  const { plan, read } = context;
  const { version, ...image } = plan.base;
  const found = await read.marketplaceVersion(plan.place.location, image, version);
  if (!found || isDeprecated(found)) {
    return repair(context, {
      stage: 'capture',
      what: `${image.sku} ${version}`,
      error: found
        ? `${image.publisher} has deprecated ${image.sku} ${version}: nothing new can be built from it.`
        : `The marketplace no longer offers ${image.sku} ${version}.`,
      tail: [],
      remedy: context.run.plan.request.from
        ? 'Cancel, and publish again without `--from`: this run is bound to that base.'
        : 'Rebuild: the next attempt takes the newest base.',
    });
  }
  const newest = latestBase(await read.marketplaceVersions(plan.place.location, image))?.version;
  return move(context, 'customise', { ...(newest && newest !== version && { newerBase: newest }) });
});
