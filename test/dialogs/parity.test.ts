import type { AzureRead } from '../../core/azure';
import { UserError } from '../../core/errors';
import { type Difference, type DifferenceKind, parityTopic } from '../../core/lifecycle';
import { presentParity } from '../../dialogs/present';
import { renderTopic } from '../../dialogs/present/topic';
import type { Reads } from '../../store/reads';
import { ask } from '../sandbox/client';
import { exampleCatalogue } from '../support/catalogue';
import { inventoryWorld } from './support/inventory-world';

const example = exampleCatalogue();
const ubuntu = {
  ...{ subscription: example.azure.subscription, resourceGroup: 'rg-golden-images' },
  ...{ gallery: 'gold', definition: 'ubuntu-22' },
};
const secondGallery = { name: 'gold_dr', resourceGroup: 'rg-golden-images-dr' };
const withSecond = (more = {}) => ({
  ...example,
  azure: { ...example.azure, secondGallery: { ...secondGallery, ...more } },
});

async function said(words: string, more = {}, read: (real: AzureRead) => Partial<AzureRead> = () => ({})) {
  return (await inventoryWorld({ catalogue: withSecond(more), read }).say('grace', words)).text;
}

describe('parity', () => {
  it('tells each difference with the command that mends it, what nobody should take first', async () => {
    const text = await said('parity');
    expect(text).toContain('5 differences · 4 versions offered by gold');
    expect(text.indexOf('Nobody should take')).toBeLessThan(text.indexOf('Missing there'));
    expect(text).toMatch(
      /ubuntu-22 1\.2\.0 is offered by gold_dr alone: gold has no such version\.\nFind out .*\naz sig image-version delete .*--gallery-image-version 1\.2\.0$/m,
    );
    expect(text).toMatch(/ubuntu-22 1\.5\.0 is not in gold_dr\.\nHave goldbot copy it:\ncopy ubuntu-22@1\.5\.0$/m);
    expect(text).toMatch(
      /windows-2022 1\.2\.0 of gold_dr has no copy in East US\.\nHave goldbot copy it there:\ncopy windows-2022@1\.2\.0$/m,
    );
    expect(text).toMatch(
      /windows-2022 1\.1\.0 lives until 15 Dec 2026 in gold, and until 22 Mar 2027 in gold_dr\.\nHave goldbot let it end there too:\ncopy windows-2022@1\.1\.0$/m,
    );
    expect(text).toContain('Commands that begin with az are for an Azure administrator; the others ask goldbot.');
  });

  it('is content once somebody has copied what was missing', async () => {
    const { say, sandbox, world, read } = inventoryWorld({ catalogue: withSecond() });
    // As if an administrator copied it by hand.
    const second =
      '/subscriptions/5b1f0c2e-3a41-4f7e-9c55-0d2a7e6b1001/resourceGroups/rg-golden-images-dr/providers/Microsoft.Compute/galleries/gold_dr/images/ubuntu-22/versions';
    const [original] = (await read.versions(ubuntu)).slice(-1);
    const targetRegions = ['West Europe', 'North Europe', 'East US'].map((name) => ({ name, regionalReplicaCount: 1 }));
    const copied = await ask(sandbox, 'PUT', `${second}/1.5.0?api-version=2024-03-03`, {
      location: 'northeurope',
      properties: {
        publishingProfile: { targetRegions, endOfLifeDate: original?.endOfLife?.toISOString() },
        storageProfile: { source: { id: original?.id } },
      },
    });
    expect(copied.status).toBe(201);
    world.clock.advance(90);
    const text = (await say('grace', 'parity ubuntu-22')).text;
    expect(text).toContain('ubuntu-22 · 1 difference');
    expect(text).not.toMatch(/1\.5\.0/);
  });

  it('is of one image, and of the regions that the catalogue names', async () => {
    const text = await said('parity windows-2022', { regions: ['West Europe', 'North Europe'] });
    expect(text).toContain('windows-2022 · 1 difference · 2 versions offered by gold');
    expect(text).not.toMatch(/ubuntu|East US/);
  });

  it('says that there is no difference, no gallery, no definition', async () => {
    const alike = await said('parity windows-2022', { regions: ['West Europe'] }, (real) => ({
      publishedVersions: async (images) => {
        const { rows, ...answer } = await real.publishedVersions(images);
        return { ...answer, rows: rows.map(({ endOfLife: _, ...row }) => row) };
      },
    }));
    expect(alike).toContain('no difference · 2 versions offered by gold');
    expect(alike).toContain('gold_dr has all that gold offers of windows-2022\n');
    expect(await said('parity', { name: 'gone' })).toMatch(
      /There is no gallery gone in the resource group rg-golden-images-dr\.\nCorrect `secondGallery` in azure\.yaml, .*\naz sig create .*--gallery-name gone --location <region>/,
    );
    const undefinedThere = await said('parity ubuntu-22', {}, (real) => ({
      definitions: async (gallery) =>
        (await real.definitions(gallery)).filter(({ name }) => gallery.gallery === 'gold' || name !== 'ubuntu-22'),
    }));
    expect(undefinedThere).toMatch(
      /gold_dr has no image definition for ubuntu-22\.\nMake it, .*\naz sig image-definition create .* --gallery-name gold_dr .*--features SecurityType=TrustedLaunchSupported/,
    );
  });

  it('says that the catalogue names none, and what goldbot may not see', async () => {
    const { text } = await inventoryWorld().say('grace', 'parity');
    expect(text).toContain('The catalogue names no second gallery');
    expect(text).toContain('`secondGallery` in azure.yaml');
    const shut = await said('parity', {}, () => ({
      definitions: () =>
        Promise.reject(new UserError('AZ_FORBIDDEN', 'goldbot may not see it.', { hint: 'Assign it.' })),
    }));
    expect(shut).toContain('goldbot may not see it.');
  });
});

describe('copy', () => {
  const plan = (words: string, more = {}, person: 'ada' | 'dana' = 'ada') =>
    inventoryWorld({ catalogue: withSecond(more) }).say(person, words);

  it('shows the copy as it would be, who would take it, and whom it asks', async () => {
    const { text } = await plan('copy ubuntu-22@1.5.0');
    expect(text).toContain('Copy ubuntu-22 1.5.0 into gold_dr?');
    expect(text).toContain(
      'In there: 3 copies in West Europe, 2 copies in North Europe, 2 copies in East US; made in North Europe, from the copy there',
    );
    expect(text).toContain('With it: its tattoo and the other tags of goldbot, its end of life on 19 Apr 2027');
    expect(text).toMatch(/Cost: at most US\$ .* The way to West Europe, East US costs at most US\$ /);
    expect(text).toContain('goldbot-approvers in Image Factory / approvals; not who asks for it');
    expect(text).toMatch(/^copy ubuntu-22@1\.5\.0 --agreed [0-9a-f]{8}$/m);
  });

  it('brings what is there in line, and has nothing to do where it is', async () => {
    const { text } = await plan('copy windows-2022@1.2.0');
    expect(text).toContain(
      'There now: gold_dr has it in latest, with 3 copies in West Europe, 2 copies in North Europe',
    );
    expect(text).toContain('brought in line');
    const alike = await plan('copy ubuntu-22@1.4.1');
    expect(alike.text).toContain('ubuntu-22 1.4.1 is in gold_dr as it is here: there is nothing to copy.');
  });

  it('says what has to be made, or named, first', async () => {
    const none = await inventoryWorld({ catalogue: example }).say('ada', 'copy ubuntu-22@1.5.0');
    expect(none.text).toContain('The catalogue names no second gallery');
    const images = example.images.map((one) => ({ ...one, imageDefinition: `${one.imageDefinition}` }));
    const lacking = inventoryWorld({
      catalogue: { ...withSecond(), images },
      read: (real) => ({
        versions: async (ref) =>
          ref.gallery === 'gold' ? real.versions(ref) : real.versions({ ...ref, definition: 'gone' }),
      }),
    });
    expect((await lacking.say('ada', 'copy ubuntu-22@1.5.0')).text).toMatch(
      /The gallery gold_dr has no image definition ubuntu-22\.[\s\S]*az sig image-definition create .*--gallery-name gold_dr/,
    );
    expect((await plan('copy ubuntu-22@1.5.0', {}, 'dana')).text).toMatch(/publisher/);
  });
});

describe('what is taken away', () => {
  const plan = async (words: string, read: (real: AzureRead) => Partial<AzureRead> = () => ({})) =>
    (await inventoryWorld({ catalogue: withSecond(), read }).say('grace', words)).text;

  it('says what stands in the second gallery, and offers that it goes too', async () => {
    const text = await plan('revoke ubuntu-22@1.4.1 --reason x');
    expect(text).toContain('In gold_dr: it goes on being offered; with --second it goes under the same approval');
    expect(text).toMatch(/^revoke ubuntu-22@1\.4\.1 --reason x --second$/m);
    const none = await plan('revoke ubuntu-22@1.5.0 --reason x');
    expect(none).toContain('In gold_dr: gold_dr has no copy of 1.5.0.');
    const silent = (real: AzureRead): Partial<AzureRead> => ({
      version: (ref, number) =>
        ref.gallery === 'gold_dr'
          ? Promise.reject(new UserError('AZ_FORBIDDEN', 'no', { hint: 'x', next: [] }))
          : real.version(ref, number),
    });
    expect(await plan('revoke ubuntu-22@1.5.0 --reason x', silent)).toContain(
      'Azure did not say whether gold_dr has a copy: ask parity once it does.',
    );
  });

  it('takes the copy along under one approval, and counts each machine once', async () => {
    const alone = await plan('retire ubuntu-22@1.4.1 --reason x');
    const both = await plan('retire ubuntu-22@1.4.1 --second --reason x');
    expect(both).toContain('In gold_dr: its copy goes first; that gallery keeps nothing that is deleted');
    expect(both).toContain('West Europe (ubuntu-22 in gold_dr)');
    const machines = (text: string) => /(\d+) machines on it/.exec(text)?.[1];
    expect(machines(both)).toBe(machines(alone));
    expect(both).toMatch(/--second .*--agreed [0-9a-f]{8}|--agreed [0-9a-f]{8}.*--second/);
    expect(await plan('retire ubuntu-22@1.5.0 --second --reason x')).toContain('gold_dr has no copy of 1.5.0.');
    const keeping = () => ({ keepsDeleted: async () => true });
    expect(await plan('retire ubuntu-22@1.4.1 --second --reason x', keeping)).toContain(
      'its copy goes first; that gallery keeps it for a week as well',
    );
  });

  it('leaves another version of that number alone, and tells of one that is hidden', async () => {
    const there = (more: object) => (real: AzureRead) => ({
      version: async (ref: Parameters<AzureRead['version']>[0], number: string) => {
        const found = await real.version(ref, number);
        return found && ref.gallery === 'gold_dr' ? { ...found, ...more } : found;
      },
    });
    expect(await plan('revoke ubuntu-22@1.4.1 --reason x', there({ source: '/else' }))).toContain(
      'In gold_dr: gold_dr has another version of that number, which is left alone.',
    );
    const hidden = { excludedFromLatest: true, regions: [] };
    expect(await plan('revoke ubuntu-22@1.4.1 --reason x', there(hidden))).toContain(
      'In gold_dr: it stays, out of latest; with --second',
    );
  });
});

describe('what mends a difference', () => {
  const one = { image: 'ubuntu-22', version: '1.5.0', copies: [{ name: 'West Europe', replicas: 2 }], origin: '/x' };
  const mended = (kind: DifferenceKind, more: Partial<Difference> = {}) => {
    const differences = [{ ...one, kind, ...more }];
    const found = {
      gallery: 'gold_dr',
      isThere: true,
      offered: 1,
      differences,
      gaps: [],
      asOf: '2026-11-30T06:00:00Z',
    };
    return presentParity({ catalogue: withSecond(), parity: found, definitions: [], mayCopy: () => true }).text;
  };

  it.each([
    ['still offered', /Have goldbot take it out of latest there too:\ncopy ubuntu-22@1\.5\.0$/m],
    [
      'only there',
      /Find out who made it there and who uses it; where nobody does, delete it:\naz sig image-version delete /,
    ],
    [
      'another',
      /Find out who made it, delete it there, and copy it again:\naz sig image-version delete .*\ncopy ubuntu-22@1\.5\.0$/m,
    ],
    ['failed', /Delete it there, and copy it again:\naz sig image-version delete .*\ncopy ubuntu-22@1\.5\.0$/m],
    [
      'no definition',
      /Make it, then ask again for what has to be copied:\naz sig image-definition create .* --gallery-name gold_dr /,
    ],
    ['absent', /Have goldbot copy it:\ncopy ubuntu-22@1\.5\.0$/m],
    ['not offered', /Have goldbot offer it there too:\ncopy ubuntu-22@1\.5\.0$/m],
    ['end', /No Azure command clears an end of life: give it one here, or move the one there\.$/m],
  ] as const)('that is “%s”', (kind, words) => {
    expect(mended(kind)).toMatch(words);
  });

  it('is nothing where the catalogue has let go of the image meanwhile', () => {
    expect(mended('absent', { image: 'gone' })).toContain('The catalogue does not name it any more.');
  });
});

describe('the weekly message', () => {
  const now = new Date('2026-11-30T06:00:00Z');
  const topic = parityTopic('Image Factory / approvals', now);
  const about = { first: 'gold', second: 'gold_dr', week: '2026-W49', asOf: now.toISOString() };
  const copies = [{ name: 'West Europe', replicas: 1 }];
  const missing = { kind: 'copies', image: 'ubuntu-22', version: '1.6.0', copies } as const;
  const shown = async (parity: object) => {
    const endings = async () => ({ asOf: now.toISOString(), held: [], parity: { ...about, told: [], ...parity } });
    return (await renderTopic(topic, { endings } as unknown as Reads, now)).text;
  };
  const inChannel = (channel: string, differences: readonly object[]) => ({ told: [{ channel, differences }] });

  it('names the differences of the images that this channel decides about', async () => {
    const many = Array.from({ length: 9 }, (_, n) => ({ ...missing, version: `1.${n}.0` }));
    const text = await shown(inChannel('Image Factory / approvals', [{ ...missing, kind: 'still offered' }, ...many]));
    expect(text).toContain('The second gallery gold_dr differs from gold in 10 things');
    expect(text).toContain('ubuntu-22 1.6.0 is out of latest in gold, and gold_dr still offers it.');
    expect(text).toContain('ubuntu-22 1.0.0 of gold_dr has no copy in West Europe.');
    expect(text).toContain('… and 4 more.');
    expect(text).toContain('As of 30 Nov 2026; goldbot compares once a week.');
    expect(await shown(inChannel('Image Factory / approvals', [missing]))).toContain('differs from gold in 1 thing');
  });

  it('says that it is settled, or why nobody knows', async () => {
    expect(await shown(inChannel('web / ops', [missing]))).toContain(
      'The second gallery has what the first one offers',
    );
    const trouble = await shown({ trouble: 'There is no gallery gold_dr.' });
    expect(trouble).toContain('goldbot could not compare the second gallery gold_dr');
    expect(trouble).toContain('There is no gallery gold_dr.');
  });

  it.each([
    ['only there', /is offered by gold_dr alone: gold has no such version\./],
    ['another', /1\.6\.0 of gold_dr is not a copy of the one in gold: it was made from \/x\./],
    ['no definition', /gold_dr has no image definition for ubuntu-22\./],
    ['absent', /ubuntu-22 1\.6\.0 is not in gold_dr\./],
    ['failed', /ubuntu-22 1\.6\.0 failed to be copied into gold_dr\./],
    ['not offered', /ubuntu-22 1\.6\.0 is out of latest in gold_dr alone\./],
    ['end', /ubuntu-22 1\.6\.0 lives without an end of life in gold, and until 1 Dec 2026 in gold_dr\./],
  ] as const)('has words for %s', async (kind, words) => {
    const one = { ...missing, kind, origin: '/x', otherEnd: '2026-12-01T00:00:00.000Z' };
    expect(await shown(inChannel('Image Factory / approvals', [one]))).toMatch(words);
  });
});
