import type { AzureRead } from '../../core/azure';
import type { Approval, PublishRun } from '../../core/runs';
import { entryRow } from '../../dialogs/present';
import { type ArmInventory, armInventory } from './support/arm-inventory';
import { inventoryWorld } from './support/inventory-world';
import { aRun } from './support/world';

const day = 86_400_000;

describe('forecast', () => {
  const world = inventoryWorld();
  let arm: ArmInventory;

  beforeAll(async () => {
    arm = await armInventory(world);
  });

  const ends = (text: string) =>
    new Map(
      [...text.matchAll(/^. (\S+ \d+\.\d+\.\d+) · .*? · end of life · (\d+) machines? of/gm)].map(([, what, n]) => [
        what,
        Number(n),
      ]),
    );

  /** Versions in use that end within so many days, by ARM's lists. */
  function ending(days: number, teams?: readonly string[]) {
    const now = world.clock.now().getTime();
    const soon = arm.versions.filter((v) => v.endOfLife > now && v.endOfLife <= now + days * day);
    const counted = soon.map(({ image, version }) => {
      const runs = arm.machines.filter((m) => m.image === image && m.version === version);
      const own = teams ? runs.filter(({ team }) => teams.includes(team ?? '')) : runs;
      return [`${image} ${version}`, own.length] as const;
    });
    return new Map(counted.filter(([, n]) => n > 0));
  }

  it.each([30, 200, 730])('names every version in use that ends within %i days, with its machines', async (days) => {
    const { text } = await world.say('ada', `forecast --days ${days}`);
    expect(ends(text)).toEqual(ending(days));
  });

  it('names newer bases and exemptions that end, and leaves out those for ever and those that are over', async () => {
    const { text } = await world.say('ada', 'forecast --days 30');
    expect(text).toMatch(
      /ubuntu-22: base 22\.04\.\d+ · .* · newer base · there already; the latest version was built from 22\.04\.\d+/,
    );
    expect(text).toMatch(/exemption of vm-payments-hsm-001 .*exemption ends · payments/);
    expect(text).not.toContain('vm-legacy-erp-001');
  });

  it('tells an owner what concerns their own machines alone', async () => {
    const { text } = await world.say('linus', 'forecast web --days 200');
    expect(ends(text)).toEqual(ending(200, ['web']));
    expect(text).not.toContain('vm-payments-hsm-001');
    expect(text).not.toContain('publish ubuntu-22 --plan');
  });

  it('names open askings about machines to those who see the team alone, in words', async () => {
    const own = inventoryWorld();
    const plan = { verb: 'exempt', target: 'vm-data-etl-001', team: 'data' };
    const run = { ...aRun('R-DATA2'), kind: 'change', subject: 'exempt:/subscriptions/secret', plan, actors: [] };
    own.runs.set(run.id, run as unknown as PublishRun);
    const now = own.clock.now();
    const asking = { ...{ id: 'R-ASK22', runId: run.id, status: 'pending' }, expiresAt: new Date(now.getTime() + day) };
    own.approvals.set('R-ASK22', asking as unknown as Approval);
    expect((await own.say('ada', 'forecast')).text).toContain('exempt vm-data-etl-001');
    expect((await own.say('linus', 'forecast')).text).not.toMatch(/R-ASK22|vm-data-etl-001|secret/);
  });

  it('says what Azure told in part', async () => {
    const read = (real: AzureRead): Partial<AzureRead> => ({
      machineCounts: async (tags) => ({
        ...(await real.machineCounts(tags)),
        partial: [{ reason: 'rows', read: 1, total: 2 }],
      }),
    });
    expect((await inventoryWorld({ read }).say('ada', 'forecast')).text).toContain('Azure returned 1 of 2 rows');
  });

  it('counts down to the deprecation of the base in use, with what its publisher names instead', async () => {
    const at = new Date(world.clock.now().getTime() + 20 * day);
    const deprecation = { state: 'ScheduledForDeprecation', at, alternative: 'offer ubuntu-24_04-lts' };
    const read = (real: AzureRead): Partial<AzureRead> => ({
      marketplaceVersion: async (location, image, version) => {
        const found = await real.marketplaceVersion(location, image, version);
        return found && (image.publisher === 'Canonical' ? { ...found, deprecation } : found);
      },
    });
    const { text } = await inventoryWorld({ read }).say('ada', 'forecast');
    expect(text).toMatch(/base of ubuntu-22 · 13 Dec 26 · deprecated by its publisher/);
    expect(text).toContain('its publisher names the offer ubuntu-24_04-lts instead');
  });

  it('says of a base for which its publisher names no other that it is so', () => {
    const entry = {
      kind: 'deprecation',
      image: 'ubuntu-22',
      base: 'Canonical:o:22_04-lts-gen2',
      at: new Date(0),
    } as const;
    const asker = { now: new Date(0), canPublish: () => false };
    expect(entryRow(entry, asker)).toMatchObject({ kind: 'deprecated', detail: 'its publisher names no other' });
  });

  it('says what it does not know instead of leaving the days empty', async () => {
    const silent = () =>
      Promise.reject(Object.assign(new Error('Silence.'), { name: 'UserError', code: 'AZ_SILENT', hint: '' }));
    const { text } = await inventoryWorld({ read: () => ({ policyCounts: silent, marketplaceVersions: silent }) }).say(
      'ada',
      'forecast',
    );
    expect(text).toContain('Exemptions are missing');
    expect(text).toContain('The outlook for the base of ubuntu-22 is missing');
    expect(text).toMatch(/windows-2022 1\.1\.0/);
  });
});
