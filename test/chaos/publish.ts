import { SandboxClock } from '../../app/local';
import type { AzureRead } from '../../core/azure';
import type { Catalogue, ImageConfig } from '../../core/catalogue';
import { imageRef, versionTags } from '../../core/images';
import type { PublishPlan, RequestId, Run } from '../../core/runs';
import { startSandbox } from '../../sandbox';
import type { Sandbox } from '../../sandbox/kernel/sandbox';
import type { Exchange } from '../../sandbox/kernel/types';
import { type Azure, createAzure, sandboxClient, sandboxCredential } from '../../services';
import { openDatabase } from '../../store';
import { type AllReads, createReads, type Reads } from '../../store/reads';
import { publishWorkflow } from '../../workflows/publish';
import type { RunControl } from '../../workflows/start';
import { people as known } from '../support/azure-world';
import { exampleCatalogue } from '../support/catalogue';
import { Arrivals, marked, marking } from './arrivals';
import { patient } from './patient';
import { seeded } from './random';
import { type EngineScenario, eachOf, type ScenarioWorld } from './scenario';

/** Images that are published at the same time, so that three replicas have something to fight about. */
export const copies = ['jammy-a', 'jammy-b', 'jammy-c', 'windows-a'] as const;
/** The one that is given out as more than a version of the gallery. */
const withOutputs = 'jammy-c';
/** A minute of the world in 40 ms. */
const speed = 1_500;
/** After one lease of the harness and its longest request. */
const secondLookMs = 1_700;

function catalogue(): Catalogue {
  const example = exampleCatalogue();
  const images = copies.map((name) => {
    const of = name.startsWith('windows') ? 'windows-2022' : 'ubuntu-22';
    const image = example.images.find((i) => i.name === of) as ImageConfig;
    const outputs = name === withOutputs ? (['managed-image', 'vhd'] as const) : [];
    return {
      ...image,
      name,
      aliases: [],
      imageDefinition: name,
      tests: image.tests.slice(0, 3),
      outputs: [...outputs],
    };
  });
  return { ...example, images };
}

function azureAt(url: string): Azure {
  const { subscription } = catalogue().azure;
  return createAzure({ credential: sandboxCredential, httpClient: marking(sandboxClient(url)), subscription });
}

export function workflowOver(reads: Reads) {
  const deps = {
    catalogue,
    lockOf: (image: string) => reads.lockOf(image),
    versionsTaken: (image: string) => reads.versionsTaken(image),
    medianBuildMs: (image: string) => reads.duration(image),
    waitedBefore: (image: string) => reads.waited(image),
    publishedBefore: reads.schedules.published,
    recorded: async (image: string, version: string) => (await reads.recordedVersions(image)).get(version)?.fingerprint,
    outcomeOf: async (id: string) => (await reads.run(id as RequestId))?.outcome ?? undefined,
    deciders: async () => ({ size: 'fits' as const, count: 2, ids: [] }),
    contents: reads.contents,
  };
  return publishWorkflow(deps, { secondLookMs });
}

/** The gallery definitions of the copies, as somebody would have made them before. */
export async function makeDefinitions(url: string): Promise<void> {
  for (const { name, os } of catalogue().images) {
    const { subscription, location, gallery } = catalogue().azure;
    const path = `/subscriptions/${subscription}/resourceGroups/${gallery.resourceGroup}/providers/Microsoft.Compute/galleries/${gallery.name}/images/${name}`;
    const identifier = { publisher: 'Contoso', offer: os, sku: name };
    const response = await fetch(`${url}${path}?api-version=2025-03-03`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json', authorization: 'Bearer sandbox' },
      body: JSON.stringify({
        location,
        properties: { osType: os, osState: 'Generalized', hyperVGeneration: 'V2', identifier },
      }),
    });
    if (!response.ok) throw new Error(`${name}: ${response.status} ${await response.text()}`);
  }
}

/**
 * Approves most, rejects some; rebuilds what needs repair, once, else gives up; cancels some, also while they are copied
 * to their regions; clicks everything twice.
 */
export function people(random: () => number, now: () => Date): ScenarioWorld['people'] {
  const met = new Set<string>();
  /** The version of a run that needed repair for the first time. */
  const repairs = new Map<string, number>();
  const { ada, grace } = known;
  return async ({ control, reads }: { control: RunControl; reads: AllReads }) => {
    for (const { id, planHash } of await reads.approvalsPending(now())) {
      const verdict = random() < 0.9 ? 'approve' : 'reject';
      const decide = (intent: string) =>
        control.decide({
          request: id,
          hash: planHash,
          person: grace,
          verdict,
          reason: 'for chaos',
          via: 'button',
          intent,
        });
      await Promise.allSettled([decide(`${id}-1`), decide(`${id}-1`), decide(`${id}-2`)]);
    }
    for (const { id, stage, version } of await reads.openRuns()) {
      const tell = (kind: 'cancel' | 'rebuild') => {
        const body = kind === 'cancel' ? { reason: 'for chaos' } : { note: 'for chaos' };
        return control
          .signal({ request: id, kind, person: ada, body, intent: `${kind}-${id}-${version}` })
          .catch(() => {});
      };
      if (stage === 'repair') {
        // Outputs are made again within one attempt: what it came to a second time a third one would as well.
        const before = repairs.get(id) ?? version;
        repairs.set(id, before);
        await tell(before === version ? 'rebuild' : 'cancel');
      }
      const part = `${id} ${stage === 'replicate' ? 'copied' : 'begun'}`;
      if (stage === 'plan' || met.has(part)) continue;
      met.add(part);
      if (random() < 0.12) await tell('cancel');
    }
  };
}

export const scenario: EngineScenario = {
  name: 'publish',
  async replica(worldUrl, databaseUrl) {
    const azure = azureAt(worldUrl);
    const reads = createReads(openDatabase({ url: databaseUrl, poolSize: 2 }));
    return {
      clock: await SandboxClock.follow(worldUrl, 100),
      read: azure.read,
      write: marked(azure.write),
      workflows: [workflowOver(reads)],
    };
  },
  async world(seed, databaseUrl) {
    const sandbox = await startSandbox({ speed });
    const arrivals = arriving(sandbox.sandbox);
    await makeDefinitions(sandbox.azureUrl);
    const azure = azureAt(sandbox.azureUrl);
    const database = patient(openDatabase({ url: databaseUrl, poolSize: 2 }));
    const { clock } = sandbox.world;
    const plan: PublishPlan = { request: {}, approvalChannel: 'Image Factory / approvals', fixed: null };
    return {
      url: sandbox.azureUrl,
      clock,
      directory: azure.directory,
      workflows: [workflowOver(createReads(database))],
      next: eachOf(copies, plan),
      people: people(seeded(seed), () => clock.now()),
      judge: async (runs) => ({
        ...(await judge(runs, azure.read, sandbox.sandbox.exchanges)),
        'writes sent after their lease': arrivals.unleased,
      }),
      evidence: () => storiesOf(sandbox.sandbox.exchanges),
      close: async () => {
        await database.close();
        await sandbox.close();
      },
    };
  },
};

/** What arrives late is answered as by a gateway that gave up, and done by nobody. */
function arriving({ faults }: Sandbox): Arrivals {
  const arrivals = new Arrivals();
  const strike = faults.strike.bind(faults);
  const lost = { match: {}, status: 504 };
  faults.strike = (request) => (arrivals.isLost(request.headers) ? lost : strike(request));
  return arrivals;
}

export async function judge(
  runs: readonly Run[],
  read: AzureRead,
  exchanges: readonly Exchange[],
): Promise<Record<string, number>> {
  const { azure, images } = catalogue();
  const place = { subscription: azure.subscription, resourceGroup: azure.buildResourceGroup, location: azure.location };
  const refs = images.map((image) => imageRef(azure, image));
  const versions = (await Promise.all(refs.map((ref) => read.versions(ref)))).flat();
  const left = (await Promise.all(refs.map((ref) => read.leftovers(place, ref)))).flat();
  const published = versions.filter((v) => v.tags[versionTags.published] !== undefined);
  const made = await outputsOf(runs, read);
  const runsOfPublished = published.map((v) => v.tags[versionTags.run] ?? '');
  const said = runs.filter((r) => r.outcome === 'published').map((r) => r.id as string);
  const accepted = exchanges.filter(isAccepted);
  return {
    'duplicate builds':
      doubles(accepted, 'PUT', /\/imageTemplates\/[^/?]+\?/) +
      doubles(accepted, 'POST', /\/imageTemplates\/[^/?]+\/run\?/),
    'duplicate machines': doubles(accepted, 'PUT', machinePath),
    'duplicate run commands': doubles(accepted, 'PUT', /\/runCommands\/[^/?]+\?/),
    'duplicate publishes':
      doubles(accepted.filter(exposes), 'PUT', /\/versions\//) +
      doubles(accepted.filter(exposes), 'PATCH', /\/versions\//),
    'runs that published two versions': runsOfPublished.length - new Set(runsOfPublished).size,
    'leaked machines': left.filter((l) => l.kind === 'machine').length,
    'leaked templates': left.filter((l) => l.kind === 'template').length,
    'leaked candidates': left.filter((l) => l.kind === 'version').length,
    'published and not said so': runsOfPublished.filter((id) => !said.includes(id)).length,
    'said so and not published': said.filter((id) => !runsOfPublished.includes(id)).length,
    'outputs that are not there': made.missing,
    'outputs of what was never published': made.stray,
    'failed runs': runs.filter((r) => r.outcome === 'failed').length,
    'unknown requests to the sandbox': exchanges.filter((e) => e.status === 501).length,
  };
}

const isAccepted = ({ status }: Exchange): boolean => status >= 200 && status < 300;
const machinePath = /\/virtualMachines\/[^/?]+\?/;

/** What each run whose plan names outputs comes to: all of them once it has published, none of them otherwise. */
async function outputsOf(runs: readonly Run[], read: AzureRead): Promise<{ missing: number; stray: number }> {
  let [missing, stray] = [0, 0];
  for (const run of runs) {
    if (run.kind !== 'publish') continue;
    for (const output of run.plan.fixed?.outputs ?? []) {
      const there = (await read.output(output)) !== undefined;
      if (run.outcome === 'published' && !there) missing += 1;
      if (run.outcome !== 'published' && there) stray += 1;
    }
  }
  return { missing, stray };
}

function exposes({ requestBody }: Exchange): boolean {
  const body = requestBody as {
    properties?: { publishingProfile?: { excludeFromLatest?: boolean } };
    tags?: Record<string, string>;
  } | null;
  const first = body?.tags?.[versionTags.published] !== undefined && body.tags[versionTags.state] === undefined;
  return first && body?.properties?.publishingProfile?.excludeFromLatest === false;
}

/** How many of these requests Azure accepted more than once for the same thing. */
function doubles(exchanges: readonly Exchange[], method: string, path: RegExp): number {
  const urls = urlsOf(exchanges, method, path);
  return urls.length - new Set(urls).size;
}

const urlsOf = (exchanges: readonly Exchange[], method: string, path: RegExp): readonly string[] =>
  exchanges.filter((e) => e.method === method && path.test(e.url)).map((e) => e.url.toLowerCase());

/** All that was asked about the machines that were made more than once: in what order is what tells why. */
function storiesOf(exchanges: readonly Exchange[]): readonly string[] {
  const made = urlsOf(exchanges.filter(isAccepted), 'PUT', machinePath);
  const twice = new Set(made.filter((url, at) => made.indexOf(url) < at).map((url) => url.split('?')[0] ?? url));
  return exchanges
    .filter((e) => twice.has(e.url.toLowerCase().split('?')[0] ?? ''))
    .map(({ at, method, url, status, requestHeaders: sent, responseBody }) => {
      const { provisioningState } =
        (responseBody as { properties?: { provisioningState?: string } } | null)?.properties ?? {};
      const lease =
        sent['x-sent-at'] === undefined ? '' : ` sent at ${sent['x-sent-at']}, good for ${sent['x-left-ms']} ms`;
      return `${at} ${method} ${url.split('/').at(-1)} ${status} ${provisioningState ?? ''}${lease}`;
    });
}
