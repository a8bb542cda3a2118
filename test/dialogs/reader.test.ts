import { inWords } from '../../cards';
import { due } from '../../cards/parts/format';
import { type Catalogue, zoneOfChannel } from '../../core/catalogue';
import type { Turn } from '../../dialogs';
import { forClicker, forReader } from '../../dialogs/conversation/reader';

const team = (channel: string, digest: unknown) => ({ channel, digest });
const image = (channel: string, zones: { schedule?: string; hours?: string }, more: object = {}) => ({
  ...(zones.schedule !== undefined && { schedule: { cron: '0 5 1 * *', zone: zones.schedule } }),
  approval: { channel, ...(zones.hours !== undefined && { zone: zones.hours }), ...more },
});
const catalogue = {
  teams: new Map([
    ['payments', team('payments / ops', { zone: 'Europe/Berlin' })],
    ['quiet', team('quiet / ops', false)],
    ['here', team('both', { zone: 'Asia/Tokyo' })],
  ]),
  images: [
    image('both', { schedule: 'Europe/Paris' }),
    image('approvals', { schedule: 'Europe/Paris' }, { first: [{ channel: 'security' }] }),
    image('approvals', { hours: 'Europe/Paris' }, { escalation: { channel: 'leads' } }),
    image('security', { hours: 'America/New_York' }),
  ],
} as unknown as Catalogue;

describe('the clock of a channel', () => {
  it.each([
    ['the digest of its team', ['19:x', 'payments / ops'], 'Europe/Berlin'],
    ['its team before its images', ['both'], 'Asia/Tokyo'],
    ['the schedules and working hours that its images agree on', ['approvals'], 'Europe/Paris'],
    ['an image that asks there later', ['leads'], 'Europe/Paris'],
    ['nobody, where images disagree', ['security'], undefined],
    ['nobody, where the team has no digest', ['quiet / ops'], undefined],
    ['nobody, where nothing has its name', ['19:x', undefined, null], undefined],
  ])('is that of %s', (_, called, zone) => {
    expect(zoneOfChannel(catalogue, called)).toBe(zone);
  });
});

describe('an answer', () => {
  const text = `It ends ${due('2026-11-27T17:00:00Z')}.`;
  const turn = (kind: Turn['conversation']['kind'], name?: string) =>
    ({ conversation: { id: '19:x', kind, ...(name && { name }) }, timeZone: 'America/New_York' }) as unknown as Turn;

  it.each([
    ['a person in the chat with goldbot', turn('personal'), 'Fri 27 Nov, 17:00 UTC (12:00 your time)'],
    ['a channel', turn('channel', 'payments / ops'), 'Fri 27 Nov, 17:00 UTC (18:00 in Europe/Berlin)'],
    ['a channel whose clock nobody knows', turn('channel'), 'Fri 27 Nov, 17:00 UTC'],
  ])('has its times by the clock of %s', (_, asked, shown) => {
    expect(forReader(asked, { text }, catalogue).text).toBe(`It ends ${shown}.`);
  });

  it('that is completed later has them in the whole of it too', async () => {
    const { later } = forReader(turn('personal'), { text: '…', later: Promise.resolve({ text }) }, catalogue);
    expect((await later)?.text).toContain('(12:00 your time)');
  });

  it('to a click is for the person who clicked, even in a channel', () => {
    const answer = forClicker(turn('channel', 'payments / ops'), { kind: 'message', text }, catalogue);
    expect(answer).toEqual({ kind: 'message', text: 'It ends Fri 27 Nov, 17:00 UTC (12:00 your time).' });
    const posted = forClicker(
      turn('channel', 'payments / ops'),
      { kind: 'post', reply: { text }, message: '' },
      catalogue,
    );
    expect(posted.kind === 'post' && posted.reply.text).toContain('(18:00 in Europe/Berlin)');
  });

  it('that lives on as a card is left to its delivery, so that its first edit finds it as it is', () => {
    const live = forReader(turn('personal'), { text, topic: 'run:R-22222' as never }, catalogue);
    expect(live.text).toBe(text);
    expect(inWords(live.text)).not.toBe(text);
  });
});
