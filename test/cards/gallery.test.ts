import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { galleryDrift, galleryFiles, galleryFolder, galleryPictures } from '../../tools/gallery';

describe('the gallery', () => {
  it('is what the cards are now; `npm run gallery` writes it', () => {
    expect(galleryDrift()).toEqual([]);
  });

  it('has a picture of every case', () => {
    expect(galleryPictures().filter((path) => !existsSync(join(galleryFolder, path)))).toEqual([]);
    expect(galleryFiles().size).toBeGreaterThan(80);
  });
});
