import { parseTattoo, tattooFromTags, versionTags } from '../../core/images';
import { tattooHash } from '../../core/images/tattoo';
import type { StageTime } from '../../core/runs';
import type { Exchange } from '../../sandbox/kernel/types';
import { type AzureWorld, azureWorld } from '../support/azure-world';

/** One publish from the marketplace into the gallery, looked at while it asks for approval and when it is over. */
describe('the publish run', () => {
  let world: AzureWorld;
  let story: Awaited<ReturnType<typeof played>>;
  beforeAll(async () => {
    world = await azureWorld();
    story = await played(world);
  });
  afterAll(() => world.close());

  it('takes a marketplace image through all stages into the gallery', () => {
    const { before, run, published } = story;
    expect(run.outcome).toBe('published');
    expect(before.has(run.plan.fixed?.version ?? '')).toBe(false);
    expect(published).toMatchObject({ excludedFromLatest: false, provisioningState: 'Succeeded' });
    expect(published?.endOfLife?.toISOString()).toBe(run.plan.fixed?.endOfLife);
    expect(published?.blockDeletionBeforeEndOfLife).toBe(true);
    expect(published?.regions.map((r) => `${r.name} ${r.replicas}`).sort()).toEqual([
      'East US 2',
      'North Europe 2',
      'West Europe 3',
    ]);
    expect(published?.tags[versionTags.published]).toBe(run.data.publishedAt);
  });

  it('leaves in the audit what was published and as which object, from the request to the end', async () => {
    const { run } = story;
    const { version } = run.plan.fixed ?? {};
    const entries = (await world.reads.audit({ limit: 500 })).filter(({ runId }) => runId === run.id);
    const [asked, decided, end] = ['ask', 'approve', 'end'].map((action) => entries.find((e) => e.action === action));
    const { planHash, fingerprint } = asked?.detail ?? {};
    expect(fingerprint).toMatch(/^[0-9a-f]{64}$/);
    expect(decided?.detail).toMatchObject({ planHash, fingerprint, outcome: 'approved' });
    const said = `ubuntu-22 ${version} is published`;
    expect(end?.detail).toEqual({ outcome: 'published', said, version, fingerprint });
  });

  it('burns the same tattoo into the guest that stands on the version', () => {
    const { asking, candidate } = story;
    const onTags = tattooFromTags(candidate?.tags ?? {});
    const inGuest = parseTattoo(asking.data.tests?.find((t) => t.name === 'tattoo')?.output ?? '');
    expect(inGuest).toEqual(onTags);
    expect(onTags).toMatchObject({ image: 'ubuntu-22', run: asking.id, recipe: asking.plan.fixed?.recipeHash });
    expect(onTags?.source).toBe(
      `Canonical:0001-com-ubuntu-server-jammy:22_04-lts-gen2:${asking.plan.fixed?.base.version}`,
    );
    expect(onTags?.os).toMatch(/^Ubuntu 22\.04/);
    expect(candidate?.tags['goldbot-tattoo-sha256']).toBe(onTags && tattooHash(onTags));
  });

  it('hides the candidate until somebody approves', () => {
    expect(story.candidate?.excludedFromLatest).toBe(true);
  });

  it('copies it to its regions while it is still hidden, and publishes it by a change that copies nothing', () => {
    const { changes, run } = story;
    expect(changes.slice(-2)).toEqual([
      { hidden: true, regions: 3, end: false },
      { hidden: false, regions: 3, end: true },
    ]);
    const whole = { state: 'Completed', progress: 100 };
    expect(run.data.regions).toMatchObject([whole, whole, whole]);
    const stages = run.data.times?.map(({ stage }) => stage);
    expect(stages?.slice(-6)).toEqual(['approve', 'replicate', 'publish', 'age', 'announce', 'cleanup']);
    // The flag alone takes Azure less than three minutes; the copies took longer.
    const [copied, published] = ['replicate', 'publish'].map((of) => run.data.times?.find(({ stage }) => stage === of));
    expect(minutesOf(copied)).toBeGreaterThan(3);
    expect(minutesOf(published)).toBeLessThan(3);
  });

  it('runs every test of the catalogue on one fresh machine and deletes it before it asks', () => {
    const { tests } = story.asking.data;
    expect(tests?.map((t) => t.name)).toEqual(['tattoo', ...(story.asking.plan.fixed?.tests.map((t) => t.name) ?? [])]);
    expect(tests?.every((t) => t.passed)).toBe(true);
    expect(story.machines).toHaveLength(1);
    expect(story.leftWhileAsking.filter((name) => name.startsWith('gbt-'))).toEqual([]);
  });

  it('marks earlier versions aged and names the replacement', () => {
    const version = story.run.plan.fixed?.version ?? '';
    const earlier = [...story.after.values()].filter((v) => v.version !== version && !v.excludedFromLatest);
    expect(earlier.length).toBeGreaterThan(0);
    for (const { tags } of earlier)
      expect(tags).toMatchObject({ 'goldbot-state': 'aged', 'goldbot-replaced-by': version });
  });

  it('leaves nothing behind but the published version', () => {
    expect(story.leftAfter).toEqual([]);
  });
});

const minutesOf = ({ from, to }: Partial<StageTime> = {}): number =>
  (Date.parse(to ?? '') - Date.parse(from ?? '')) / 60_000;

/** What a change of the version says of its regions, and whether it hides it. */
function changeOf({ requestBody }: Exchange) {
  const { publishingProfile: profile = {} } = (requestBody as { properties: { publishingProfile?: Profile } })
    .properties;
  const { excludeFromLatest: hidden, targetRegions, endOfLifeDate } = profile;
  return { hidden, regions: targetRegions?.length, end: endOfLifeDate !== undefined };
}

interface Profile {
  readonly excludeFromLatest?: boolean;
  readonly targetRegions?: readonly unknown[];
  readonly endOfLifeDate?: string;
}

async function played(world: AzureWorld) {
  const before = await world.versions();
  const { id } = await world.publish({ note: 'openssl fix' });
  const asking = await world.stage(id, 'approve');
  const version = asking.plan.fixed?.version ?? '';
  const candidate = (await world.versions()).get(version);
  const machines = world.changes('PUT', /virtualMachines\/[^/]+\?/);
  const leftWhileAsking = await world.leftovers(id);
  await world.approve(id);
  const run = await world.end(id);
  const after = await world.versions();
  const changes = world.changes('PATCH', new RegExp(`/versions/${version}\\?`)).map(changeOf);
  const ended = { run, after, published: after.get(version), leftAfter: await world.leftovers(id) };
  return { before, changes, asking, candidate, machines, leftWhileAsking, ...ended };
}
