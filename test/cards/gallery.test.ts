import { galleryDrift, galleryFiles } from '../../tools/gallery';

describe('the gallery', () => {
  it('is what the cards are now; `npm run gallery` writes it', () => {
    expect(galleryDrift()).toEqual([]);
  });

  it('has every case', () => {
    expect(galleryFiles().size).toBeGreaterThan(80);
  });
});
