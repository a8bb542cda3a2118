import type { AzureRead } from '../../core/azure';
import type { Approval, PublishRun } from '../../core/runs';
import { entryRow } from '../../dialogs/present';
import { compute } from '../../sandbox/azure/compute/section';
import { findProduct, versionAt } from '../../sandbox/azure/marketplace/catalogue';
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

  /** Machines on retired marketplace images, by image. */
  function told(text: string): Record<string, number> {
    const rows = text.matchAll(/^. (?:\d+ versions? of )?(\S+:\S+:\S+) · .*? · (\d+) machines? of/gm);
    const sums: Record<string, number> = {};
    for (const [, source = '', n] of rows) sums[source] = (sums[source] ?? 0) + Number(n);
    return sums;
  }

  /** The same by the sandbox's own rows and cadence: what ends within so many days, or has ended. */
  function retired(days: number): Record<string, number> {
    const until = world.clock.now().getTime() + days * day;
    const sums: Record<string, number> = {};
    for (const { type, properties } of Object.values(compute(world.world).resources)) {
      const profile = properties['storageProfile'] as { imageReference?: Record<string, string> } | undefined;
      const { publisher, offer = '', sku = '', exactVersion = '' } = profile?.imageReference ?? {};
      if (!/virtualMachines$/i.test(type) || publisher === undefined) continue;
      const product = findProduct(publisher, offer, sku);
      const found = product && versionAt(product, exactVersion, world.clock.now().getTime());
      const source = [publisher, offer, sku].join(':');
      if (!found || (found.deprecationMs ?? until + 1) <= until) sums[source] = (sums[source] ?? 0) + 1;
    }
    return sums;
  }

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
    const own = inventoryWorld({ read });
    const { text } = await own.say('ada', 'forecast');
    expect((await own.say('grace', 'forecast legacy')).text).toMatch(/base of ubuntu-22 1\.3\.0 · 13 Dec/);
    expect(text).toMatch(/base of ubuntu-22 1\.3\.0, 1\.4\.1, 1\.5\.0 · 13 Dec · will be deprecated/);
    expect(text).toContain(
      'its publisher names the offer ubuntu-24_04-lts instead; change the source in images/ubuntu',
    );
  });

  it.each([
    ['scheduled', {}, 'deprecation', 'Canonical:o:22_04-lts-gen2'],
    ['deprecated', { retiresAt: new Date('2026-10-01') }, 'deprecated', 'since 2026-10-01; Canonical:o:22_04-lts-gen2'],
    ['gone', {}, 'gone', 'Canonical:o:22_04-lts-gen2'],
  ] as const)('says of a base that is %s that it is so, and what to do about it', (state, more, kind, detail) => {
    const base = {
      kind: 'retiringBase',
      image: 'ubuntu-22',
      base: 'Canonical:o:22_04-lts-gen2',
      state,
      ...more,
    } as const;
    const asker = { now: new Date(0), canPublish: () => true };
    const none = entryRow({ ...base, versions: [], machines: 0, next: true }, asker);
    expect(none).toMatchObject({ kind, detail, what: 'base of ubuntu-22', call: { verb: 'show' } });
    expect(none.more).toBe('its publisher names no other; change the source in images/ubuntu-22.yaml, then publish');
    const built = { ...base, versions: ['1.3.0', '1.4.0'], machines: 1, next: false, newer: '2' };
    expect(entryRow(built, asker)).toMatchObject({ what: 'base of ubuntu-22 1.3.0, 1.4.0', call: { verb: 'publish' } });
    expect(entryRow(built, asker).more).toBe('publish takes 2, which stays; 1 machine runs those versions');
    expect(entryRow({ ...built, bought: true }, asker).more).toContain('machines from it no longer work');
  });

  it('says of a base in a gallery that it ends or is gone from there, without a publisher', () => {
    const base = { kind: 'retiringBase', image: 'ubuntu-22', base: 'gallery:s/g/gold/base:1.0.0' } as const;
    const rest = { versions: ['1.3.0'], machines: 0, next: false, newer: '1.1.0' };
    const asksNothing = { now: new Date(0), canPublish: () => true };
    const row = (state: 'scheduled' | 'deprecated' | 'gone') => entryRow({ ...base, ...rest, state }, asksNothing);
    expect(row('scheduled')).toMatchObject({ kind: 'end-of-life', more: 'publish takes 1.1.0, which stays' });
    expect(row('gone')).toMatchObject({ kind: 'gone-from-gallery', detail: 'gold/base 1.0.0' });
    // Held back, or not where images are built: nobody has named a day.
    expect(row('deprecated')).toMatchObject({ kind: 'unusable' });
    const hardened = entryRow({ ...base, ...rest, base: 'image:s/g/hardened', state: 'deprecated' }, asksNothing);
    expect(hardened).toMatchObject({ kind: 'unusable', detail: 'managed image hardened' });
  });

  it('tells the deprecations of marketplace machines by team, with the alternative and the golden image that fits', async () => {
    const own = inventoryWorld();
    const waiting = await own.say('ada', 'forecast');
    expect(waiting.text).toMatch(
      /Whether Canonical:\S+ and 2 more are deprecated is not known \(40 machines\): the market/,
    );
    await own.knowBases();

    const { text } = await own.say('ada', 'forecast --days 200');
    expect(text).not.toContain('is not known');
    expect(text).toContain('Marketplace as of 00:00 UTC');
    expect(text).toMatch(
      /Canonical:0001-com-ubuntu-server-focal:20_04-lts-gen2 · 31 May · will be deprecated · 6 machines of data run it · in \d+ days · move to the offer ubuntu-24_04-lts, which its publisher names instead /,
    );
    for (const fate of ['will be deprecated', 'deprecated already', 'no longer in the marketplace']) {
      expect(text).toMatch(
        new RegExp(
          `\\d+ versions? of Canonical:0001-com-ubuntu-server-jammy:22_04-lts-gen2 · .* · ${fate} · \\d+ machines? of .* · move to 22\\.04\\.202611120, which stays, or to the golden image ubuntu-22`,
        ),
      );
    }
    expect(text).toContain('nothing new can be deployed from it, and scale sets pinned to it cannot grow');
    // All machines on marketplace images by ARM's lists are either told of or on versions that stay.
    expect(told(text)).toEqual(retired(200));

    const { text: data } = await own.say('grace', 'forecast data --days 200');
    expect(told(data)).toEqual({ 'Canonical:0001-com-ubuntu-server-focal:20_04-lts-gen2': 6 });
    expect((await own.say('grace', 'forecast data')).text).not.toContain('focal');
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

describe('a right or a share with an end', () => {
  const at = new Date('2026-12-01T09:00:00Z');
  const asker = { now: at, canPublish: () => false };
  const right = { kind: 'given', image: 'ubuntu-22', what: 'the right of payments-owners to view ubuntu-22' } as const;

  it('is taken back on its day; one whose end has passed is being taken back', () => {
    const row = { at, kind: 'taken-back', what: right.what, call: { verb: 'access', values: { image: 'ubuntu-22' } } };
    expect(entryRow({ ...right, at }, asker)).toEqual(row);
    expect(entryRow(right, asker)).toEqual({ ...row, detail: 'its end has passed; goldbot is taking it back' });
  });
});
