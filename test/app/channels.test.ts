import { troubledChannels } from '../../app/goldbot';
import { saveConversation } from '../../store';
import { createReads } from '../../store/reads';
import { testDatabase } from '../store/database';
import { exampleCatalogue } from '../support/catalogue';

describe('the start', () => {
  it('names every channel of the catalogue where goldbot cannot write, and binds those that it knows', async () => {
    const { database, close } = await testDatabase();
    const channel = (id: string, name: string) =>
      saveConversation(database, { id, tenantId: 't', serviceUrl: 's', reference: {}, name });
    await channel('19:approvals', 'Image Factory / approvals');
    await channel('19:payments', 'payments / ops');
    await channel('19:web', 'web / ops');
    await channel('19:her-web', 'web / ops');
    await channel('19:legacy', 'legacy / ops');
    const troubled = () =>
      troubledChannels({
        ...{ database, reads: createReads(database), catalogue: { get: exampleCatalogue } },
        clock: { now: () => new Date('2026-11-24T10:00:00Z') },
      });
    const told = await troubled();
    await channel('19:approvals', 'Image Factory / release-gate');
    const later = await troubled();
    await close();

    expect(told).toEqual([
      expect.stringContaining(
        'Several channels are called "web / ops". To say which is meant, an admin mentions goldbot',
      ),
      expect.stringContaining('goldbot is in no channel called "data / ops". Add goldbot to its team;'),
    ]);
    expect(later).toEqual(told);
  });
});
