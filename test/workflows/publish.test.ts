import type { RequestId } from '../../core/runs';
import type { Json } from '../../sandbox/kernel/types';
import { ask } from '../sandbox/client';
import { type AzureWorld, azureWorld, people } from '../support/azure-world';
import { exampleCatalogue } from '../support/catalogue';
import { inFull, some } from '../support/size';

let world: AzureWorld;
beforeEach(async () => {
  world = await azureWorld();
});
afterEach(async () => {
  await world.close();
});

/** Changes what the guests of ubuntu-22 look like, so that a test can fail. */
const guest = (set: Json) => ask(world.sandbox, 'POST', '/_sandbox/guest', { image: 'ubuntu-22', set });
const breakSshd = { services: { ssh: { active: false } } };

const fault = (body: Json) => ask(world.sandbox, 'POST', '/_sandbox/faults', body);

/** The changes that made a version eligible for “latest”: the profiles that they sent. */
function exposures(version: string): readonly Json[] {
  const changes = world.changes('PATCH', new RegExp(`/versions/${version}\\?`));
  return changes.flatMap(({ requestBody }) => {
    const { publishingProfile: profile } = (requestBody as unknown as Profiled).properties;
    return profile?.excludeFromLatest === false ? [profile as Json] : [];
  });
}

interface Profiled {
  readonly properties: { readonly publishingProfile?: { readonly excludeFromLatest?: boolean } };
}

describe('the publish run', () => {
  it("of a number below the latest takes nobody's place", async () => {
    const { id } = await world.publish({ version: '1.4.7' });
    await world.approve(id);
    await world.end(id);
    const versions = await world.versions();
    expect(versions.get('1.5.0')?.tags['goldbot-state']).not.toBe('aged');
    expect(versions.get('1.4.7')?.tags['goldbot-state']).toBeUndefined();
    expect(versions.get('1.4.1')?.tags).toMatchObject({ 'goldbot-state': 'aged', 'goldbot-replaced-by': '1.5.0' });
  });

  it('joins the open run when the same image is published again', async () => {
    const first = await world.publish();
    const second = await world.publish({}, people.grace);
    expect(second.id).toBe(first.id);
    expect((await world.run(first.id)).actors.map((a) => `${a.name} ${a.did}`)).toEqual([
      'Ada requested',
      'Grace joined',
    ]);
  });
});

describe('a publish whose test fails', () => {
  it('waits for repair with the test, its words and its machine gone, and goes on after a rebuild', async () => {
    await guest(breakSshd);
    const { id } = await world.publish();
    const broken = await world.stage(id, 'repair');
    expect(broken.data.failure).toMatchObject({ stage: 'test', what: 'sshd' });
    expect(broken.data.failure?.tail.join('\n')).toContain('inactive');

    await guest(null);
    const mended = { kind: 'rebuild', body: { note: 'sshd is on again' }, intent: 'mended' } as const;
    await world.control.signal({ request: id, person: people.ada, ...mended });
    const asking = await world.stage(id, 'approve');
    expect(asking.attempt).toBe(2);
    const after = { stage: 'test', what: 'sshd', error: broken.data.failure?.error };
    expect(asking.data.rebuilds).toEqual([{ attempt: 2, by: 'Ada', note: 'sshd is on again', after, changes: [] }]);
    expect(asking.plan.fixed?.version).not.toBe(broken.plan.fixed?.version);
    expect(asking.planHash).not.toBe(broken.planHash);

    await world.approve(id);
    const done = await world.end(id);
    expect(done.outcome).toBe('published');
    expect((await world.versions()).has(broken.plan.fixed?.version ?? '')).toBe(false);
    expect(await world.leftovers(id)).toEqual([]);
  });
});

describe('a rejected publish', () => {
  it('goes back to repair with the reason', async () => {
    const { id } = await world.publish();
    await world.stage(id, 'approve');
    await world.asked(id);
    const reason = 'the kernel is too new';
    await world.control.decide({
      request: id,
      person: people.grace,
      verdict: 'reject',
      reason,
      via: 'text',
      intent: 'no',
    });
    const run = await world.stage(id, 'repair');
    expect(run.data.failure).toMatchObject({ stage: 'approve', error: reason });
    expect(run.data.failure?.what).toContain('Grace');
  });
});

it('a region without room does not hold up the others: the version is published, and told where it is not', async () => {
  const given = await ask(world.sandbox, 'POST', '/_sandbox/conditions', {
    regions: [{ location: 'eastus', replicas: false }],
  });
  expect(given.status).toBe(200);
  const { id } = await world.publish();
  await world.approve(id);
  const { outcome, data, plan } = await world.end(id);
  const version = plan.fixed?.version ?? '';

  expect([outcome, data.failure, exposures(version).length]).toEqual(['published', undefined, 1]);
  expect((await world.versions()).get(version)?.excludedFromLatest).toBe(false);
  expect(data.regions?.map(({ name, state }) => `${name} ${state}`).sort()).toEqual([
    'East US Failed',
    'North Europe Completed',
    'West Europe Completed',
  ]);
});

describe('cancelling', () => {
  it('is heard at once, however far away the next look is', async () => {
    const still = await azureWorld();
    const { id } = await still.publish();
    const { clock } = still.world;
    const waits = await still.until(
      id,
      ({ data, dueAt }) => data.looking?.what === 'build' && dueAt.getTime() - clock.nowMs() > 30_000,
    );
    const body = { reason: 'wrong week' };
    await still.control.signal({ request: id, kind: 'cancel', person: people.ada, body, intent: 'stop' });
    const { data } = await still.stage(id, 'cleanup');
    await still.close();
    const heard = data.times?.find(({ stage }) => stage === 'cleanup')?.from ?? '';
    expect(Date.parse(heard)).toBeLessThan(waits.dueAt.getTime());
  });

  it.each(some(2, ['customise', 'approve', 'capture', 'tattoo', 'test'] as const))(
    'in %s ends the run and cleans everything away',
    async (stage) => {
      const { id } = await world.publish();
      const release = await world.hold(id, stage);
      await world.control.signal({
        request: id,
        kind: 'cancel',
        person: people.ada,
        body: { reason: 'wrong week' },
        intent: 'stop',
      });
      release();
      const run = await world.end(id);

      expect(run.outcome).toBe('cancelled');
      expect(run.data.ending).toMatchObject({ why: 'wrong week', by: 'Ada' });
      expect(await world.leftovers(id)).toEqual([]);
    },
  );

  inFull('in repair ends it too', async () => {
    await guest(breakSshd);
    const { id } = await world.publish();
    await world.stage(id, 'repair');
    await world.control.signal({
      request: id,
      kind: 'cancel',
      person: people.ada,
      body: { reason: 'later' },
      intent: 'stop',
    });
    expect((await world.end(id)).outcome).toBe('cancelled');
    expect(await world.leftovers(id)).toEqual([]);
  });

  it('while Azure copies the version to its regions deletes it unpublished, as soon as Azure lets it', async () => {
    const { id } = await world.publish();
    await world.approve(id);
    let seen: unknown;
    // While the run is looked at, the time of the world stands.
    const copying = await world.until(id, async (r) => {
      if (r.stage !== 'replicate' || r.data.regions === undefined) return false;
      seen = (await world.versions()).get(r.plan.fixed?.version ?? '');
      await world.control.signal({ request: id, kind: 'cancel', person: people.ada, body: {}, intent: 'stop' });
      return true;
    });
    const version = copying.plan.fixed?.version ?? '';
    expect(seen).toMatchObject({ provisioningState: 'Updating' });
    const run = await world.end(id);

    expect([run.outcome, run.data.cleaned]).toEqual(['cancelled', expect.arrayContaining([`ubuntu-22@${version}`])]);
    expect((await world.versions()).has(version)).toBe(false);
    expect(await world.leftovers(id)).toEqual([]);
    expect(exposures(version)).toEqual([]);
  });

  it('is refused once publishing has begun', async () => {
    const { id } = await world.publish();
    await world.approve(id);
    await world.until(id, (r) => ['publish', 'age', 'cleanup'].includes(r.stage));
    await expect(late(id)).rejects.toMatchObject({ code: 'RUN_PAST_CANCEL' });
    expect((await world.end(id)).outcome).toBe('published');
  });

  const late = (id: RequestId) =>
    world.control.signal({ request: id, kind: 'cancel', person: people.ada, body: {}, intent: 'late' });

  inFull(
    'is refused in a run of before once it is copied to its regions, since those were published first',
    async () => {
      const { id } = await world.publish();
      const order = ['plan', 'capture', 'customise', 'tattoo', 'test', 'repair', 'approve', 'publish', 'replicate'];
      const asBefore = [...order, 'age', 'announce', 'cleanup'];
      await world.database.query('update run set stages = $2 where id = $1', [id, asBefore]);
      await world.approve(id);
      const copying = await world.until(id, (r) => r.stage === 'replicate' && r.data.regions !== undefined);
      await expect(late(id)).rejects.toMatchObject({ code: 'RUN_PAST_CANCEL' });
      const { outcome, stages, data, plan } = await world.end(id);

      expect([outcome, stages]).toEqual(['published', asBefore]);
      expect(copying.data.publishedAt).toBe(data.publishedAt);
      expect(data.times?.map(({ stage }) => stage).slice(-5)).toEqual([
        ...['publish', 'replicate', 'age', 'announce', 'cleanup'],
      ]);
      expect(exposures(plan.fixed?.version ?? '')).toMatchObject([{ targetRegions: [{}, {}, {}] }]);
      expect(data.regions?.map(({ state }) => state)).toEqual(['Completed', 'Completed', 'Completed']);
    },
  );
});

describe('when Azure misbehaves', () => {
  const templates = 'imageTemplates';

  it.each(some(1, [503, 429, 500]))('a publish survives %i', async (status) => {
    await fault({ match: { face: 'azure', url: 'Microsoft\\.(Compute|VirtualMachineImages)' }, status, times: 6 });
    const { id } = await world.publish();
    await world.stage(id, 'approve');
    expect(world.changes('PUT', /imageTemplates\/[^/]+\?/)).toHaveLength(1);
  });

  it('a PUT that took effect but whose answer was lost builds once', async () => {
    await fault({ match: { face: 'azure', method: 'PUT', url: templates }, dropAfterAccept: true, times: 1 });
    await fault({ match: { face: 'azure', method: 'PUT', url: 'virtualMachines' }, dropAfterAccept: true, times: 1 });
    const { id } = await world.publish();
    await world.stage(id, 'approve');
    expect(world.changes('PUT', /imageTemplates\/[^/]+\?/)).toHaveLength(1);
    expect(world.changes('PUT', /virtualMachines\/[^/]+\?/)).toHaveLength(1);
  });

  it('a build that fails in Azure needs repair, with the code', async () => {
    await fault({ match: { face: 'azure', method: 'PUT', url: templates }, lro: 'failed', times: 1 });
    const { id } = await world.publish();
    const run = await world.stage(id, 'repair');
    expect(run.data.failure?.stage).toBe('customise');
  });

  inFull('a build that never ends is cancelled after its time-out', async () => {
    await fault({ match: { face: 'azure', method: 'PUT', url: templates }, lro: 'never', times: 1 });
    const { id } = await world.publish();
    const run = await world.stage(id, 'repair');
    expect(run.data.failure?.error).toMatch(/did not end|context deadline exceeded/i);
  });

  it('what Azure calls wrong needs repair with its words, and goes on after a rebuild', async () => {
    await fault({ match: { face: 'azure', method: 'PUT', url: templates }, status: 400, times: 1 });
    const { id } = await world.publish();
    const run = await world.stage(id, 'repair');
    expect(run.data.failure?.error).toContain('invalid');
    await world.control.signal({ request: id, kind: 'rebuild', person: people.ada, body: {}, intent: 'again' });
    await world.stage(id, 'approve');
  });

  inFull('a run command that Azure calls wrong fails the test, and the machine is gone', async () => {
    await fault({ match: { face: 'azure', method: 'PUT', url: 'runCommands' }, status: 400, times: 1 });
    const { id } = await world.publish();
    const run = await world.stage(id, 'repair');
    expect(run.data.failure?.stage).toBe('test');
    expect((await world.leftovers(id)).filter((name) => name.startsWith('gbt-'))).toEqual([]);
  });

  it('a test machine that somebody deletes fails the test', async () => {
    const { id } = await world.publish();
    await world.until(id, (r) => r.stage === 'test' && (r.data.tests?.length ?? 0) >= 1);
    const { subscription, buildResourceGroup } = exampleCatalogue().azure;
    const vm = `/subscriptions/${subscription}/resourceGroups/${buildResourceGroup}/providers/Microsoft.Compute/virtualMachines/gbt-${id.slice(2).toLowerCase()}-a1`;
    const gone = await ask(world.sandbox, 'DELETE', `${vm}?api-version=2026-03-01`);
    expect(gone.status).toBe(202);
    const run = await world.stage(id, 'repair');
    expect(run.data.failure).toMatchObject({ stage: 'test' });
    expect(run.data.failure?.error).toMatch(/deleted by somebody|not found|does not exist/i);
  });

  inFull('a template that vanishes in mid-build needs repair', async () => {
    const { id } = await world.publish();
    const { template } = (await world.until(id, (r) => r.data.template !== undefined)).data;
    // Image Builder refuses to delete what builds: somebody cancels it first, then deletes it.
    const { subscription, buildResourceGroup } = exampleCatalogue().azure;
    const path = `/subscriptions/${subscription}/resourceGroups/${buildResourceGroup}/providers/Microsoft.VirtualMachineImages/imageTemplates/${template}`;
    await world.until(
      id,
      async () => (await ask(world.sandbox, 'POST', `${path}/cancel?api-version=2025-10-01`)).status < 300,
    );
    const run = await world.stage(id, 'repair');
    expect(run.data.failure?.error).toMatch(/cancelled in Azure|vanished/);
  });

  it.each(some(1, ['gone', 'canceled']))(
    'a build whose operation ends as %s is looked at, not believed',
    async (lro) => {
      await fault({ match: { face: 'azure', method: 'PUT', url: templates }, lro, times: 1 });
      const { id } = await world.publish();
      const run = await world.until(id, (r) => r.stage === 'repair' || r.stage === 'approve');
      expect(run.stage).toBe(lro === 'gone' ? 'approve' : 'repair');
    },
  );

  it('a look that only informs does not hold up the asking', async () => {
    await fault({ match: { face: 'azure', url: 'Microsoft.ResourceGraph' }, status: 403 });
    const { id } = await world.publish();
    const run = await world.stage(id, 'approve');
    await world.asked(id);
    expect(run.data.selfUpgrading).toBeUndefined();
  });

  it('a log that cannot be read leaves the reason to Azure', async () => {
    await fault({ match: { face: 'azure', url: 'storageAccounts|blob.core' }, status: 403 });
    await fault({ match: { face: 'azure', method: 'PUT', url: templates }, lro: 'failed', times: 1 });
    const { id } = await world.publish();
    const run = await world.stage(id, 'repair');
    expect(run.data.failure?.error).not.toBe('');
    expect(run.data.failure?.tail).toEqual([]);
  });

  /** A published run, and a template of it that a late request made after its clean-up. */
  async function withLeftover(): Promise<string> {
    const { id } = await world.publish();
    await world.approve(id);
    await world.end(id);
    const { subscription, buildResourceGroup, location } = exampleCatalogue().azure;
    const old = `/subscriptions/${subscription}/resourceGroups/${buildResourceGroup}/providers/Microsoft.VirtualMachineImages/imageTemplates/leftover`;
    const made = await ask(world.sandbox, 'PUT', `${old}?api-version=2025-10-01`, leftover(location, id));
    expect(made.status).toBe(201);
    return `${old}?api-version=2025-10-01`;
  }

  inFull(
    'what an earlier run left behind is the concern of the reaper: it does not keep this run open, and it goes',
    async () => {
      const old = await withLeftover();
      const locked = {
        match: { face: 'azure', method: 'DELETE', url: 'imageTemplates/leftover' },
        status: 409,
        times: 2,
      };
      await fault(locked);
      const second = await world.publish();
      await world.approve(second.id);
      const { outcome, data } = await world.end(second.id);
      expect({ outcome, handed: data.handed }).toEqual({ outcome: 'published', handed: ['leftover'] });
      expect(await world.reaped('leftover')).toMatchObject({ looks: 4, answer: 'it is gone' });
      expect((await ask(world.sandbox, 'GET', old)).status).toBe(404);
    },
  );

  it('a role that is missing keeps the run and tells people', async () => {
    await fault({ match: { face: 'azure', method: 'PUT', url: templates }, status: 403 });
    const { id } = await world.publish();
    const stuck = await world.until(id, (r) => r.tries >= 5);
    expect(stuck).toMatchObject({ stage: 'customise', endedAt: null });
    expect(stuck.lastError).toMatch(/role|permission|authoriz/i);
  });
});

describe('an approval that nobody gives', () => {
  it('expires, and the candidate goes', async () => {
    const { id } = await world.publish();
    await world.stage(id, 'approve');
    await world.asked(id);
    world.world.clock.advance(4 * 24 * 60);
    const run = await world.end(id);
    expect(run.outcome).toBe('expired');
    expect(await world.leftovers(id)).toEqual([]);
  });
});

/** An image template as a request that arrived late would have left it. */
function leftover(location: string, run: string): Json {
  const { identity, azure } = { identity: exampleCatalogue().azure.identity, azure: exampleCatalogue().azure };
  const gallery = `/subscriptions/${azure.subscription}/resourceGroups/${azure.gallery.resourceGroup}/providers/Microsoft.Compute/galleries/${azure.gallery.name}`;
  return {
    location,
    identity: { type: 'UserAssigned', userAssignedIdentities: { [identity]: {} } },
    tags: { 'goldbot-run': run, 'goldbot-image': 'ubuntu-22' },
    properties: {
      source: {
        type: 'PlatformImage',
        publisher: 'Canonical',
        offer: '0001-com-ubuntu-server-jammy',
        sku: '22_04-lts-gen2',
        version: 'latest',
      },
      customize: [{ type: 'Shell', name: 'nothing', inline: ['true'] }],
      distribute: [
        {
          type: 'SharedImage',
          galleryImageId: `${gallery}/images/ubuntu-22`,
          runOutputName: 'late',
          targetRegions: [{ name: 'westeurope' }],
        },
      ],
    },
  };
}
