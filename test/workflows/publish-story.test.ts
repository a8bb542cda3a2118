import { randomUUID } from 'node:crypto';
import { hashOf } from '../../core/hash';
import { parseTattoo, tattooFromTags, versionTags } from '../../core/images';
import { tattooHash } from '../../core/images/tattoo';
import { digestOf, parseStatement, preAuthentication, signatureFits } from '../../core/provenance';
import { type ChangeData, changeSubject } from '../../core/runs';
import { verified } from '../../dialogs/present';
import type { Exchange, Json } from '../../sandbox/kernel/types';
import { ask } from '../sandbox/client';
import { type AzureWorld, azureWorld, people } from '../support/azure-world';
import { versionPlan } from '../support/changes';
import { testKey } from '../support/signing';
import { machineFrom } from '../support/verified-machine';

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

  it('keeps what is inside, and asks about the next version with what is different since', async () => {
    const { run } = story;
    const version = run.plan.fixed?.version ?? '';
    const kept = (await world.reads.contents('ubuntu-22', [version])).get(version);
    expect(kept?.runId).toBe(run.id);
    expect(run.data.contents).toEqual({
      digest: kept && hashOf(kept.document),
      since: '1.5.0',
      sinceGap: { reason: 'never read' },
    });

    const set = {
      packages: { nginx: '1.18.0-1', curl: '9.9.9' },
      services: { nginx: { enabled: true, active: true } },
    };
    await ask(world.sandbox, 'POST', '/_sandbox/guest', { image: 'ubuntu-22', set });
    const next = await world.publish();
    const { data } = await world.until(next.id, (now) => now.data.contents?.since !== undefined);
    expect(data.contents).toMatchObject({
      since: version,
      changes: {
        packages: { changed: 1, added: 1, removed: 0 },
        top: [
          { name: 'curl', to: '9.9.9' },
          { name: 'nginx', to: '1.18.0-1' },
        ],
        lists: { services: { added: 1, removed: 0, changed: 0 }, ports: { added: 1, removed: 0, changed: 0 } },
      },
    });
  });

  describe('certifies what it publishes', () => {
    const certificate = () => world.certificate(story.published?.id ?? '');

    it('by a statement whose digest is set together with the flag, and which is signed', async () => {
      const { digest, payload, signature } = await certificate();
      expect(story.published?.tags[versionTags.certificate]).toBe(digest);
      expect(digestOf(payload)).toBe(digest);
      const exposing = world
        .changes('PATCH', new RegExp(`/versions/${story.run.plan.fixed?.version}\\?`))
        .filter((change) => changeOf(change).hidden === false);
      expect(exposing).toHaveLength(1);
      expect(exposing[0]?.requestBody).toMatchObject({ tags: { [versionTags.certificate]: digest } });
      const keys = await world.reads.signingKeys();
      const key = keys.get(signature?.keyId ?? '');
      expect(key?.kind).toBe('local');
      expect(key && signatureFits(payload, signature?.value ?? '', key.public)).toBe(true);
    });

    it('by what was built, from what, tested, approved by whom, as which object', async () => {
      const { asking, run } = story;
      const { predicate, subject } = parseStatement((await certificate()).payload) ?? {};
      const { buildDefinition, runDetails } = predicate ?? {};
      expect(subject).toEqual([
        { name: story.published?.id.toLowerCase(), digest: { sha256: story.published?.tags['goldbot-tattoo-sha256'] } },
      ]);
      expect(buildDefinition?.internalParameters).toMatchObject({
        planHash: run.planHash,
        fingerprint: asking.data.tested,
      });
      expect(buildDefinition?.resolvedDependencies).toEqual(
        expect.arrayContaining([
          { name: 'base', uri: `urn:azure:image:${story.published?.tags['goldbot-source']}` },
          { name: 'recipe', digest: { sha256: run.plan.fixed?.recipeHash } },
        ]),
      );
      expect(runDetails?.metadata).toMatchObject({
        invocationId: `${run.id}/1`,
        goldbot_tests: asking.data.tests?.map(({ name }) => ({ name, passed: true, exitCode: 0 })),
        goldbot_approval: { requestedBy: people.ada, decisions: [{ ...people.grace, verdict: 'approve' }] },
      });
    });

    it('in the same words when it becomes latest outside of its run, before anybody can take it', async () => {
      const { digest, payload } = await certificate();
      const { id = '', version: number = '', tags = {} } = story.published ?? {};
      const { [versionTags.certificate]: _, [versionTags.published]: __, ...bare } = tags;
      // As it stood when its run had ended before it published.
      const properties = { publishingProfile: { excludeFromLatest: true }, storageProfile: {} };
      await ask(world.sandbox, 'PATCH', `${id}?api-version=2025-03-03`, { tags: bare, properties });
      world.world.clock.advance(400);
      await world.database.query('delete from certificate');
      await world.database.query(`update run set outcome = 'failed' where id = $1`, [story.run.id]);
      const found = (await world.versions()).get(number);
      const books = { ...world, read: world.azure.read };
      const { because } = await verified({ image: 'ubuntu-22', version: found ?? fail(number) }, books);
      expect(because).toContain(
        `${story.run.id} tested it and ended without publishing it; it gets its certificate when`,
      );
      const plan = versionPlan('promote', number);
      const request = { kind: 'change', subject: changeSubject(plan), plan, person: people.grace } as const;
      const { run } = await world.control.startOrJoin({ ...request, intent: randomUUID() });
      await world.untilAny(run.id, ({ data }) => (data as ChangeData).certificate !== undefined);
      expect((await world.versions()).get(number)?.excludedFromLatest).toBe(true);
      expect((await world.reads.certificate(id))?.digest).toBe(digest);
      expect((await world.endOfChange(run.id)).data.ending?.how).toBe('done');
      expect(await certificate()).toMatchObject({ digest, payload, runId: story.run.id });
      const promoted = (await world.versions()).get(number);
      expect(promoted?.tags[versionTags.certificate]).toBe(digest);
      expect((await verified({ image: 'ubuntu-22', version: promoted ?? fail(number) }, books)).verdict).toBe(
        'verified',
      );
    });

    it('so that a machine made from it verifies, until somebody rewrites the file of its tattoo', async () => {
      const { run, published } = story;
      const machine = await machineFrom(world, run, published?.id ?? '');
      expect(await machine.verify()).toEqual(['verified']);
      const forged = { ...tattooFromTags(published?.tags ?? {}), source: 'Evil:o:s:1.0.0' };
      const lines = Object.entries(forged).map(([name, value]) => `${name}=${value}\n`);
      await machine.tamper({ files: { '/etc/goldbot/tattoo': lines.join('') } });
      expect(await machine.verify()).toEqual(['tampered', 'guest file']);
      await machine.tamper({ files: { '/etc/goldbot/tattoo': null } });
      expect(await machine.verify()).toEqual(['tampered', 'guest file']);
    });

    it('so that it verifies, and each of nine tamperings is named', async () => {
      const look = async () => {
        const version = (await world.versions()).get(story.run.plan.fixed?.version ?? '');
        if (!version) throw new Error('the version is gone');
        const { verdict, checks } = await verified(
          { image: 'ubuntu-22', version },
          { ...world, read: world.azure.read },
        );
        return [verdict, ...checks.flatMap((check) => (check.state === 'differs' ? [check.name] : []))];
      };
      expect(await look()).toEqual(['verified']);
      const { id = '' } = story.published ?? {};
      const sql = (text: string) => async () => void (await world.database.query(text));
      const mallory = testKey();
      const { payload } = await certificate();
      const forged = (await mallory.signer.sign(preAuthentication(payload))).value;
      const tampered: Record<string, readonly [string, string]> = {
        statement: [
          `update certificate set payload = replace(payload, 'Grace', 'Mallory')`,
          `update certificate set payload = replace(payload, 'Mallory', 'Grace')`,
        ],
        key: [
          `create table kept as select signature from certificate; update certificate set signature = '${forged}'`,
          `update certificate set signature = kept.signature from kept`,
        ],
        'plan hash': [
          `update run set plan = jsonb_set(plan, '{fixed,regions,0,replicas}', '9') where id = '${story.run.id}'`,
          `update run set plan = jsonb_set(plan, '{fixed,regions,0,replicas}', '3') where id = '${story.run.id}'`,
        ],
        tests: [
          `update run set data = jsonb_set(data, '{tests,1,passed}', 'false') where id = '${story.run.id}'`,
          `update run set data = jsonb_set(data, '{tests,1,passed}', 'true') where id = '${story.run.id}'`,
        ],
        packages: [
          `update contents set document = jsonb_set(document, '{components,0,version}', '"9.9"')`,
          `update contents set document = kept.document from kept_contents kept where contents.version = kept.version`,
        ],
        decider: [`update decision set name = 'Mallory'`, `update decision set name = 'Grace'`],
      };
      await sql('create table kept_contents as select version, document from contents')();
      for (const [name, [tamper, restore]] of Object.entries(tampered)) {
        await sql(tamper)();
        expect(await look()).toEqual(['tampered', name]);
        await sql(restore)();
        expect(await look()).toEqual(['verified']);
      }
      const retag = async (tags: Record<string, string>) => {
        await ask(world.sandbox, 'PATCH', `${id}?api-version=2025-03-03`, { tags, properties: { storageProfile: {} } });
        world.world.clock.advance(20);
      };
      await retag({ ...story.published?.tags, 'goldbot-source': 'Evil' });
      expect(await look()).toEqual(['tampered', 'tag']);
      const { [versionTags.certificate]: _, ...without } = story.published?.tags ?? {};
      await retag(without);
      expect(await look()).toEqual(['tampered', 'tag']);
      const unblocked = { safetyProfile: { blockDeletionBeforeEndOfLife: false }, storageProfile: {} };
      await ask(world.sandbox, 'PATCH', `${id}?api-version=2025-03-03`, { properties: unblocked });
      world.world.clock.advance(20);
      await ask(world.sandbox, 'DELETE', `${id}?api-version=2025-03-03`);
      world.world.clock.advance(20);
      const source = { id: `${id.replace(/[^/]+$/, '')}1.4.1` };
      const other = { location: 'westeurope', tags: story.published?.tags, properties: { storageProfile: { source } } };
      expect((await ask(world.sandbox, 'PUT', `${id}?api-version=2025-03-03`, other as Json)).status).toBeLessThan(300);
      world.world.clock.advance(60);
      expect(await look()).toEqual(['tampered', 'source']);
    });
  });
});

function fail(version: string): never {
  throw new Error(`${version} is gone`);
}

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
