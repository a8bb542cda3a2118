import type { ImageTemplate } from '@azure/arm-imagebuilder';
import type { AzureRead, AzureWrite, Build, BuildPlace, BuildSpec, TemplateSettings } from '../../core/azure';
import { definitionId, galleryVersionId } from '../../core/azure-id';
import { UserError } from '../../core/errors';
import { versionTags } from '../../core/images';
import { type ReadContext, scrub, statusOf, unlessMissing, type WriteContext } from '../azure';

/** Each template has one output. */
const outputName = 'goldbot';

export function imageBuilderRead(azure: ReadContext): Pick<AzureRead, 'build'> {
  return {
    /**
     * What Image Builder says about one template, in seconds. A build that failed is an answer, not an error.
     *
     * @throws UserError `AZ_FORBIDDEN`, `AZ_THROTTLED`, `AZ_UNAVAILABLE`, `AZ_SILENT`.
     * @see GET …/imageTemplates/{name} and, once it succeeded, GET …/runOutputs/goldbot
     */
    build: (place, template) =>
      azure.ask(`asking about the build of “${template}”`, async () => {
        const found = await getTemplate(azure, place, template);
        if (!found) return { state: 'absent' };
        const build = buildOf(found);
        if (build.state !== 'succeeded') return build;
        const artifactId = await artifactOf(azure, place, template);
        return artifactId ? { ...build, artifactId } : build;
      }),
  };
}

export function imageBuilderWrite(
  azure: WriteContext,
): Pick<AzureWrite, 'startBuild' | 'runTemplate' | 'cancelBuild' | 'deleteTemplate'> {
  return {
    startBuild: (place, template, spec) => startBuild(azure, place, template, spec),
    runTemplate: (place, template) => runTemplate(azure, place, template),
    cancelBuild: (place, template) => cancelBuild(azure, place, template),
    deleteTemplate: (place, template) => deleteTemplate(azure, place, template),
  };
}

/**
 * Creates the template, which then builds by itself; returns when Azure has accepted it (seconds), the build takes
 * minutes to hours. Safe to repeat: a template of this name that carries the same run's tag is adopted.
 *
 * @throws UserError `AZ_CONFLICT` (the template belongs to another run), `AZ_BAD_REQUEST`, `AZ_FORBIDDEN`, `AZ_QUOTA`,
 * `AZ_POLICY`, `AZ_THROTTLED`, `AZ_SILENT` (it may have been accepted: read before repeating), `FENCED`.
 * @see PUT …/imageTemplates/{name} (Microsoft.VirtualMachineImages; API version pinned by the SDK)
 */
function startBuild(azure: WriteContext, place: BuildPlace, template: string, spec: BuildSpec): Promise<void> {
  return orderTemplate(azure, place, { template, tags: spec.tags, body: templateBody(place, spec) });
}

interface Order {
  readonly template: string;
  readonly tags: BuildSpec['tags'];
  readonly body: ImageTemplate;
}

/** The one PUT of a template that starts by itself; see `startBuild`. */
export function orderTemplate(azure: WriteContext, place: BuildPlace, { template, tags, body }: Order): Promise<void> {
  return azure.change(`starting the build of “${template}”`, async () => {
    const { virtualMachineImageTemplates: templates } = azure.imageBuilder(place.subscription);
    try {
      // The poller is itself a promise of the provisioned template: awaiting it would wait for that.
      await templates.createOrUpdate(place.resourceGroup, template, body).submitted();
    } catch (error) {
      if (statusOf(error) !== 409) throw error;
      await adopt(azure.read, place, template, tags[versionTags.run]);
    }
  });
}

/**
 * Starts a run of a template that did not start by itself. Not idempotent: only after reads found no run for five
 * minutes. A run already in progress is adopted.
 *
 * @throws UserError `AZ_NOT_FOUND`, `AZ_CONFLICT`, `AZ_FORBIDDEN`, `AZ_THROTTLED`, `AZ_SILENT`, `FENCED`.
 * @see POST …/imageTemplates/{name}/run
 */
function runTemplate(azure: WriteContext, place: BuildPlace, template: string): Promise<void> {
  return azure.change(`running “${template}”`, async () => {
    const { virtualMachineImageTemplates: templates } = azure.imageBuilder(place.subscription);
    await acceptRefusal(templates.run(place.resourceGroup, template).submitted(), async () => {
      const build = buildOf(await getTemplate(azure.read, place, template));
      return build.state === 'running';
    });
  });
}

/**
 * Asks Image Builder to stop a run; `build` tells when it has. Safe to repeat: having nothing to stop is not an error.
 *
 * @throws UserError `AZ_FORBIDDEN`, `AZ_THROTTLED`, `AZ_SILENT`, `FENCED`.
 * @see POST …/imageTemplates/{name}/cancel
 */
function cancelBuild(azure: WriteContext, place: BuildPlace, template: string): Promise<void> {
  return azure.change(`cancelling the build of “${template}”`, async () => {
    const { virtualMachineImageTemplates: templates } = azure.imageBuilder(place.subscription);
    const cancelled = unlessMissing(templates.cancel(place.resourceGroup, template).submitted());
    await acceptRefusal(cancelled, async () => {
      const build = buildOf(await getTemplate(azure.read, place, template));
      return build.state !== 'running';
    });
  });
}

/**
 * Deletes the template and with it the staging group and its logs; returns when Azure has accepted it. Safe to repeat:
 * a template that is gone or going is not an error.
 *
 * @throws UserError `AZ_CONFLICT` (a run is in progress: cancel it first), `AZ_FORBIDDEN`, `AZ_THROTTLED`, `AZ_SILENT`,
 * `FENCED`.
 * @see DELETE …/imageTemplates/{name}
 */
function deleteTemplate(azure: WriteContext, place: BuildPlace, template: string): Promise<void> {
  return azure.change(`deleting the template “${template}”`, async () => {
    const { virtualMachineImageTemplates: templates } = azure.imageBuilder(place.subscription);
    const deleted = unlessMissing(templates.delete(place.resourceGroup, template).submitted());
    await acceptRefusal(deleted, async () => {
      const build = buildOf(await getTemplate(azure.read, place, template));
      return build.state === 'absent' || build.state === 'deleting';
    });
  });
}

/** The template as Azure has it; undefined when there is none. */
export async function getTemplate(azure: ReadContext, place: BuildPlace, template: string) {
  const { virtualMachineImageTemplates: templates } = azure.imageBuilder(place.subscription);
  return unlessMissing(templates.get(place.resourceGroup, template));
}

/** Azure refuses what a template's state forbids with 409 or 405; that state may be the one that was wanted. */
async function acceptRefusal(write: Promise<unknown>, isDone: () => Promise<boolean>): Promise<void> {
  try {
    await write;
  } catch (error) {
    const status = statusOf(error);
    if ((status !== 409 && status !== 405) || !(await isDone())) throw error;
  }
}

/** Image Builder answers a second PUT of the same name with Conflict: ours if the first was ours. */
async function adopt(read: ReadContext, place: BuildPlace, template: string, run: string | undefined): Promise<void> {
  const found = await getTemplate(read, place, template);
  const owner = found?.tags?.[versionTags.run];
  if (run !== undefined && owner === run) return;
  const belongs = owner ? `belongs to the run ${owner}` : 'does not belong to a run of goldbot';
  throw new UserError('AZ_CONFLICT', `The image template “${template}” exists already and ${belongs}.`, {
    hint: `Delete the template “${template}” in ${place.resourceGroup} if nobody needs it, then rebuild.`,
    facts: { template, ...(owner && { owner }) },
  });
}

async function artifactOf(azure: ReadContext, place: BuildPlace, template: string): Promise<string | undefined> {
  const { virtualMachineImageTemplates: templates } = azure.imageBuilder(place.subscription);
  const output = await unlessMissing(templates.getRunOutput(place.resourceGroup, template, outputName));
  return output?.artifactId;
}

function buildOf(template: ImageTemplate | undefined): Build {
  if (!template) return { state: 'absent' };
  switch (template.provisioningState) {
    case 'Creating':
    case 'Updating':
      return { state: 'provisioning' };
    case 'Deleting':
      return { state: 'deleting' };
    case 'Canceled':
      return { state: 'canceled' };
    case 'Failed': {
      const { provisioningErrorCode: code = 'ProvisioningFailed', message = '' } = template.provisioningError ?? {};
      return { state: 'failed', code, message: scrub(message) };
    }
    default:
      return runOf(template.lastRunStatus);
  }
}

function runOf(run: ImageTemplate['lastRunStatus']): Build {
  const endedAt = run?.endTime && run.endTime.getUTCFullYear() > 1 ? { endedAt: run.endTime } : {};
  switch (run?.runState) {
    case 'Running':
      return {
        state: 'running',
        subState: run.runSubState ?? 'Queued',
        ...(run.startTime && { startedAt: run.startTime }),
      };
    case 'Canceling':
      return { state: 'cancelling' };
    case 'Canceled':
      return { state: 'canceled' };
    case 'Succeeded':
      return { state: 'succeeded', ...endedAt };
    case 'Failed':
    case 'PartiallySucceeded': {
      const message = scrub(run.message ?? '');
      return { state: 'failed', code: codeOf(message) ?? `Run${run.runState}`, message, ...endedAt };
    }
    default:
      return { state: 'idle' };
  }
}

/** A run's status has no code of its own; its message may hold one, or words that stand for one. */
function codeOf(message: string): string | undefined {
  const code = /\b([A-Z][A-Za-z]+(?:Failed|Error|Exceeded|Timeout|Canceled))\b/.exec(message)?.[1];
  return code ?? (/packer/i.test(message) ? 'PackerBuildFailed' : undefined);
}

function templateBody(place: BuildPlace, spec: BuildSpec): ImageTemplate {
  return {
    ...templateSettings(place, spec),
    source: sourceOf(spec.source),
    customize: spec.customize as NonNullable<ImageTemplate['customize']>,
    ...(spec.validate.length > 0 && { validate: validation(spec) }),
    distribute: [
      {
        type: 'SharedImage',
        galleryImageId: `${definitionId(spec.target)}/versions/${spec.target.version}`,
        runOutputName: outputName,
        // Nobody gets the candidate as "latest" before it has been tested and approved.
        excludeFromLatest: true,
        targetRegions: spec.regions.map(({ name, replicas, storageAccountType }) => ({
          name,
          replicaCount: replicas,
          ...(storageAccountType && { storageAccountType }),
        })),
        artifactTags: { ...spec.artifactTags },
      },
    ],
  };
}

/** What all of goldbot's templates have in common. */
export function templateSettings(
  place: BuildPlace,
  { settings = {}, ...spec }: TemplateSettings,
): Omit<ImageTemplate, 'source' | 'distribute'> {
  const run = spec.tags[versionTags.run];
  return {
    location: place.location,
    tags: { ...settings.tags, ...spec.tags },
    identity: { type: 'UserAssigned', userAssignedIdentities: { [spec.identity]: {} } },
    buildTimeoutInMinutes: spec.timeoutMinutes,
    vmProfile: {
      vmSize: spec.vmSize,
      ...(settings.osDiskSizeGiB !== undefined && { osDiskSizeGB: settings.osDiskSizeGiB }),
      ...(settings.network && { vnetConfig: { ...settings.network } }),
    },
    ...(settings.stagingResourceGroup && { stagingResourceGroup: settings.stagingResourceGroup }),
    // So that a group that outlives its template can be told from somebody else's.
    managedResourceTags: { ...settings.tags, ...(run !== undefined && { [versionTags.run]: run }) },
    autoRun: { state: 'Enabled' },
  };
}

/** Always an exact version: what "latest" means is decided when a build is planned, not while it runs. */
export function sourceOf(source: BuildSpec['source']): NonNullable<ImageTemplate['source']> {
  switch (source.kind) {
    case undefined: {
      const { publisher, offer, sku, version, plan } = source;
      const planInfo = plan && { planName: plan.name, planProduct: plan.product, planPublisher: plan.publisher };
      return { type: 'PlatformImage', publisher, offer, sku, version, ...(planInfo && { planInfo }) };
    }
    case 'imageVersion':
      return { type: 'SharedImageVersion', imageVersionId: galleryVersionId(source.image, source.version) };
    case 'managedImage':
      return { type: 'ManagedImage', imageId: source.id };
  }
}

function validation(spec: BuildSpec): NonNullable<ImageTemplate['validate']> {
  const steps = spec.validate as NonNullable<NonNullable<ImageTemplate['validate']>['inVMValidations']>;
  return { continueDistributeOnFailure: false, sourceValidationOnly: false, inVMValidations: steps };
}
