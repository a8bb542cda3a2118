import { type VerifyView, verifyCard } from '../../cards';
import { signatureWords, signedWords } from '../../cards/verify';
import type { Check } from '../../core/provenance';

const shown = (...checks: Check[]) => {
  const view: VerifyView = {
    about: 'vm-1',
    verdict: 'unknown',
    because: 'So it is.',
    checks,
    asOf: '2026-11-22T12:40:00Z',
  };
  return verifyCard(view).text;
};

describe('what a check of a certificate came to', () => {
  it.each<[Check, string]>([
    [{ name: 'packages', state: 'agrees' }, '✓ Packages: the list that was read in the test'],
    [{ name: 'guest file', state: 'agrees' }, '✓ Guest file: the tattoo inside is the one that was certified'],
    [{ name: 'guest registry', state: 'agrees' }, '✓ Guest registry: the tattoo inside is the one that was certified'],
    [{ name: 'key', state: 'silent', why: 'not trusted' }, '– Key: signed by a key that was not given'],
    [
      { name: 'source', state: 'silent', why: 'no such version' },
      '– Source and disks: the gallery has no such version',
    ],
    [{ name: 'tests', state: 'silent', why: 'no record' }, '– Tests: goldbot has no record of the run'],
  ])('%j is told as “%s”', (check, words) => expect(shown(check)).toContain(words));
});

it.each([
  [`local:3f9c1a2b${'0'.repeat(56)}`, 'a local key, 3f9c1a2b'],
  ['https://kv-gold.vault.azure.net/keys/goldbot/0a1b2c3d4e5f', 'key vault kv-gold, key goldbot, version 0a1b2c3d'],
  ['something else', 'something else'],
])('the key %s is told as “%s”', (id, words) => expect(signedWords(id)).toBe(words));

it.each([
  [
    { signed: { by: `local:3f9c1a2b${'0'.repeat(56)}`, at: '2026-11-22T12:40:00Z' } },
    'signed by a local key, 3f9c1a2b',
  ],
  [{}, 'not signed yet'],
  [
    { said: 'Azure did not answer in time.', nextAt: '2026-11-22T12:40:00Z' },
    'not signed yet: Azure did not answer in time; next try Sun 22 Nov, 12:40 UTC',
  ],
  [{ said: 'no key is set to sign with' }, 'not signed yet: no key is set to sign with; goldbot has given up'],
])('how far a certificate is: %j', (view, words) => expect(signatureWords(view)).toBe(words));
