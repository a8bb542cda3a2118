import type { BuildSource, GalleryVersion } from '../../core/azure';
import { type Fingerprint, fingerprintOf, imageRef, mustBeGenuine, tattooTags } from '../../core/images';
import { aVersion, fixed } from '../dialogs/support/plan';
import { exampleCatalogue } from '../support/catalogue';

const catalogue = exampleCatalogue();
const [ubuntu] = catalogue.images.filter(({ name }) => name === 'ubuntu-22');
if (!ubuntu) throw new Error('the example catalogue has no ubuntu-22');
const image = imageRef(catalogue.azure, ubuntu);
const base: BuildSource = { kind: 'imageVersion', image, version: '1.5.0' };
const tags = tattooTags({
  ...{ schema: '1', image: 'ubuntu-22', version: '1.5.0', source: 'Canonical:o:s:1', os: 'o' },
  ...{ built: '2026-10-01', run: 'R-33333', recipe: 'c' },
} as never);
const genuine = aVersion('1.5.0', { tags, source: '/disks/a' });

/** What comes of a base, and how often the gallery was asked. */
async function judged(of: BuildSource, found: GalleryVersion | undefined, recorded?: Fingerprint, among = catalogue) {
  let asked = 0;
  const version = async () => {
    asked += 1;
    return found;
  };
  const said = await mustBeGenuine(of, among, { read: { version }, recorded: async () => recorded }).then(
    () => 'may be built from',
    (error: Error) => error.message,
  );
  return { said, asked };
}

describe('a golden version as the base of another image', () => {
  it('is what goldbot tested, as far as goldbot kept that', async () => {
    expect(await judged(base, genuine, fingerprintOf(genuine))).toEqual({ said: 'may be built from', asked: 1 });
    expect((await judged(base, genuine)).said).toBe('may be built from');
  });

  it('is refused when another image was put under its number', async () => {
    const { said } = await judged(base, { ...genuine, source: '/disks/evil' }, fingerprintOf(genuine));
    expect(said).toBe(
      'The base gold/ubuntu-22 1.5.0 is not what goldbot tested: source: /disks/a → /disks/evil. Nothing was built from it.',
    );
  });

  it('is refused whichever image of the catalogue it is of, and however its definition is spelt', async () => {
    const evil = { ...genuine, source: '/disks/evil' };
    const spelt = { ...base, image: { ...image, gallery: image.gallery.toUpperCase() } };
    const others = { ...catalogue, images: catalogue.images.toReversed() };
    for (const [one, among] of [[spelt, catalogue] as const, [base, others] as const])
      expect((await judged(one, evil, fingerprintOf(genuine), among)).said).toContain('is not what goldbot tested');
  });

  it('is refused when its tags betray it, although goldbot kept nothing of it', async () => {
    const { said } = await judged(base, { ...genuine, tags: { ...tags, 'goldbot-source': 'Evil' } });
    expect(said).toMatch(/^The base gold\/ubuntu-22 1\.5\.0 is not what goldbot tested: tag goldbot-tattoo-sha256: /);
  });

  it('is nobody’s business of the marketplace and of galleries of others, and gone is told elsewhere', async () => {
    const evil = { ...genuine, tags: { ...tags, 'goldbot-source': 'Evil' } };
    const others = { ...base, image: { ...image, gallery: 'theirs' } } as BuildSource;
    for (const one of [fixed.base, others])
      expect(await judged(one, evil)).toEqual({ said: 'may be built from', asked: 0 });
    expect((await judged(base, undefined, fingerprintOf(genuine))).said).toBe('may be built from');
  });
});
