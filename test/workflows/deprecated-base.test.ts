import type { AzureRead, MarketplaceVersion } from '../../core/azure';
import type { PublishData, PublishPlan } from '../../core/runs';
import { findProduct } from '../../sandbox/azure/marketplace/catalogue';
import type { StageContext } from '../../workflows/engine';
import { capture } from '../../workflows/publish/plan';
import { fixed } from '../dialogs/support/plan';
import { aRun, now } from '../dialogs/support/world';
import { type AzureWorld, azureWorld } from '../support/azure-world';
import { roomForAll } from '../support/preflight';
import { worldStart } from '../support/world-start';

const jammy = findProduct('Canonical', '0001-com-ubuntu-server-jammy', '22_04-lts-gen2');

/** The newest version that the sandbox's marketplace has in a state. */
function base(state: string): string {
  const found = jammy?.cadence(worldStart).filter((v) => v.state === state);
  return found?.at(-1)?.version ?? '';
}

describe('a publish from a named base', () => {
  let world: AzureWorld;
  beforeEach(async () => {
    world = await azureWorld();
  });
  afterEach(() => world.close());

  it('ends before anything is built when the base is deprecated', async () => {
    const { id } = await world.publish({ from: base('Deprecated') });
    const run = await world.end(id);
    expect(run.outcome).toBe('failed');
    expect(run.data.ending?.why).toMatch(
      /Canonical has deprecated .* Take the newest, 22.* You can type “publish ubuntu-22 --from 22/,
    );
    expect(world.changes('PUT', /imageTemplates/)).toEqual([]);
  });

  it('goes on from one that will be deprecated, and remembers when', async () => {
    const { id } = await world.publish({ from: base('ScheduledForDeprecation') });
    const run = await world.stage(id, 'customise');
    const days = (Date.parse(run.plan.fixed?.baseDeprecation?.at ?? '') - worldStart) / 86_400_000;
    expect(days).toBeGreaterThan(0);
    expect(days).toBeLessThan(90);
  });

  it('costs one question about the base beside the list', async () => {
    const { id } = await world.publish();
    // Not a stage: the next one may have begun before anybody looks.
    const run = await world.until(id, ({ plan }) => plan.fixed !== null);
    const asked = world.sandbox.exchanges.filter((e) => /artifacttypes\/vmimage/i.test(e.url));
    expect(run.plan.fixed).not.toHaveProperty('baseDeprecation');
    expect(asked.slice(0, 2).map((e) => new URL(e.url).pathname.split('/').at(-1))).toEqual([
      'versions',
      run.plan.fixed?.base.version,
    ]);
  });
});

describe('the second look at the base', () => {
  const older: MarketplaceVersion = { version: '22.04.202610080' };
  const newer: MarketplaceVersion = { version: '22.04.202611260' };
  const step = (found: MarketplaceVersion | undefined, from?: string, later = [newer]) => {
    const read: Partial<AzureRead> = {
      ...roomForAll,
      marketplaceVersion: async (_location, _image, version) => (version === fixed.base.version ? found : { version }),
      marketplaceVersions: async () => [{ version: fixed.base.version }, older, ...later],
    };
    const plan = { request: { ...(from && { from }) }, approvalChannel: 'x', fixed };
    const run = aRun('R-22222', { stage: 'capture', plan });
    return capture.run({ run, read, now, inbox: [] } as unknown as StageContext<PublishPlan, PublishData>);
  };

  it('lets the build begin, and notes a newer base', async () => {
    expect(await step({ version: fixed.base.version })).toMatchObject({
      stage: 'customise',
      data: { newerBase: '22.04.202611260' },
    });
    const newest = await step({ version: fixed.base.version }, undefined, []);
    expect(newest).toMatchObject({ stage: 'customise' });
    expect(newest.data).not.toHaveProperty('newerBase');
  });

  it.each([
    ['deprecated since', { ...older, deprecation: { state: 'Deprecated' } }, /Canonical has deprecated 22_04-lts-gen2/],
    ['gone since', undefined, /no longer offers 22_04-lts-gen2/],
  ])('asks people when it is %s', async (_, found, error) => {
    const asked = await step(found);
    expect(asked).toMatchObject({
      stage: 'repair',
      data: { failure: { error: expect.stringMatching(error), remedy: expect.stringContaining('Rebuild') } },
    });
    expect(await step(found, fixed.base.version)).toMatchObject({
      data: { failure: { remedy: expect.stringContaining('without `--from`') } },
    });
  });
});
