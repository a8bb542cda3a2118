import { findImage } from '../../core/catalogue';
import { call } from '../../core/command-call';
import { explain, UserError } from '../../core/errors';
import { assessBases, imageRef, planPublish } from '../../core/images';
import { type FixedPlan, type PublishData, type PublishPlan, planHash } from '../../core/runs';
import {
  cancelled,
  finish,
  isFinal,
  move,
  type PublishContext,
  type PublishDeps,
  type PublishStageDefinition,
  type PublishStep,
  timesAfter,
} from './kit';

/** Fixes what will be built: exact base, number, recipe, tests, regions, approvers. A rebuild comes here again. */
export const plan = (deps: PublishDeps): PublishStageDefinition => ({
  name: 'plan',
  takes: ['cancel'],
  run: async (context) => {
    const stop = cancelled(context);
    if (stop) return stop;
    try {
      return await commitPlan(context, deps);
    } catch (error) {
      if (!isFinal(error)) throw error;
      return finish(context, { outcome: 'failed', why: explain(error) });
    }
  },
});

async function commitPlan(context: PublishContext, deps: PublishDeps): Promise<PublishStep> {
  const { run, now } = context;
  const { fixed, approvalChannel } = await fixPlan(context, deps);
  const expectedMs = await deps.medianBuildMs(run.subject);
  const data: Partial<PublishData> = {
    versionsTaken: [...(run.data.versionsTaken ?? []), fixed.version],
    times: timesAfter(context, 'capture'),
    ...(expectedMs !== undefined && { expectedMs }),
  };
  return {
    ...move(context, 'capture', data),
    kind: 'to',
    stage: 'capture',
    data: { ...data, builtAt: now.toISOString() },
    plan: { value: { ...run.plan, approvalChannel, fixed }, hash: planHash(fixed) },
  };
}

async function fixPlan(
  { run, read, now }: PublishContext,
  deps: PublishDeps,
): Promise<Pick<PublishPlan, 'approvalChannel'> & { fixed: FixedPlan }> {
  const { azure, ...catalogue } = deps.catalogue();
  const image = findImage({ azure, ...catalogue }, run.subject);
  if (!image) {
    throw new UserError('UNKNOWN_IMAGE', `${run.subject} was taken out of the catalogue.`, {
      hint: 'See what there is.',
      next: [call('images')],
    });
  }
  const rebuildOf = run.plan.fixed?.version;
  const { request } = run.plan;
  const listed = await read.marketplaceVersions(azure.location, image.source);
  const bases = await assessBases(listed, request.from, (version) =>
    read.marketplaceVersion(azure.location, image.source, version),
  );
  const fixed = planPublish({
    request,
    image,
    azure,
    bases,
    versions: await read.versions(imageRef(azure, image)),
    taken: await deps.versionsTaken(image.name),
    ...(rebuildOf && { rebuildOf }),
    now,
  });
  return { fixed, approvalChannel: image.approval.channel };
}
