import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildResourceGroup, platformSubscription } from '../../sandbox/azure/names';
import type { Exchange } from '../../sandbox/kernel/types';
import { createAzure, sandboxClient, sandboxCredential } from '../../services';
import { template } from '../sandbox/image-builder-world';
import { type LocalWorld, startWorld } from '../support/world';
import { parseTranscript } from '../transcripts/parse';
import { play } from '../transcripts/play';

const story = join(__dirname, '../transcripts/the-whole-story.md');

const lookAtMachine = `# What the story leaves out

**Ada** in *Image Factory / General*:

    @goldbot tattoo vm-payments-api-001

**goldbot** answers:

    vm-payments-api-001
`;

/** What goldbot asked of Azure while people of the sandbox's Teams told it to publish, repair, approve and look. */
export async function trafficOfTheProduct(): Promise<readonly Exchange[]> {
  const world = await startWorld();
  try {
    await play(parseTranscript(readFileSync(story, 'utf8')), world);
    await play(parseTranscript(lookAtMachine), world);
    await runAndCancel(world);
    const answer = await fetch(`${world.azureUrl}/_sandbox/requests?face=azure`);
    return (await answer.json()) as Exchange[];
  } finally {
    await world.stop();
  }
}

/** A template that did not run by itself, and a build that is cancelled: no conversation gets there in so little time. */
async function runAndCancel({ azureUrl }: LocalWorld): Promise<void> {
  const [name, location] = ['idle', 'westeurope'];
  const group = `/subscriptions/${platformSubscription}/resourceGroups/${buildResourceGroup}`;
  const address = `${azureUrl}${group}/providers/Microsoft.VirtualMachineImages/imageTemplates/${name}?api-version=2025-10-01`;
  const { looks, effects } = createAzure({
    credential: sandboxCredential,
    httpClient: sandboxClient(azureUrl),
    subscription: platformSubscription,
  });
  const place = { subscription: platformSubscription, resourceGroup: buildResourceGroup, location };
  const change = effects({ leftMs: () => 30_000 });
  const made = await fetch(address, {
    method: 'PUT',
    headers: { 'content-type': 'application/json', authorization: 'Bearer test', 'user-agent': 'goldbot' },
    body: JSON.stringify(template({ properties: { autoRun: { state: 'Disabled' } } })),
  });
  if (!made.ok) throw new Error(await made.text());
  await until(async () => (await looks.build(place, name)).state === 'idle');
  await change.runTemplate(place, name);
  await change.cancelBuild(place, name);
  await until(async () => (await looks.build(place, name)).state === 'canceled');
  await change.deleteTemplate(place, name);
}

async function until(come: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!(await come())) {
    if (Date.now() > deadline) throw new Error('it did not come');
    await new Promise((done) => setTimeout(done, 50));
  }
}
