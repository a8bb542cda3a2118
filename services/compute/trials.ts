import type { GalleryImage, GalleryImageVersion, GalleryImageVersionUpdate } from '@azure/arm-compute';
import type { GalleryRef, ImageRef } from '../../core/azure';
import { definitionId, galleryVersionId, regionKey } from '../../core/azure-id';
import { isRecord } from '../../core/collections';
import {
  isTrialId,
  type TrialBody,
  type TrialExchange,
  type TrialState,
  type TrialsRead,
  type TrialsWrite,
  type TrialVersion,
  trialDefinition,
  trialImage,
  trialSpec,
  trialTag,
  trialVersionNumber,
} from '../../core/trials';
import { type ReadContext, statusOf, unlessMissing, type WriteContext } from '../azure';

export function trialRead(azure: ReadContext): TrialsRead {
  return {
    /**
     * The definition for trials and its version. Two calls.
     *
     * @throws UserError `AZ_FORBIDDEN`, `AZ_THROTTLED`, `AZ_UNAVAILABLE`, `AZ_SILENT`.
     * @see GET …/galleries/{gallery}/images/goldbot-trials, GET …/versions/1.0.0
     */
    trial: (gallery) =>
      azure.ask(`asking about “${trialDefinition}”`, async (): Promise<TrialState> => {
        const { resourceGroup, gallery: name, subscription } = gallery;
        const { galleryImages, galleryImageVersions } = azure.compute(subscription);
        const definition = await unlessMissing(galleryImages.get(resourceGroup, name, trialDefinition));
        if (!definition) return {};
        const version = await unlessMissing(
          galleryImageVersions.get(resourceGroup, name, trialDefinition, trialVersionNumber),
        );
        const runId = definition.tags?.[trialTag];
        return {
          definition: runId === undefined ? {} : { runId },
          ...(version && { version: trialVersionOf(version) }),
        };
      }),
  };
}

function trialVersionOf(found: GalleryImageVersion): TrialVersion {
  const { publishingProfile: profile = {}, safetyProfile: safety = {}, location, tags = {} } = found;
  const regions = profile.targetRegions ?? [];
  const home = regions.find(({ name }) => regionKey(name) === regionKey(location)) ?? regions[0];
  const storage = home?.storageAccountType ?? profile.storageAccountType;
  return {
    provisioningState: (found.provisioningState ?? 'Creating') as TrialVersion['provisioningState'],
    tags,
    excludedFromLatest: profile.excludeFromLatest ?? false,
    region: home?.name ?? location,
    ...(profile.endOfLifeDate && { endOfLife: profile.endOfLifeDate.toISOString() }),
    allowsRegionRemoval: safety.allowDeletionOfReplicatedLocations ?? false,
    ...(storage !== undefined && { storage }),
  };
}

export function trialWrite(azure: WriteContext): TrialsWrite {
  return {
    makeTrialDefinition: (gallery, spec) => makeDefinition(azure, gallery, spec),
    makeTrialVersion: (gallery, spec) => makeVersion(azure, gallery, spec),
    patchTrialVersion: (gallery, body) => patchVersion(azure, gallery, body),
    deleteTrial: (gallery, what) => deleteTrial(azure, gallery, what),
  };
}

/** @throws Error for what is no trial's: that is a bug, and nothing is sent. */
function onlyTrials(gallery: GalleryRef, id: string): void {
  if (!isTrialId(gallery, id)) throw new Error(`${id} is not for trials`);
}

/**
 * A definition that takes versions of another one of the same gallery. Safe to repeat.
 *
 * @throws UserError `AZ_NOT_FOUND` (no such source), `AZ_CONFLICT`, `AZ_FORBIDDEN`, `AZ_POLICY`, `AZ_THROTTLED`,
 * `AZ_SILENT`, `FENCED`.
 * @see PUT …/galleries/{gallery}/images/goldbot-trials
 */
function makeDefinition(
  azure: WriteContext,
  gallery: GalleryRef,
  { source, run }: { readonly source: string; readonly run: string },
): Promise<void> {
  return azure.change(`making the image definition “${trialDefinition}”`, async () => {
    onlyTrials(gallery, definitionId(trialImage(gallery)));
    const { resourceGroup, gallery: name, subscription } = gallery;
    const like = await azure.read.compute(subscription).galleryImages.get(resourceGroup, name, source);
    const { location, osType, osState, hyperVGeneration, architecture, features, purchasePlan } = like;
    const body: GalleryImage = {
      location,
      tags: { [trialTag]: run },
      ...(osType && { osType }),
      ...(osState && { osState }),
      ...(hyperVGeneration && { hyperVGeneration }),
      ...(architecture && { architecture }),
      ...(features && { features }),
      ...(purchasePlan && { purchasePlan }),
      description: 'Made by goldbot for its trials, and deleted when they are over.',
      identifier: { publisher: 'goldbot', offer: 'trials', sku: trialDefinition },
    };
    const { galleryImages } = azure.compute(subscription);
    await galleryImages.createOrUpdate(resourceGroup, name, trialDefinition, body).submitted();
  });
}

/**
 * A copy of a version, excluded from latest, in its home region alone; returns when Azure has accepted it (copying takes
 * minutes). Safe to repeat.
 *
 * @throws UserError `AZ_NOT_FOUND`, `AZ_CONFLICT`, `AZ_BAD_REQUEST`, `AZ_FORBIDDEN`, `AZ_POLICY`, `AZ_THROTTLED`,
 * `AZ_SILENT`, `FENCED`.
 * @see PUT …/galleries/{gallery}/images/goldbot-trials/versions/1.0.0
 */
function makeVersion(
  azure: WriteContext,
  gallery: GalleryRef,
  { source, run, endOfLife }: Parameters<TrialsWrite['makeTrialVersion']>[1],
): Promise<void> {
  return azure.change(`making a version of “${trialDefinition}”`, async () => {
    const image: ImageRef = trialImage(gallery);
    onlyTrials(gallery, galleryVersionId(image, trialVersionNumber));
    const { resourceGroup, gallery: name, subscription } = gallery;
    const { definition, version } = source;
    const like = await azure.read
      .compute(subscription)
      .galleryImageVersions.get(resourceGroup, name, definition, version);
    const { location } = like;
    const { tags, publishingProfile, safetyProfile } = inSdk(trialSpec(run, { region: location, endOfLife }));
    const id = galleryVersionId({ ...image, definition }, version);
    const body = { location, tags, publishingProfile, safetyProfile, storageProfile: { source: { id } } };
    const { galleryImageVersions } = azure.compute(subscription);
    await galleryImageVersions
      .createOrUpdate(resourceGroup, name, trialDefinition, trialVersionNumber, body as GalleryImageVersion)
      .submitted();
  });
}

/** What Azure’s client tells of one request and its answer. */
interface Answered {
  readonly status: number;
  readonly headers: { get(name: string): string | undefined };
  readonly bodyAsText?: string | null;
  readonly request: {
    readonly method: string;
    readonly url: string;
    readonly headers: { get(name: string): string | undefined };
    readonly body?: unknown;
  };
}

/** What Azure says about a request as such. */
const answers: ReadonlySet<number | undefined> = new Set([400, 405, 409, 412, 422]);

/** @see PATCH …/galleries/{gallery}/images/goldbot-trials/versions/1.0.0 */
function patchVersion(azure: WriteContext, gallery: GalleryRef, body: TrialBody): Promise<TrialExchange> {
  return azure.change(`trying a change of “${trialDefinition}”`, async () => {
    onlyTrials(gallery, galleryVersionId(trialImage(gallery), trialVersionNumber));
    const { resourceGroup, gallery: name, subscription } = gallery;
    const { galleryImageVersions } = azure.compute(subscription);
    let first: Answered | undefined;
    const onResponse = (response: Answered) => {
      first ??= response;
    };
    const change = { ...inSdk(body), storageProfile: {} } as GalleryImageVersionUpdate;
    try {
      await galleryImageVersions
        .update(resourceGroup, name, trialDefinition, trialVersionNumber, change, { onResponse })
        .submitted();
    } catch (error) {
      if (!answers.has(statusOf(error))) throw error;
      return exchangeOf(gallery, first ?? (error as { response?: Answered }).response, error);
    }
    return exchangeOf(gallery, first);
  });
}

/** Azure's client takes dates as such, and null where it has none. */
function inSdk({ publishingProfile, ...rest }: TrialBody) {
  const { endOfLifeDate: end, ...profile } = publishingProfile ?? {};
  const endOfLifeDate = typeof end === 'string' ? new Date(end) : end;
  return {
    ...rest,
    ...(publishingProfile && {
      publishingProfile: { ...profile, ...(end !== undefined && { endOfLifeDate }) },
    }),
  };
}

function exchangeOf(gallery: GalleryRef, response: Answered | undefined, error?: unknown): TrialExchange {
  if (!response) throw new Error('Azure’s client did not tell what it was answered');
  const { request, status, headers } = response;
  const url = new URL(request.url);
  const { code, message } = refusalIn(response, error);
  const requestId = headers.get('x-ms-request-id');
  return {
    method: request.method,
    path: masked(decodeURIComponent(url.pathname), gallery),
    apiVersion: url.searchParams.get('api-version') ?? '',
    client: /azsdk-\S+\/\S+/.exec(request.headers.get('user-agent') ?? '')?.[0] ?? 'Azure’s client',
    body: JSON.parse(masked(String(request.body ?? 'null'), gallery)),
    status,
    ...(code !== undefined && { code }),
    ...(message !== undefined && { message: masked(message, gallery) }),
    ...(requestId !== undefined && { requestId }),
  };
}

function refusalIn({ bodyAsText }: Answered, error: unknown): { code?: string; message?: string } {
  if (error === undefined) return {};
  const told = parsed(bodyAsText ?? '');
  const inner = isRecord(told) && isRecord(told['error']) ? told['error'] : told;
  if (!isRecord(inner)) return {};
  const { code, message } = inner;
  return {
    ...(typeof code === 'string' && { code }),
    ...(typeof message === 'string' && { message: message.slice(0, 1_000) }),
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Without what tells whose Azure it is: ids of tenants and subscriptions, the group and the gallery by name. */
function masked(text: string, { resourceGroup, gallery }: GalleryRef): string {
  return text
    .replace(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/gi, '<id>')
    .replace(segment('resourceGroups', resourceGroup), '$1<group>')
    .replace(segment('galleries', gallery), '$1<gallery>');
}

function segment(kind: string, name: string): RegExp {
  return new RegExp(`(/${kind}/)${name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}(?![\\w.-])`, 'gi');
}

/**
 * Returns when Azure has accepted it. Safe to repeat: what is gone or going is no error.
 *
 * @throws UserError `AZ_CONFLICT` (Azure is working on it, or the definition still has its version), `AZ_FORBIDDEN`,
 * `AZ_THROTTLED`, `AZ_SILENT`, `FENCED`.
 * @see DELETE …/images/goldbot-trials, DELETE …/images/goldbot-trials/versions/1.0.0
 */
function deleteTrial(azure: WriteContext, gallery: GalleryRef, what: 'version' | 'definition'): Promise<void> {
  const image = trialImage(gallery);
  const id = what === 'version' ? galleryVersionId(image, trialVersionNumber) : definitionId(image);
  const name =
    what === 'version' ? `“${trialDefinition}” ${trialVersionNumber}` : `the definition “${trialDefinition}”`;
  return azure.change(`deleting ${name}`, async () => {
    onlyTrials(gallery, id);
    const { resourceGroup, gallery: of, subscription } = gallery;
    const { galleryImages, galleryImageVersions } = azure.compute(subscription);
    const going =
      what === 'version'
        ? galleryImageVersions.delete(resourceGroup, of, trialDefinition, trialVersionNumber)
        : galleryImages.delete(resourceGroup, of, trialDefinition);
    await unlessMissing(going.submitted().then(() => undefined));
  });
}
