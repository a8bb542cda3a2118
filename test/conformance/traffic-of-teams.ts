import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isUserError } from '../../core/errors';
import { platformSubscription, teamSubscriptions } from '../../sandbox/azure/names';
import { createAzure, sandboxClient, sandboxCredential } from '../../services';
import { until } from '../support/until';
import type { LocalWorld } from '../support/world';
import { parseTranscript } from '../transcripts/parse';
import { play } from '../transcripts/play';

/** Changes that the conversations of people leave out. */
const otherChanges = `# What the conversations leave out

**Linus** in *payments / ops*:

    @goldbot tattoo vm-payments-api-001 --fresh

**Linus** in *payments / ops*:

    @goldbot tattoo vmss-payments-queue_0 --fresh

**Grace** in *Image Factory / General*:

    @goldbot tattoo arc-data-1 --fresh

**Linus** in *payments / ops*:

    @goldbot rescan payments

**Grace** in *Image Factory / General*:

    @goldbot rescan all

**Grace** in *Image Factory / General*:

    @goldbot restrict payments off --reason "done with it"

**In time** *Image Factory / approvals* shows:

    no longer
    {lifting} · {restriction} · requested by Grace

**Heidi** in *Image Factory / approvals*:

    @goldbot approve {lifting}

**In time** *payments / ops* shows:

    vm-payments-api-001 is ubuntu-22 1.5.0
    ✓ Guest: ubuntu-22 1.5.0

**In time** *payments / ops* shows:

    vmss-payments-queue_0
    Guest: ubuntu-22

**In time** *Image Factory / General* shows:

    arc-data-1 is not known to come from a golden image
    there is no tattoo inside

**In time** *payments / ops* shows:

    Rescan payments
    ✓ Done

**In time** *Image Factory / General* shows:

    Rescan all
    ✓ Done

**In time** *Image Factory / General* shows:

    restrict payments: done
    Grace asked for it in {restriction}.
`;

/** Conversations of test/transcripts. */
const playedWithTeams = [
  ...['compliance-of-a-team', 'changes-for-a-team', 'who-may-use-an-image', 'rolling-a-version-out'],
] as const;

/** People ask where their teams stand, then change it in every way that there is. */
export async function liveWithTeams(world: LocalWorld): Promise<void> {
  for (const name of playedWithTeams) {
    await play(parseTranscript(readFileSync(join(__dirname, '../transcripts', `${name}.md`), 'utf8')), world);
  }
  await Promise.all([play(parseTranscript(otherChanges), world), remediate(world), consent(world)]);
}

const azureOf = ({ azureUrl }: LocalWorld) =>
  createAzure({
    credential: sandboxCredential,
    httpClient: sandboxClient(azureUrl),
    subscription: platformSubscription,
  });

/** A machine of nobody, as no conversation knows its name, gets the tag that its resource group has. */
async function remediate(world: LocalWorld): Promise<void> {
  const { read, write } = azureOf(world);
  const { rows } = await read.machineList({}, 300);
  const orphan = rows.find(({ tags }) => tags['team'] === undefined);
  if (!orphan) throw new Error('there is no machine of nobody');
  const { policies } = await read.machineCompliance(orphan.id);
  const failing = policies.find(({ reference }) => reference === 'inheritteamtag');
  if (!failing?.reference) throw new Error(`nothing can mend ${orphan.name}`);
  const id = `${orphan.id}/providers/Microsoft.PolicyInsights/remediations/goldbot-conformance`;
  const { assignment, reference } = failing;
  await write({ leftMs: () => 30_000 }).startRemediation(id, { assignment, reference });
  await until(async () => (await read.remediation(id))?.state === 'succeeded');
}

const front = `/subscriptions/${teamSubscriptions[1]}/resourceGroups/rg-web/providers/Microsoft.Compute/virtualMachineScaleSets/vmss-web-front`;

/**
 * How the owner of a scale set lets Azure upgrade it, or has it stop. Azure asks nothing in this world, defers nothing and
 * is at no upgrade: what is said all the same is refused.
 */
async function consent(world: LocalWorld): Promise<void> {
  const { read, write } = azureOf(world);
  const writes = write({ leftMs: () => 30_000 });
  await read.upgradeQuestions(front);
  const refused = [
    writes.putOffQuestion(front, 'nothing', new Date()),
    writes.approveUpgrade(front),
    writes.cancelUpgrade(front),
  ];
  for (const one of refused) await one.then(() => Promise.reject(new Error('it was accepted')), mustBeRefused);
}

function mustBeRefused(error: unknown): void {
  if (!isUserError(error)) throw error;
}
