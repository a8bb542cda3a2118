import { fingerprintDigest } from '../../core/images';
import type { RequestId } from '../../core/runs';
import type { Json } from '../../sandbox/kernel/types';
import { ask } from '../sandbox/client';
import { type AzureWorld, azureWorld, people } from '../support/azure-world';
import { exampleCatalogue } from '../support/catalogue';

/**
 * Servers boot from what is published, so an approval is good for the very object that was tested. Here somebody who may
 * write to the gallery changes it behind goldbot's back.
 */

let world: AzureWorld;
beforeAll(async () => {
  world = await azureWorld();
});
afterAll(async () => {
  await world.close();
});

const { subscription, gallery } = exampleCatalogue().azure;
const definition = `/subscriptions/${subscription}/resourceGroups/${gallery.resourceGroup}/providers/Microsoft.Compute/galleries/${gallery.name}/images/ubuntu-22`;

async function arm(method: string, version: string, body?: Json): Promise<Json> {
  const answer = await ask(world.sandbox, method, `${definition}/versions/${version}?api-version=2025-03-03`, body);
  expect(answer.status).toBeLessThan(300);
  return answer.body as Json;
}

/** Gallery and definition stay; whatever is under way in Azure ends. Nobody's approval lapses meanwhile. */
const settle = () => world.world.clock.advance(20);

/** Deletes the version and puts another image under its number, with the same tags and still excluded from latest. */
async function replace(version: string, excludeFromLatest: boolean): Promise<void> {
  const { tags, location } = (await arm('GET', version)) as { tags: Json; location: string };
  await arm('DELETE', version);
  settle();
  const source = { id: `${definition}/versions/1.4.1` };
  await arm('PUT', version, {
    location,
    tags,
    properties: { storageProfile: { source }, publishingProfile: { excludeFromLatest } },
  });
  settle();
}

async function retag(version: string, change: Record<string, string>): Promise<void> {
  const { tags } = (await arm('GET', version)) as { tags: Record<string, string> };
  await arm('PATCH', version, { tags: { ...tags, ...change }, properties: { storageProfile: {} } });
  settle();
}

const signal = (id: RequestId, kind: 'rebuild' | 'cancel') =>
  world.control.signal({ request: id, kind, person: people.ada, body: {}, intent: `${kind} ${Math.random()}` });

/** Builds the next candidate and lets its request be asked. */
async function asked(id: RequestId) {
  const run = await world.stage(id, 'approve');
  return { run, request: await world.asked(id), version: run.plan.fixed?.version ?? '' };
}

const entry = async (action: string, request: RequestId) =>
  (await world.reads.audit({ limit: 1_000 })).find((e) => e.action === action && e.request === request);

describe('an approval of an object', () => {
  it('that was replaced under its number, or whose tags were rewritten, publishes nothing and says why', async () => {
    const { id } = await world.publish();
    const first = await asked(id);
    expect(first.request.fingerprint).toEqual(first.run.data.tested);
    await replace(first.version, false);
    const decision = await world.approve(id);
    expect(decision.outcome).toBe('approved');
    const broken = await world.stage(id, 'repair');

    expect(broken.data.failure?.error).toMatch(
      /^Somebody changed the version after it was tested, so nothing was published: source: https:.*\.vhd → galleries\/.*\/versions\/1\.4\.1$/,
    );
    expect(broken.data.failure?.remedy).toMatch(
      /^It was latest meanwhile; goldbot has excluded it\. Ask who changed it .*Rebuild/,
    );
    const seen = (await world.versions()).get(first.version);
    expect(seen?.tags['goldbot-published']).toBeUndefined();
    expect(seen?.excludedFromLatest).toBe(true);
    const voided = await world.reads.approval(first.request.id);
    expect(voided).toMatchObject({ status: 'void', voided: { why: 'changed' } });
    const differences = voided?.voided?.why === 'changed' ? voided.voided.differences : [];
    expect(differences.map((d) => d.part)).toEqual(['source', 'published date']);
    expect((await entry('void', first.request.id))?.detail).toMatchObject({ why: 'changed', differences });

    expect((await world.reads.recordedVersions('ubuntu-22')).get(first.version)).toEqual({
      runId: id,
      fingerprint: first.request.fingerprint,
    });
    expect((await world.reads.recordedVersions('ubuntu-22')).get('1.5.0')).toBeUndefined();

    await signal(id, 'rebuild');
    const second = await asked(id);
    expect(second.run.data.hidden).toBeUndefined();
    await retag(second.version, { 'goldbot-source': 'Evil' });
    await world.approve(id);
    const again = await world.until(id, (r) => r.stage === 'repair' && r.attempt === 2);
    expect(again.data.failure?.tail).toEqual([expect.stringMatching(/^tag goldbot-source: Canonical:.* → Evil$/)]);
    expect((await world.versions()).get(second.version)?.tags['goldbot-published']).toBeUndefined();

    await signal(id, 'cancel');
    await world.end(id);
  });

  it('is asked anew when it lapsed or was bound to no object; what others may add does not void it', async () => {
    const { id } = await world.publish();
    const unbound = await asked(id);
    // As a replica of the version before left it; the migration makes such runs due.
    await world.database.query('update approval set fingerprint = null where id = $1', [unbound.request.id]);
    await world.database.query('update run set due_at = created_at where id = $1', [id]);
    await world.until(id, async () => (await world.reads.approval(unbound.request.id))?.status === 'void');
    expect((await world.reads.approval(unbound.request.id))?.voided).toEqual({ why: 'unbound' });

    const old = await world.asked(id);
    expect(old.fingerprint).toEqual(unbound.run.data.tested);
    const holding = world.hold(id, 'publish');
    await world.approve(id);
    const release = await holding;
    world.world.clock.advance(30 * 24 * 60);
    release();
    await world.until(id, async () => (await world.reads.approval(old.id))?.status === 'void');
    expect((await world.reads.approval(old.id))?.voided).toEqual({ why: 'outlived' });
    expect((await world.versions()).get(unbound.version)?.excludedFromLatest).toBe(true);

    const fresh = await world.asked(id);
    expect(fresh.decisions).toEqual([]);
    expect((await entry('ask', fresh.id))?.detail).toMatchObject({
      fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/),
      tattoo: unbound.run.data.tattooHash,
    });
    await retag(unbound.version, { owner: 'somebody', 'goldbot-state': 'aged' });
    const places = ['westeurope', 'northeurope', 'eastus', 'francecentral'].map((name) => ({ name }));
    const others = { targetRegions: places, endOfLifeDate: '2031-01-01' };
    await arm('PATCH', unbound.version, { properties: { storageProfile: {}, publishingProfile: others } });
    settle();
    await world.approve(id);
    const done = await world.end(id);
    expect(done.outcome).toBe('published');
    expect((await world.reads.approval(fresh.id))?.status).toBe('approved');
    expect((await entry('approve', fresh.id))?.detail).toMatchObject({
      fingerprint: fingerprintDigest(fresh.fingerprint ?? {}),
    });
    const published = (await world.versions()).get(unbound.version);
    expect(published?.tags['owner']).toBe('somebody');
    expect(published?.endOfLife?.toISOString()).toBe(done.plan.fixed?.endOfLife);
    expect(published?.regions.map((r) => r.name).sort()).toEqual([
      'East US',
      'France Central',
      'North Europe',
      'West Europe',
    ]);
  });
});
