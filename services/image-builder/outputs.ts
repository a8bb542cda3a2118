import type { Image } from '@azure/arm-compute';
import type { ImageTemplate } from '@azure/arm-imagebuilder';
import type { AzureRead, AzureWrite, DistributionSpec, Output, OutputTarget } from '../../core/azure';
import { azureId } from '../../core/azure-id';
import { versionTags } from '../../core/images';
import { type ReadContext, unlessMissing, type WriteContext } from '../azure';
import { orderTemplate, sourceOf, templateSettings } from './templates';

/** Outputs of a gallery version: the template that makes them, and what stands where they go. */
export function outputRead(azure: ReadContext): Pick<AzureRead, 'distributed' | 'output'> {
  return {
    /**
     * @throws UserError `AZ_FORBIDDEN`, `AZ_THROTTLED`, `AZ_UNAVAILABLE`, `AZ_SILENT`.
     * @see GET …/imageTemplates/{name}/runOutputs
     */
    distributed: (place, template) =>
      azure.ask(`asking what “${template}” has made`, async () => {
        const { virtualMachineImageTemplates: templates } = azure.imageBuilder(place.subscription);
        const read = async () => {
          const found: string[] = [];
          for await (const output of templates.listRunOutputs(place.resourceGroup, template)) {
            const where = output.artifactId ?? output.artifactUri;
            if (output.provisioningState === 'Succeeded' && where) found.push(where);
          }
          return found;
        };
        return (await unlessMissing(read())) ?? [];
      }),

    /**
     * @throws UserError `AZ_FORBIDDEN` (of a blob: Storage Blob Data Reader is missing, or the account's network keeps
     * goldbot out), `AZ_NOT_FOUND` (its container is not there), `AZ_THROTTLED`, `AZ_UNAVAILABLE`, `AZ_SILENT`.
     * @see GET …/images/{name}, Get Blob Properties
     */
    output: (target) =>
      azure.ask(`looking at ${target.place}`, () => (target.kind === 'vhd' ? blob : image)(azure, target)),
  };
}

async function image(azure: ReadContext, { place }: OutputTarget): Promise<Output | undefined> {
  const { subscription, resourceGroup, name } = azureId(place);
  const found = await unlessMissing(azure.compute(subscription).images.get(resourceGroup, name));
  if (!found) return undefined;
  const runId = found.tags?.[versionTags.run];
  return { state: stateOf(found), ...(runId && { runId }) };
}

function stateOf({ provisioningState }: Image): Output['state'] {
  if (provisioningState === 'Succeeded') return 'ready';
  return provisioningState === 'Failed' ? 'failed' : 'making';
}

async function blob(azure: ReadContext, { place }: OutputTarget): Promise<Output | undefined> {
  const scope = 'https://storage.azure.com/.default';
  const { status, headers, request } = await azure.request({
    ...{ method: 'HEAD', url: place, scope, headers: { 'x-ms-version': '2023-11-03' } },
  });
  if (status === 200) return { state: 'ready' };
  // The answer to a HEAD has no body.
  const code = headers.get('x-ms-error-code') ?? '';
  if (code === 'BlobNotFound') return undefined;
  const error = { name: 'RestError', statusCode: status, code, request, response: { headers } };
  throw Object.assign(new Error(code === 'ContainerNotFound' ? 'The container does not exist.' : code), error);
}

export function distributionWrite(azure: WriteContext): Pick<AzureWrite, 'startDistribution'> {
  return {
    /**
     * Creates the template, which then runs by itself; returns when Azure has accepted it (seconds), the run takes
     * minutes. Safe to repeat: a template of this name that carries the same run's tag is adopted.
     *
     * @throws UserError as `startBuild`.
     * @see PUT …/imageTemplates/{name}
     */
    startDistribution: (place, template, spec) =>
      orderTemplate(azure, place, {
        ...{
          template,
          tags: spec.tags,
          body: distribution(place.location, { ...templateSettings(place, spec) }, spec),
        },
      }),
  };
}

/** Nothing is customised: the version is what was tested and approved. */
function distribution(
  location: string,
  settings: Omit<ImageTemplate, 'source' | 'distribute'>,
  { source, outputs, artifactTags }: DistributionSpec,
): ImageTemplate {
  return {
    ...settings,
    source: sourceOf({ kind: 'imageVersion', image: source, version: source.version }),
    distribute: outputs.map(({ kind, place }) => {
      const common = { runOutputName: kind, artifactTags: { ...artifactTags } };
      return kind === 'vhd'
        ? { type: 'VHD' as const, uri: place, ...common }
        : { type: 'ManagedImage' as const, imageId: place, location, ...common };
    }),
  };
}
