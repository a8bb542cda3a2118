import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { galleryDrift, galleryFiles, galleryFolder } from '../../tools/gallery';

describe('the gallery', () => {
  it('is what the cards are now; `npm run gallery` writes it', () => {
    expect(galleryDrift()).toEqual([]);
  });

  it('has some thirty pictures in docs/, of at most 60 KB each', () => {
    const docs = join(galleryFolder, '..');
    const pictures = readdirSync(docs).filter((file) => file.endsWith('.png'));
    expect(pictures.filter((file) => statSync(join(docs, file)).size > 60_000)).toEqual([]);
    expect(pictures.length).toBeGreaterThanOrEqual(18);
    expect(pictures.length).toBeLessThanOrEqual(36);
  });

  it('has every case', () => {
    expect(galleryFiles().size).toBeGreaterThan(80);
  });
});
