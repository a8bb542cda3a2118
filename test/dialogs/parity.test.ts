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
      /ubuntu-22 1\.2\.0 is offered by gold_dr alone: gold has no such version\. Find out .*\naz sig image-version delete .*--gallery-image-version 1\.2\.0$/m,
    );
    expect(text).toMatch(
      /ubuntu-22 1\.5\.0 is not in gold_dr\. Copy it:\naz sig image-version create .* --gallery-name gold_dr .* --image-version \/subscriptions\/\S+\/galleries\/gold\/images\/ubuntu-22\/versions\/1\.5\.0 --target-regions "West Europe=3" "North Europe=2" "East US=2" --end-of-life-date 2027-04-19T/,
    );
    expect(text).toMatch(
      /windows-2022 1\.2\.0 of gold_dr has no copy in East US\. Have Azure copy it there:\naz sig image-version update .*--add publishingProfile\.targetRegions name="East US" regionalReplicaCount=2$/m,
    );
    expect(text).toMatch(
      /windows-2022 1\.1\.0 lives until 15 Dec 2026 in gold, and until 22 Mar 2027 in gold_dr\. Let it end there too:\naz .*--set publishingProfile\.endOfLifeDate=2026-12-15T/,
    );
    expect(text).toContain('goldbot writes nothing into the second gallery');
  });

  it('is content once the administrator has sent what the commands send, and Azure has copied', async () => {
    const { say, sandbox, world, read } = inventoryWorld({ catalogue: withSecond() });
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
    expect(alike).toContain('gold_dr has what gold offers of windows-2022.');
    expect(await said('parity', { name: 'gone' })).toMatch(
      /There is no gallery gone in the resource group rg-golden-images-dr\. Correct `secondGallery` in azure\.yaml, .*\naz sig create .*--gallery-name gone --location <region>/,
    );
    const undefinedThere = await said('parity ubuntu-22', {}, (real) => ({
      definitions: async (gallery) =>
        (await real.definitions(gallery)).filter(({ name }) => gallery.gallery === 'gold' || name !== 'ubuntu-22'),
    }));
    expect(undefinedThere).toMatch(
      /gold_dr has no image definition for ubuntu-22\. Make it, .*\naz sig image-definition create .* --gallery-name gold_dr .*--features SecurityType=TrustedLaunchSupported/,
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
    return presentParity({ catalogue: withSecond(), parity: found, definitions: [] }).text;
  };

  it.each([
    [
      'still offered',
      /Take it out of latest there too:\naz sig image-version update .* --set publishingProfile\.excludeFromLatest=true$/m,
    ],
    [
      'only there',
      /Find out who made it there and who uses it; where nobody does, delete it:\naz sig image-version delete /,
    ],
    [
      'another',
      /Find out who made it, delete it there, and copy it anew:\naz sig image-version delete .*\naz sig image-version create /,
    ],
    [
      'failed',
      /Delete it there, and copy it anew:\naz sig image-version delete .*\naz sig image-version create .*"West Europe=2"/,
    ],
    [
      'no definition',
      /Make it, then ask again for what has to be copied:\naz sig image-definition create .* --gallery-name gold_dr /,
    ],
    [
      'absent',
      /Copy it:\naz sig image-version create .* --gallery-image-version 1\.5\.0 --image-version \/subscriptions\/\S+ --target-regions "West Europe=2"$/m,
    ],
    [
      'not offered',
      /Offer it there too:\naz sig image-version update .* --set publishingProfile\.excludeFromLatest=false$/m,
    ],
    ['end', /Azure clears no end of life by command: give it one here, or move the one there\.$/m],
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
    ['another', /1\.6\.0 of gold_dr is no copy of that of gold: it was made from \/x\./],
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
