import { definitionId, galleryVersionId } from '../../core/azure-id';
import { answered, answersFile, isTrialId, trialIds, trialImage, trialOf } from '../../core/trials';

const gallery = { subscription: '5b1f0c2e-3a41-4f7e-9c55-0d2a7e6b1001', resourceGroup: 'rg-gold', gallery: 'gold' };
const trial = trialImage(gallery);

describe('what a trial may change or delete', () => {
  it.each([
    ['the definition', definitionId(trial), true],
    ['its version', galleryVersionId(trial, '1.0.0'), true],
    ['its version, in any case', galleryVersionId(trial, '1.0.0').toUpperCase(), true],
    ['another version of it', galleryVersionId(trial, '1.0.1'), false],
    ['a golden version', galleryVersionId({ ...trial, definition: 'ubuntu-22' }, '1.0.0'), false],
    ['a golden definition', definitionId({ ...trial, definition: 'ubuntu-22' }), false],
    ['one of a similar name', definitionId({ ...trial, definition: 'goldbot-trials-2' }), false],
    ['the same in another gallery', definitionId({ ...trial, gallery: 'other' }), false],
    ['the same in another subscription', definitionId({ ...trial, subscription: 'other' }), false],
    ['the gallery', definitionId(trial).replace(/\/images\/.*/, ''), false],
  ])('%s', (_, id, may) => {
    expect(isTrialId(gallery, id)).toBe(may);
  });

  it('is in the trials’ own definition, whatever else a gallery is given as', () => {
    expect(trialImage({ ...gallery, definition: 'ubuntu-22' } as typeof gallery)).toEqual({
      ...gallery,
      definition: 'goldbot-trials',
    });
  });
});

it('each trial says what it asks, why that is open, what it does and what goldbot does meanwhile', () => {
  for (const id of trialIds) {
    const { question, from, does, meanwhile, means } = trialOf(id);
    expect(question).toMatch(/\?$/);
    for (const sentence of [does, meanwhile, ...Object.values(means)]) expect(sentence).toMatch(/\.$/);
    expect(from).not.toMatch(/\.$/);
  }
});

describe('the file with the answers', () => {
  const at = new Date('2026-11-23T09:00:00Z');
  const exchange = {
    ...{
      method: 'PATCH',
      path: '/subscriptions/<id>/…',
      apiVersion: '2025-03-03',
      client: 'azsdk-js-arm-compute/24.1.0',
    },
    ...{ body: { tags: {} }, status: 409, code: 'Conflict', message: 'Busy.', requestId: 'f81d4fae' },
  };
  const answers = { 'write-while-busy': answered('write-while-busy', 'refused', { at, exchange }) };
  const plan = { gallery, mention: { channel: 'Gold / Général', name: 'Ada L.' } };
  const run = { id: 'R-7F3KQ', endedAt: at, cloud: 'Public', goldbot: '0.1.0', plan };

  it('is JSON with every question, the answers that there are, and what was left out', () => {
    const told = JSON.parse(answersFile({ ...run, data: { region: 'West Europe', answers } }, 'json'));
    expect(told).toMatchObject({ run: 'R-7F3KQ', goldbot: '0.1.0', endedAt: at.toISOString(), region: 'West Europe' });
    expect(told.answers.map(({ id }: { id: string }) => id)).toEqual(trialIds);
    expect(told.answers[5]).toMatchObject({
      ...{ verdict: 'refused', answer: 'Azure refuses it with 409 Conflict: “Busy”.', request: exchange },
    });
    expect(told.answers[0]).toMatchObject({ verdict: 'not answered', answer: 'It was not tried.' });
    expect(told.notTried).toHaveLength(2);
  });

  it('names nobody, no place and no resource, whatever Azure said', () => {
    const id = '/subscriptions/5b1f0c2e-3a41-4f7e-9c55-0d2a7e6b1001/resourceGroups/rg-gold/providers/p/locks/payroll';
    const message = `Gold in RG-GOLD is locked by ${id}. Tenant 5B1F0C2E-3A41-4F7E-9C55-0D2A7E6B1001 says so; goldbot waits.`;
    const seen = answered('write-while-busy', 'refused', { at, exchange: { ...exchange, message } });
    const said = 'It was not tried: nothing could be posted in “Gold / Général”, for Ada L..';
    const mention = answered('mention-by-edit', 'not answered', { at, said });
    const over = `goldbot’s identity lacks “a/write” on ${id}, and on /providers/Microsoft.Management/managementGroups/acme.`;
    const data = { over, answers: { 'write-while-busy': seen, 'mention-by-edit': mention } };
    for (const format of ['json', 'md'] as const) {
      const file = answersFile({ ...run, data }, format);
      expect(file).toContain('<gallery> in <group> is locked by <resource>. Tenant <id> says so; goldbot waits');
      expect(file).toContain('lacks “a/write” on <resource>, and on <resource>.');
      expect(file).toContain('nothing could be posted in “<channel>”, for <person>.');
      expect(file).not.toMatch(/5b1f0c2e|rg-gold|payroll|acme|Général|Ada L/i);
      expect(file).toContain('f81d4fae');
    }
  });

  it('says that it was the sandbox who answered, and not Azure', () => {
    const page = answersFile({ ...run, cloud: 'sandbox', data: { region: 'West Europe' } }, 'md');
    expect(page).toContain('goldbot 0.1.0 · goldbot’s sandbox, not Azure, West Europe · R-7F3KQ');
  });

  it('is a page of Markdown that says the same', () => {
    const page = answersFile({ ...run, data: { over: 'Policy says no.', answers } }, 'md');
    expect(page).toContain('goldbot 0.1.0 · Azure Public, a region that nobody came to know · R-7F3KQ');
    expect(page).toContain('**Azure refuses it with 409 Conflict: “Busy”.**');
    expect(page).toContain('**It was not tried: Policy says no.**');
    expect(page).toContain(
      '`PATCH /subscriptions/<id>/…?api-version=2025-03-03` by azsdk-js-arm-compute/24.1.0; 409, Azure’s id f81d4fae',
    );
    expect(page).toContain('- Open because: No recording has one: neither the code nor the words are known.');
  });
});
