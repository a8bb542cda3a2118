import { latestBase } from '../../core/planning';
import { cancellable, move, repair } from './kit';

/** Makes sure that the base that the plan names is still offered, and notes a newer one. */
export const capture = cancellable('capture', { takes: [] }, async (context) => {
  const { plan, looks } = context;
  const { version, ...image } = plan.base;
  const bases = await looks.marketplaceVersions(plan.place.location, image);
  if (!bases.some((b) => b.version === version)) {
    return repair(context, {
      stage: 'capture',
      what: `${image.sku} ${version}`,
      error: `The marketplace no longer offers ${image.sku} ${version}.`,
      tail: [],
      remedy: context.run.plan.request.from
        ? 'Cancel, and publish again without `--from`: this run is bound to that base.'
        : 'Rebuild: the next attempt takes the newest base.',
    });
  }
  const newest = latestBase(bases)?.version;
  return move(context, 'customise', { ...(newest && newest !== version && { newerBase: newest }) });
});
