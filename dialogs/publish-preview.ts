import type { ImageConfig } from '../core/catalogue';
import { imageRef, planPublish } from '../core/planning';
import type { FixedPlan, PublishRequest } from '../core/publish';
import type { Answer, CommandContext, Deps } from './define';

/**
 * What `publish` would do at this moment: the same rule as the plan stage, with looks alone.
 *
 * @throws UserError as `planPublish`, and `AZ_…`.
 */
export async function previewPlan(
  ctx: CommandContext,
  image: ImageConfig,
  request: PublishRequest,
  deps: Deps,
): Promise<FixedPlan> {
  const { azure } = deps.catalogue();
  const [bases, versions, taken] = await Promise.all([
    deps.looks.marketplaceVersions(azure.location, image.source),
    deps.looks.versions(imageRef(azure, image)),
    deps.reads.versionsTaken(image.name),
  ]);
  return planPublish({ request, image, azure, bases, versions, taken, now: ctx.now });
}

/** The plan alone; nothing is started and nothing is remembered. */
export async function planAnswer(
  ctx: CommandContext,
  image: ImageConfig,
  request: PublishRequest,
  deps: Deps,
): Promise<Answer> {
  const plan = await previewPlan(ctx, image, request, deps);
  return { text: `Would publish ${plan.image} ${plan.version} from ${plan.base.version}.\npublish ${image.name}` };
}
