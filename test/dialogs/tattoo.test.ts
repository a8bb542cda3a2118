import type { AzureRead, MachineFacts } from '../../core/azure';
import {
  type Tattoo,
  type TattooEvidence,
  tattooFile,
  tattooFromTags,
  tattooTags,
  tattooVerdict,
} from '../../core/images';
import type { ChangeRun, TattooPlan } from '../../core/runs';
import { presentReading } from '../../dialogs/present/machine-tattoo';
import { inventoryWorld } from './support/inventory-world';
import { tattooed } from './support/plan';
import { aRun, dialogWorld, now } from './support/world';

/** The story's world in which the machine itself says something else. */
function worldWhere(change: (facts: MachineFacts) => Partial<MachineFacts>) {
  const read = (real: AzureRead): Partial<AzureRead> => ({
    machines: async (id) => (await real.machines(id)).map((facts) => ({ ...facts, ...change(facts) })),
  });
  return inventoryWorld({ read });
}

const older = (reference: string) => reference.replace(/1\.5\.0$/, '1.3.0');

describe('tattoo', () => {
  it('shows what image reference, OS disk and tags say, and that nobody looked inside', async () => {
    const { text } = await inventoryWorld().say('linus', 'tattoo vm-payments-db-001');
    expect(text).toMatch(/^✓ Image reference: ubuntu-22 1\.5\.0$/m);
    expect(text).toMatch(/^✓ OS disk: ubuntu-22 1\.5\.0$/m);
    expect(text).toMatch(/^✓ Tags of the version: [0-9a-f]{16}/m);
    expect(text).toContain('its guest was not read (tattoo vm-payments-db-001 --fresh reads it)');
    expect(text).toContain('GoldbotTattoo found the tattoo inside in order');
  });

  it.each([
    ['vm-payments-db-001', 'virtualMachines'],
    ['vmss-payments-queue_0', 'virtualMachineScaleSets/virtualMachines'],
  ])('names the role without which goldbot cannot look inside %s, and offers no look', async (machine, type) => {
    const without = (notActions: readonly string[]) => () => ({
      ownPermissions: async () => [{ actions: ['*'], notActions }],
    });
    const lacking = inventoryWorld({ read: without([`Microsoft.Compute/${type}/runCommands/write`]) });
    const { text } = await lacking.say('linus', `tattoo ${machine}`);
    expect(text).toContain(
      "nobody looked inside: goldbot's identity lacks the role goldbot-runner there (docs/roles.md)",
    );
    expect(text).not.toContain('--fresh');
    expect((await lacking.say('linus', `verify ${machine}`)).text).toContain('lacks the role goldbot-runner there');
    const another = inventoryWorld({ read: without(['Microsoft.HybridCompute/machines/runCommands/write']) });
    expect((await another.say('linus', `tattoo ${machine}`)).text).toContain(`tattoo ${machine} --fresh reads it`);
  });

  it('blames no role where Azure does not say what goldbot may do', async () => {
    const { text } = await inventoryWorld({ read: () => ({ ownPermissions: () => Promise.reject(silence()) }) }).say(
      'linus',
      'tattoo vm-payments-db-001',
    );
    expect(text).toContain('its guest was not read (tattoo vm-payments-db-001 --fresh reads it)');
    expect(text).not.toContain('goldbot-runner');
  });

  it('of an image that was built on another names the parent', async () => {
    const source = 'gallery:s/rg/gold/base-linux:1.4.0';
    const read = (real: AzureRead): Partial<AzureRead> => ({
      versions: async (image) =>
        (await real.versions(image)).map((v) => {
          const tattoo = tattooFromTags(v.tags);
          return tattoo ? { ...v, tags: { ...v.tags, ...tattooTags({ ...tattoo, source }) } } : v;
        }),
    });
    const { text } = await inventoryWorld({ read }).say('linus', 'tattoo vm-payments-db-001');
    expect(text).toContain('Built from: gold/base-linux 1.4.0\n');
    expect((await inventoryWorld().say('linus', 'tattoo vm-payments-db-001')).text).toContain('Built from: Canonical:');
  });

  it('does not take the silence of Azure for the absence of a check', async () => {
    const silent = () => Promise.reject(silence());
    const { text } = await inventoryWorld({ read: () => ({ machineCompliance: silent }) }).say(
      'linus',
      'tattoo vm-payments-db-001',
    );
    expect(text).toContain('Guest configuration results are missing');
    expect(text).not.toContain('No guest configuration checks');
  });

  it('never says verified without having looked inside', async () => {
    const { text } = await inventoryWorld().say('linus', 'tattoo vm-payments-db-001');
    expect(text).toContain('– Unknown: It cannot be checked');
    expect(text).not.toMatch(/verified/i);
  });

  it('takes a disk of another version for reimaged', async () => {
    const world = worldWhere(({ diskReference }) => ({ diskReference: older(diskReference ?? '') }));
    const { text } = await world.say('linus', 'tattoo vm-payments-db-001');
    expect(text).toContain(
      'Reimaged: The machine names ubuntu-22 1.5.0, but its OS disk was made from ubuntu-22 1.3.0',
    );
    expect(text).toContain('Differs: image reference, os disk.');
    expect(text).toMatch(/^! OS disk: ubuntu-22 1\.3\.0$/m);
  });

  it('calls it forged, and ticks nothing of it, when the version is not the one that goldbot made', async () => {
    const read = (real: AzureRead): Partial<AzureRead> => ({
      versions: async (image) =>
        (await real.versions(image)).map((v) =>
          v.version === '1.5.0' ? { ...v, tags: { ...v.tags, 'goldbot-source': 'Evil' } } : v,
        ),
    });
    const { text } = await inventoryWorld({ read }).say('linus', 'tattoo vm-payments-db-001');
    expect(text).toContain('✗ Forged: The ubuntu-22 1.5.0 in the gallery is not the one that goldbot built and tested');
    expect(text).toMatch(/^✗ Not as tested: tag goldbot-tattoo-sha256: [0-9a-f]{8} → [0-9a-f]{8}$/m);
    expect(text).toMatch(/^! Tags of the version: /m);
  });

  it('takes a newer release inside for an upgrade in place, which is no drift', async () => {
    const world = worldWhere(() => ({ osName: 'ubuntu', osVersion: '24.04' }));
    const { text } = await world.say('linus', 'tattoo vm-payments-db-001');
    expect(text).toContain('✓ Upgraded in place');
    expect(text).toContain('no drift');
  });

  it('takes another family of systems inside for rebranded', async () => {
    const world = worldWhere(() => ({ osName: 'debian', osVersion: '12' }));
    expect((await world.say('linus', 'tattoo vm-payments-db-001')).text).toContain('✗ Rebranded');
  });

  it('says of a marketplace machine that it is not golden, and what guest configuration found', async () => {
    const { text } = await inventoryWorld().say('linus', 'tattoo vm-payments-hsm-001');
    expect(text).toContain('not known to come from a golden image');
    expect(text).toContain('There is no tattoo inside this machine');
  });

  it('does not take a check that has not reported yet for one that found nothing', async () => {
    const pending = { name: 'GoldbotTattoo', status: 'Pending' as const, reasons: [] };
    const read = (real: AzureRead): Partial<AzureRead> => ({
      machineCompliance: async (id) => ({ ...(await real.machineCompliance(id)), guest: [pending] }),
    });
    const { text } = await inventoryWorld({ read }).say('linus', 'tattoo vm-payments-db-001');
    expect(text).toContain('– GoldbotTattoo has not been able to look inside yet.');
    expect(text).not.toMatch(/found the tattoo inside|No guest configuration checks/);
  });

  it('tells of a scale set instance and an Arc machine what is known of them', async () => {
    const world = inventoryWorld();
    expect((await world.say('linus', 'tattoo vmss-payments-queue_0')).text).toContain(
      'Image reference: ubuntu-22 1.4.1',
    );
    expect((await world.say('heidi', 'tattoo arc-data-1')).text).toContain(
      'arc-data-1 is not known to come from a golden image',
    );
  });

  it('refuses a machine that nobody sees, by name and by id', async () => {
    const world = inventoryWorld();
    expect((await world.say('ada', 'tattoo vm-nowhere')).text).toContain('UNKNOWN_MACHINE');
    const id =
      '/subscriptions/5b1f0c2e-3a41-4f7e-9c55-0d2a7e6b1002/resourceGroups/rg-payments/providers/Microsoft.Compute/virtualMachines/gone';
    expect((await world.say('ada', `tattoo ${id}`)).text).toContain('UNKNOWN_MACHINE');
  });

  it('asks which one is meant when a name is not unique, among those that the person may see', async () => {
    const read = (real: AzureRead): Partial<AzureRead> => ({
      machineList: async (filter, limit) => {
        const found = await real.machineList(filter, limit);
        if (filter.name === undefined) return found;
        const twins = ['payments', 'web', 'data'].flatMap((team) =>
          found.rows.map((row) => ({ ...row, id: `${row.id}-${team}`, resourceGroup: `rg-${team}`, tags: { team } })),
        );
        return { ...found, rows: twins, total: twins.length };
      },
    });
    const { text } = await inventoryWorld({ read }).say('linus', 'tattoo vm-payments-db-001');
    expect(text).toContain('Which "vm-payments-db-001" do you mean?');
    expect(text).toContain('2 machines have this name.');
    expect(text).not.toContain('data');
  });
});

describe('tattoo --fresh', () => {
  it('starts a reading for an owner, and joins the one that goes on', async () => {
    const world = inventoryWorld();
    const { text } = await world.say('linus', 'tattoo vm-payments-db-001 --fresh');
    expect(text).toContain('vm-payments-db-001');
    expect(world.started).toMatchObject([
      { kind: 'change', plan: { verb: 'tattoo', os: 'Linux', team: 'payments', target: 'vm-payments-db-001' } },
    ]);
  });

  it('is refused to those who only look: it runs something on a machine of somebody else', async () => {
    const world = inventoryWorld();
    const { text } = await world.say('ada', 'tattoo vm-payments-db-001 --fresh');
    expect(text).toContain(
      'Only the owners of payments (payments-owners) and admins may run a command on vm-payments-db-001',
    );
    expect(world.started).toEqual([]);
    expect((await world.say('ada', 'tattoo vm-payments-db-001')).text).not.toContain('--fresh\n');
  });

  it.each([
    ['heidi', 'arc-data-1', 'Linux', /hybridcompute\/machines\/arc-data-1$/i],
    ['heidi', 'arc-legacy-1', 'Windows', /hybridcompute\/machines\/arc-legacy-1$/i],
    ['linus', 'vmss-payments-queue_0', 'Linux', /virtualMachineScaleSets\/vmss-payments-queue\/virtualMachines\/0$/],
    ['linus', 'vm-payments-win-001', 'Windows', /virtualMachines\/vm-payments-win-001$/],
  ] as const)('of %s reads %s, which runs %s', async (who, machine, os, id) => {
    const world = inventoryWorld();
    await world.say(who, `tattoo ${machine} --fresh`);
    expect(world.started[0]?.plan).toMatchObject({ verb: 'tattoo', os, machineId: expect.stringMatching(id) });
  });
});

describe('tattoo while the directory is silent', () => {
  it('shows nothing of anybody', async () => {
    const { text } = await dialogWorld({ directory: { memberOf: () => Promise.reject(silence()) } }).say(
      'ada',
      'tattoo vm-1',
    );
    expect(text).toContain('DIRECTORY_SILENT');
  });
});

function silence(): Error {
  return Object.assign(new Error('Silence.'), { name: 'UserError', code: 'DIRECTORY_SILENT', hint: '' });
}

describe('the card of a reading inside a machine', () => {
  const golden = '/subscriptions/s/resourceGroups/rg/providers/Microsoft.Compute/galleries/gold/images/ubuntu-22';
  const plan: TattooPlan = {
    ...{ verb: 'tattoo', machineId: '/m', os: 'Linux', location: 'l', target: 'vm-1', team: 'payments' },
  };
  const reading = (data: ChangeRun['data'], outcome: ChangeRun['outcome'] = null) =>
    presentReading({ ...aRun('R-33333', {}), kind: 'change', plan, data, outcome } as unknown as ChangeRun, plan, {
      now,
    }).text;
  const ubuntu = { osName: 'ubuntu', osVersion: '22.04' };
  const judged = (guest: TattooEvidence['guest'], system: Partial<typeof ubuntu> = ubuntu) =>
    tattooVerdict({
      ...{ imageReference: `${golden}/versions/1.5.0`, ...system, guest },
      images: new Map([[golden.toLowerCase(), 'ubuntu-22']]),
      tagsOf: (image, version) => (image === 'ubuntu-22' && version === '1.5.0' ? tattooed('1.5.0') : undefined),
    });

  it('names the tags of the version and the image that it was made from, also when nothing stands inside', () => {
    const text = reading({ judgement: judged({ text: '' }) }, 'done');
    expect(text).toContain(`Tags of the version: ${tattooed('1.5.0')['goldbot-tattoo-sha256']?.slice(0, 16)}`);
    expect(text).toContain('Operating system: ubuntu 22.04');
    expect(text).toContain('ubuntu-22 1.5.0');
    expect(text).not.toMatch(/Tags of the version: nothing|not known to come from a golden image/);
  });

  it('is content where all agree, and says what the machine does not report', () => {
    const text = tattooFile(tattooFromTags(tattooed('1.5.0')) as Tattoo);
    const all = reading({ judgement: judged({ text }) }, 'done');
    expect(all).toContain('✓ It is ubuntu-22 1.5.0: image reference and tattoo agree with what goldbot wrote.');
    expect(all).not.toContain('the machine does not report it');
    const mute = reading({ judgement: judged({ text }, {}) }, 'done');
    expect(mute).toMatch(/Operating system: .*the machine does not report it/);
  });

  it('says nothing of the image before anybody has looked', () => {
    expect(reading({})).toContain('the inside is being read');
    expect(reading({})).toContain('– Reading inside of the machine (R-33333): about to ask it.');
    expect(reading({ progress: 'the machine reads its tattoo' })).toContain('(R-33333): the machine reads its tattoo.');
    expect(reading({}, 'failed')).toContain('the inside was not read');
    expect(reading({}, 'failed')).toContain('✗ It was not read: no reason is known');
    const gone = { ending: { how: 'failed', why: 'vm-1 is gone: Azure no longer has it.' } } as const;
    expect(reading(gone, 'failed')).toContain('✗ It was not read: vm-1 is gone: Azure no longer has it.');
    expect(reading({})).not.toContain('not known to come from a golden image');
  });
});
