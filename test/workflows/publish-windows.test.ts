import { parseTattoo, tattooFromTags } from '../../core/images';
import { tattooHash } from '../../core/images/tattoo';
import { type AzureWorld, azureWorld, people } from '../support/azure-world';
import { machineFrom } from '../support/verified-machine';

/** One publish of the example's Windows image, looked at while it asks for approval and when it is over. */
describe('the publish of a Windows image', () => {
  let world: AzureWorld;
  let story: Awaited<ReturnType<typeof played>>;
  beforeAll(async () => {
    world = await azureWorld();
    story = await played(world);
  });
  afterAll(() => world.close());

  it('takes it through all stages into the gallery', () => {
    const { run, published } = story;
    expect(run.outcome).toBe('published');
    expect(published).toMatchObject({ excludedFromLatest: false, provisioningState: 'Succeeded' });
    expect(published?.regions.map((r) => `${r.name} ${r.replicas}`).sort()).toEqual([
      'North Europe 2',
      'West Europe 3',
    ]);
  });

  it('adds the tattoo to the steps of the catalogue, last, as SYSTEM, after a restart', () => {
    const [template] = world.changes('PUT', /imageTemplates/);
    const { customize, buildTimeoutInMinutes } = propertiesOf(template?.requestBody);
    const { customize: own = [] } = story.asking.plan.fixed?.recipe ?? {};
    expect(customize.slice(0, own.length)).toEqual(own);
    expect(customize.slice(-2)).toMatchObject([
      { type: 'WindowsRestart' },
      { type: 'PowerShell', name: 'goldbot-tattoo', runElevated: true, runAsSystem: true },
    ]);
    expect(buildTimeoutInMinutes).toBe(300);
  });

  it('reads from the registry of a fresh machine what stands on the version, system and all', () => {
    const { asking, candidate } = story;
    const onTags = tattooFromTags(candidate?.tags ?? {});
    expect(parseTattoo(asking.data.tests?.find((t) => t.name === 'tattoo')?.output ?? '')).toEqual(onTags);
    expect(onTags).toMatchObject({ image: 'windows-2022', run: asking.id, recipe: asking.plan.fixed?.recipeHash });
    expect(onTags?.os).toMatch(/^Microsoft Windows Server 2022 Datacenter.* 10\.0\.20348$/);
    expect(candidate?.tags['goldbot-tattoo-sha256']).toBe(onTags && tattooHash(onTags));
  });

  it('runs every test of the catalogue by PowerShell', () => {
    const { tests } = story.asking.data;
    expect(tests?.map((t) => t.name)).toEqual(['tattoo', ...(story.asking.plan.fixed?.tests.map((t) => t.name) ?? [])]);
    expect(tests?.filter((t) => !t.passed)).toEqual([]);
  });

  it('certifies it, so that a machine made from it verifies until somebody rewrites its registry', async () => {
    const { run, published } = story;
    const machine = await machineFrom(world, run, published?.id ?? '');
    expect(await machine.verify()).toEqual(['verified']);
    await machine.tamper({ registry: { 'HKLM\\SOFTWARE\\goldbot\\tattoo': { source: 'Evil:o:s:1.0.0' } } });
    expect(await machine.verify()).toEqual(['tampered', 'guest registry']);
  });

  it('leaves the password of its test machine nowhere: in no row, and in no answer of Azure', async () => {
    const [machine] = world.changes('PUT', /virtualMachines\/[^/]+\?/);
    const password = propertiesOf(machine?.requestBody).osProfile.adminPassword;
    expect(password).toMatch(/^.{47}$/);
    const answers = world.sandbox.exchanges.map((e) => e.responseBody);
    expect(JSON.stringify(answers)).not.toContain(password);
    const tables = await world.database.query<{ name: string }>(
      'select tablename as name from pg_tables where schemaname = current_schema()',
    );
    expect(tables.length).toBeGreaterThan(10);
    for (const { name } of tables) {
      const rows = await world.database.query<{ row: string }>(`select t::text as row from "${name}" t`);
      expect(rows.map(({ row }) => row).join('\n')).not.toContain(password);
    }
  });
});

function propertiesOf(body: unknown) {
  return (body as { properties: Properties }).properties;
}

interface Properties {
  readonly customize: readonly { readonly type: string; readonly name?: string }[];
  readonly buildTimeoutInMinutes: number;
  readonly osProfile: { readonly adminPassword: string };
}

async function played(world: AzureWorld) {
  const { id } = await world.publish({}, people.ada, 'windows-2022');
  const asking = await world.stage(id, 'approve');
  const version = asking.plan.fixed?.version ?? '';
  const candidate = (await world.versions('windows-2022')).get(version);
  await world.approve(id);
  const run = await world.end(id);
  return { asking, candidate, run, published: (await world.versions('windows-2022')).get(version) };
}
