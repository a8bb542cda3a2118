import { createHttpHeaders, type HttpClient } from '@azure/core-rest-pipeline';
import type { OutputTarget } from '../../core/azure';
import { patchTrials, trialSpec } from '../../core/trials';
import {
  builderIdentity,
  buildResourceGroup,
  galleryName,
  galleryResourceGroup,
  outputsAccount,
  platformSubscription,
} from '../../sandbox/azure/names';
import type { Exchange } from '../../sandbox/kernel/types';
import { createAzure, sandboxClient, sandboxCredential } from '../../services';
import { template } from '../sandbox/image-builder-world';
import { type MemoryTelemetry, memoryTelemetry } from '../support/memory-telemetry';
import { some } from '../support/size';
import { managedId } from '../support/sources';
import { until } from '../support/until';
import { type LocalWorld, startWorld } from '../support/world';
import { parseTranscript } from '../transcripts/parse';
import { play, transcriptAgent } from '../transcripts/play';
import { liveThrough } from './connector-conversation';
import { liveWithTeams } from './traffic-of-teams';

const lookAtMachine = `# What the story leaves out

**Ada** in *Image Factory / General*:

    @goldbot tattoo vm-payments-api-001

**goldbot** answers:

    vm-payments-api-001

**Ada** in *Image Factory / General*:

    @goldbot leftovers

**goldbot** answers:

    Builds have left

**Ada** in *Image Factory / General*:

    @goldbot access ubuntu-22

**goldbot** answers:

    may use ubuntu-22

**Grace** in *Image Factory / General*:

    @goldbot doctor

**goldbot** answers:

    goldbot works, and there is nothing to fix
`;

const windows = `# What is sent for Windows

**Ada** in *Image Factory / General*:

    @goldbot publish windows-2022

**In time** *Image Factory / approvals* shows:

    Publish windows-2022 1.3.0?
`;

/** What one world heard, in its order. */
export interface Traffic {
  readonly azure: readonly Exchange[];
  /** In both directions: what the bot calls, and what Teams tells it. */
  readonly teams: readonly Exchange[];
  /** What operators were told of it. */
  readonly seen: MemoryTelemetry;
}

/** World time passes as fast as goldbot and its polls can follow; the story takes hours of it. */
const speed = 3_000;

/**
 * Everything that a whole goldbot exchanged with Azure and Teams: in one world while people published, repaired, approved
 * and looked, in another while they asked about their teams and changed their machines (in the sample the first alone).
 */
export function trafficOfTheProduct(): Promise<readonly Traffic[]> {
  const worlds = some(1, [
    async (world: LocalWorld) => {
      await liveThrough(world);
      await play(parseTranscript(lookAtMachine), world);
      await Promise.all([play(parseTranscript(windows), world), runAndCancel(world), giveOut(world)]);
      await changeWithoutPatch(world);
      await askForOthers(world);
      await tryOut(world);
    },
    liveWithTeams,
  ]);
  return Promise.all(worlds.map(inWorld));
}

async function inWorld(live: (world: LocalWorld) => Promise<void>): Promise<Traffic> {
  const seen = memoryTelemetry();
  const world = await startWorld({ speed, telemetry: seen.telemetry });
  try {
    await live(world);
    const azure = (await exchanges(world, 'azure')).filter(isOfGoldbot);
    return { azure, teams: await exchanges(world, 'teams'), seen };
  } finally {
    await world.stop();
  }
}

/** What somebody does to Azure in a conversation is theirs. */
const isOfGoldbot = ({ requestHeaders }: Exchange): boolean => requestHeaders['user-agent'] !== transcriptAgent;

async function exchanges({ azureUrl }: LocalWorld, face: string): Promise<readonly Exchange[]> {
  return (await (await fetch(`${azureUrl}/_sandbox/requests?face=${face}`)).json()) as Exchange[];
}

/** An Azure that knows no PATCH: goldbot puts a version as Microsoft's own tools do. */
async function changeWithoutPatch({ azureUrl }: LocalWorld): Promise<void> {
  const sandbox = sandboxClient(azureUrl);
  const bodyAsText = JSON.stringify({ error: { code: 'MethodNotAllowed', message: 'The method is not allowed.' } });
  const headers = createHttpHeaders({ 'content-type': 'application/json' });
  const httpClient: HttpClient = {
    sendRequest: async (request) =>
      request.method === 'PATCH' ? { request, status: 405, headers, bodyAsText } : sandbox.sendRequest(request),
  };
  const { write } = createAzure({ credential: sandboxCredential, httpClient, subscription: platformSubscription });
  const where = { subscription: platformSubscription, resourceGroup: galleryResourceGroup, gallery: galleryName };
  const tags = { checked: 'yes' };
  await write({ leftMs: () => 30_000 }).updateVersion({ ...where, definition: 'ubuntu-22' }, '1.3.0', { tags });
}

/** What this story does not come to: no image is built from a managed one, and nothing is deleted. That there is none is an answer too. */
async function askForOthers({ azureUrl }: LocalWorld): Promise<void> {
  const { read } = createAzure({
    credential: sandboxCredential,
    httpClient: sandboxClient(azureUrl),
    subscription: platformSubscription,
  });
  await read.managedImage(managedId('hardened'));
  const where = { subscription: platformSubscription, resourceGroup: galleryResourceGroup, gallery: galleryName };
  await read.keepsDeleted(where);
  await read.softDeleted({ ...where, definition: 'ubuntu-22' });
}

/** A managed image and a VHD of a version that is there. */
async function giveOut({ azureUrl }: LocalWorld): Promise<void> {
  const subscription = platformSubscription;
  const { read, write } = createAzure({
    ...{ credential: sandboxCredential, httpClient: sandboxClient(azureUrl), subscription },
  });
  const place = { subscription, resourceGroup: buildResourceGroup, location: 'westeurope' };
  const image = { subscription, resourceGroup: galleryResourceGroup, gallery: galleryName, definition: 'ubuntu-22' };
  const group = `/subscriptions/${subscription}/resourceGroups/${galleryResourceGroup}`;
  const outputs: readonly OutputTarget[] = [
    { kind: 'managed-image', place: `${group}/providers/Microsoft.Compute/images/ubuntu-22-1.5.0` },
    { kind: 'vhd', place: `https://${outputsAccount}.blob.core.windows.net/vhds/ubuntu-22-1.5.0.vhd` },
  ];
  await write({ leftMs: () => 30_000 }).startDistribution(place, 'outputs', {
    ...{ source: { ...image, version: '1.5.0' }, outputs, identity: builderIdentity, vmSize: 'Standard_D2s_v5' },
    ...{ settings: { tags: { costCenter: '4711' } }, timeoutMinutes: 120, tags: {}, artifactTags: { checked: 'yes' } },
  });
  await until(async () => (await read.build(place, 'outputs')).state === 'succeeded');
  const places = (await read.distributed(place, 'outputs')).length;
  const there = await Promise.all(outputs.map((output) => read.output(output)));
  if (places !== 2 || there.some((one) => one?.state !== 'ready')) throw new Error('an output is missing');
}

/** What trials send: a definition of their own, a copy of a version in it, a change of that, and both deleted. */
async function tryOut({ azureUrl }: LocalWorld): Promise<void> {
  const { read, write } = createAzure({
    credential: sandboxCredential,
    httpClient: sandboxClient(azureUrl),
    subscription: platformSubscription,
  });
  const gallery = { subscription: platformSubscription, resourceGroup: galleryResourceGroup, gallery: galleryName };
  const change = write({ leftMs: () => 30_000 });
  const [run, endOfLife] = ['R-7F3KQ', '2030-01-01T00:00:00.000Z'];
  const source = { definition: 'ubuntu-22', version: '1.5.0' };
  const is = (state?: string) => async () => (await read.trial(gallery)).version?.provisioningState === state;
  await change.makeTrialDefinition(gallery, { source: source.definition, run });
  await until(async () => (await read.trial(gallery)).definition !== undefined);
  await change.makeTrialVersion(gallery, { source, run, endOfLife });
  await until(is('Succeeded'));
  for (const { body } of patchTrials) {
    await change.patchTrialVersion(gallery, body(trialSpec(run, { region: 'West Europe', endOfLife })));
    await until(is('Succeeded'));
  }
  await change.deleteTrial(gallery, 'version');
  await until(is());
  await until(() =>
    change.deleteTrial(gallery, 'definition').then(
      () => true,
      () => false,
    ),
  );
}

/** A template that did not run by itself, and a build that is cancelled: no conversation gets there in so little time. */
async function runAndCancel({ azureUrl }: LocalWorld): Promise<void> {
  const [name, location] = ['idle', 'westeurope'];
  const group = `/subscriptions/${platformSubscription}/resourceGroups/${buildResourceGroup}`;
  const address = `${azureUrl}${group}/providers/Microsoft.VirtualMachineImages/imageTemplates/${name}?api-version=2025-10-01`;
  const { read, write } = createAzure({
    credential: sandboxCredential,
    httpClient: sandboxClient(azureUrl),
    subscription: platformSubscription,
  });
  const place = { subscription: platformSubscription, resourceGroup: buildResourceGroup, location };
  const change = write({ leftMs: () => 30_000 });
  const made = await fetch(address, {
    method: 'PUT',
    headers: { 'content-type': 'application/json', authorization: 'Bearer test', 'user-agent': 'goldbot' },
    body: JSON.stringify(template({ properties: { autoRun: { state: 'Disabled' } } })),
  });
  if (!made.ok) throw new Error(await made.text());
  await until(async () => (await read.build(place, name)).state === 'idle');
  await read.foreignTemplates(platformSubscription);
  await read.triggers(place, name);
  await change.runTemplate(place, name);
  await change.cancelBuild(place, name);
  await until(async () => (await read.build(place, name)).state === 'canceled');
  await change.deleteTemplate(place, name);
}
