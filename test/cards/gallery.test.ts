import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { galleryDrift, galleryFiles, galleryFolder } from '../../tools/gallery';
import { judged, notMet } from '../../tools/gallery/judged';
import { scenes } from '../../tools/gallery/seen';
import { gallery } from '../fixtures/cards';

describe('the gallery', () => {
  it('is what the cards are now; `npm run gallery` writes it', () => {
    const files = galleryFiles();
    expect(files.size).toBeGreaterThan(80);
    expect(galleryDrift(files)).toEqual([]);
  });

  it('has some thirty pictures in docs/, of at most 60 KB each', () => {
    const docs = join(galleryFolder, '..');
    const pictures = readdirSync(docs).filter((file) => file.endsWith('.png'));
    expect(pictures.filter((file) => statSync(join(docs, file)).size > 60_000)).toEqual([]);
    expect(pictures.length).toBeGreaterThanOrEqual(18);
    expect(pictures.length).toBeLessThanOrEqual(36);
  });
});

describe('the judgement of each kind of card', () => {
  it('is there for all that the conversation meets, with its picture, and the others say where they are met', () => {
    const kinds = Object.keys(gallery).sort();
    expect([...Object.keys(judged), ...Object.keys(notMet)].sort()).toEqual(kinds);
    expect(Object.keys(judged).filter((kind) => !scenes.some((scene) => scene.kind === kind))).toEqual([]);
    expect(Object.keys(judged).filter((kind) => !existsSync(join(galleryFolder, 'seen', `${kind}.png`)))).toEqual([]);
  });

  it('says why a kind is below nine', () => {
    for (const [kind, [score, why]] of Object.entries(judged)) {
      expect([kind, score >= 9, why === undefined]).toEqual([kind, score >= 9, score >= 9]);
    }
  });
});
