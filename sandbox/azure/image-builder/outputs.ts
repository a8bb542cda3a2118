import type { World } from '../../kernel/world';
import { cloneGuest, type Guest, setGuest } from '../guest/guest';
import { breakAsTold } from '../guest/overrides';
import { writeDisk } from '../storage';
import { strings } from './admission';
import type { ImageBuilderHooks } from './distribute';
import { durations } from './durations';
import { traitsOf } from './fit';
import { stagingAccount } from './outcome';
import { builderOf, forbiddenTo, lacking } from './rights';
import { type JsonObject, listOf, objectOf, type Run, type Template, textOf } from './section';
import { versionFor } from './version-name';

interface Distribution {
  readonly readyMs: number;
  readonly total: number;
  readonly errors: readonly string[];
}

interface Context {
  readonly template: Template;
  readonly run: Run;
  readonly hooks: ImageBuilderHooks;
  readonly atMs: number;
}

/** Starts every output of a run; run outputs exist at once and become Succeeded at the end of the run. */
export function distribute(world: World, context: Context): Distribution {
  const { template, atMs } = context;
  const outputs = listOf(template.properties['distribute']);
  const errors: string[] = [];
  let readyMs = atMs;
  for (const [i, output] of outputs.entries()) {
    try {
      const { artifact, readyAt } = start(world, context, output);
      readyMs = Math.max(readyMs, readyAt);
      template.outputs[textOf(output['runOutputName'])] = { ...artifact, provisioningState: 'Creating' };
    } catch (error) {
      const said = (error as Error).message;
      errors.push(`[Error ${errors.length}] [Distribute ${i}] ${publishing(template, output)} Error: ${said}`);
    }
  }
  return { readyMs, total: outputs.length, errors };
}

function publishing({ location }: Template, output: JsonObject): string {
  // The words for a disk are the sandbox's: nobody has told of them.
  if (output['type'] === 'VHD') return `Error publishing VHD to ${textOf(output['uri'])}.`;
  const where = output['type'] === 'ManagedImage' ? 'image' : 'Azure Compute Gallery';
  const id = textOf(output['galleryImageId']) || textOf(output['imageId']);
  return `Error publishing MDI to ${where}:${id}, Location:${location}.`;
}

function start(world: World, context: Context, output: JsonObject): { artifact: JsonObject; readyAt: number } {
  const { template, run, hooks, atMs } = context;
  const usual = atMs + durations.distribute;
  if (output['type'] === 'VHD') return { artifact: { artifactUri: disk(world, context, output) }, readyAt: usual };
  const guest = cloneGuest(run.guest as NonNullable<Run['guest']>);
  if (output['type'] === 'ManagedImage') {
    return managedImage(world, context, output, guest);
  }
  const source = objectOf(template.properties['source']);
  const { galleryImageId, version } = versionFor(world, output, source, hooks);
  breakAsTold(world, galleryImageId, guest);
  const diskSize = objectOf(template.properties['vmProfile'])['osDiskSizeGB'];
  const created = hooks.createVersion(world, {
    galleryImageId,
    version,
    targetRegions: targetRegions(template, output),
    excludeFromLatest: output['excludeFromLatest'] === true,
    tags: tags(source, output, run),
    ...(output['replicationMode'] !== undefined && { replicationMode: textOf(output['replicationMode']) }),
    storageAccountId: stagingAccount(template),
    ...(typeof diskSize === 'number' && diskSize > 0 && { diskSizeGB: diskSize }),
    guest,
    at: atMs,
  });
  return { artifact: { artifactId: `${galleryImageId}/versions/${version}` }, readyAt: created?.readyAt ?? usual };
}

/** Into the staging group, where it dies with its template, or to an address that the template names, as its identity. */
function disk(world: World, { template, run }: Context, output: JsonObject): string {
  const uri = textOf(output['uri']);
  if (!uri) return `https://${template.staging?.account}.blob.core.windows.net/vhds/${run.id}.vhd`;
  const { osDiskSizeGB } = objectOf(template.properties['vmProfile']);
  const { diskGB = 30 } = traitsOf(world, objectOf(template.properties['source'])) ?? {};
  // A fixed VHD is its disk and a footer.
  const bytes = (typeof osDiskSizeGB === 'number' && osDiskSizeGB > 0 ? osDiskSizeGB : diskGB) * 2 ** 30 + 512;
  const refusal = writeDisk(world, builderOf(template), { uri, bytes });
  if (!refusal) return uri;
  const { status, code, message } = refusal;
  throw new Error(`Copying the disk failed: StatusCode=${status}, ErrorCode=${code}, ErrorMessage=${message}`);
}

function managedImage(world: World, { template, run, hooks, atMs }: Context, output: JsonObject, guest: Guest) {
  const imageId = textOf(output['imageId']);
  const remove = { action: 'Microsoft.Compute/images/delete', scope: imageId };
  // Image Builder takes away what stands under the name before it writes, and asks whether it may in any case.
  if (lacking(world, template, [remove])) throw new Error(forbiddenTo(builderOf(template), remove));
  const source = objectOf(template.properties['source']);
  const { osType, hyperVGeneration, diskGB } = traitsOf(world, source) ?? {};
  hooks.createImage?.(world, {
    imageId,
    location: textOf(output['location']) || template.location,
    tags: tags(source, output, run),
    osType: osType === 'Windows' ? 'Windows' : 'Linux',
    hyperVGeneration: hyperVGeneration ?? 'V1',
    diskSizeGB: diskGB ?? 30,
  });
  setGuest(world, imageId, guest);
  return { artifact: { artifactId: imageId }, readyAt: atMs + durations.distribute };
}

function targetRegions(template: Template, output: JsonObject) {
  const old = strings(output['replicationRegions']).map((name) => ({ name }));
  const account = textOf(output['storageAccountType']);
  const given = listOf(output['targetRegions']).map((r) => ({
    name: textOf(r['name']),
    ...(typeof r['replicaCount'] === 'number' && { replicaCount: r['replicaCount'] }),
    ...((r['storageAccountType'] ?? account) && { storageAccountType: textOf(r['storageAccountType']) || account }),
  }));
  const all = given.length > 0 ? given : old;
  return all.length > 0 ? all : [{ name: template.location }];
}

function tags(source: JsonObject, output: JsonObject, run: Run): Record<string, string> {
  const exact = textOf(source['exactVersion']);
  const urn = ['publisher', 'offer', 'sku', 'version'].map((f) => textOf(source[f])).join('::');
  const from =
    source['type'] === 'PlatformImage' ? `PlatformImage ${urn} (${exact})` : `${textOf(source['type'])} ${exact}`;
  const own = objectOf(output['artifactTags']) as Record<string, string>;
  return { VMImageBuilderSource: from, correlationId: run.id, ...own };
}
