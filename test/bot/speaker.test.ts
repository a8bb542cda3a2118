import { type Outgoing, WireError } from '../../bot/framework';
import { Speaker } from '../../bot/speaker';
import { type Address, Teams, TeamsError, toTeamsError } from '../../bot/teams';
import { card, MemoryLog } from './world';

const address: Address = {
  conversationId: '19:x@thread.tacv2',
  kind: 'channel',
  tenantId: 't',
  serviceUrl: 'https://x/',
  threadId: '1',
};

/** What a connector throws for an answer of Teams. */
const answered = (status: number, headers: Readonly<Record<string, string>> = {}) =>
  new WireError(`answer ${status}`, { status, retryAfter: headers['retry-after'] });
const reset = new WireError('socket hang up', { code: 'ECONNRESET' });
const refused = new WireError('connect', { code: 'ECONNREFUSED' });

/** Speaks to a Teams that answers with these one after another and takes everything afterwards. */
function speaking(answers: readonly Error[]) {
  const left = [...answers];
  const sent: unknown[] = [];
  const slept: number[] = [];
  const held: number[] = [];
  const parked: string[] = [];
  const log = new MemoryLog();
  const connector = {
    send: async (_: string, { body }: Outgoing) => {
      sent.push(body);
      const next = left.shift();
      if (next) throw next;
      return { id: '2' };
    },
  };
  const speaker = new Speaker({
    database: undefined as never,
    delivery: { kick: () => {} },
    teams: new Teams({ connector: async () => connector as never }, 'app-1'),
    pace: { forAnswer: async () => {}, hold: async (_: Address, ms: number) => void held.push(ms) } as never,
    places: { park: async (id) => void parked.push(id) },
    sleep: async (ms) => void slept.push(ms),
    log,
  });
  return { speaker, say: (text: string) => speaker.say(address, { text }), sent, slept, held, parked, log };
}

describe('a plain answer', () => {
  it.each([
    ['500', answered(500)],
    ['503', answered(503)],
    ['408', answered(408)],
    ['a reset', reset],
  ])('is sent once more after %s, of which nobody knows whether Teams took the first', async (_, trouble) => {
    const { say, sent, slept, log } = speaking([trouble]);
    await say('You are Ada');

    expect(sent).toHaveLength(2);
    expect(slept).toEqual([1_500]);
    expect(log.entries).toEqual([]);
  });

  it('is not sent a third time when Teams left it open twice, and the log says so', async () => {
    const { say, sent, log } = speaking([answered(502), answered(429), answered(500)]);
    await say('You are Ada');

    expect(sent).toHaveLength(3);
    expect(log.entries).toMatchObject([{ level: 'warn', text: 'a reply did not reach Teams for certain' }]);
  });

  it('waits as long as Teams says after 429 and 503 with Retry-After, which were not taken', async () => {
    const { say, sent, held, log } = speaking([
      answered(429, { 'retry-after': '7' }),
      answered(503, { 'retry-after': '11' }),
      answered(412),
      answered(503, { 'retry-after': '0' }),
    ]);
    await say('You are Ada');

    expect(sent).toHaveLength(5);
    expect(held).toEqual([7_000, 11_000, 2_000, 0]);
    expect(log.entries).toEqual([]);
  });

  it('is tried for a quarter of a minute while Teams cannot be reached, and five times at most', async () => {
    const { say, sent, slept, log } = speaking(Array(9).fill(refused));
    await say('You are Ada');

    expect(sent).toHaveLength(5);
    expect(slept).toEqual([1_000, 2_000, 4_000, 8_000]);
    expect(log.entries).toHaveLength(1);
  });

  it('is not repeated where goldbot may not speak: the conversation is parked', async () => {
    const { say, sent, parked } = speaking([answered(403)]);
    await say('You are Ada');

    expect(sent).toHaveLength(1);
    expect(parked).toEqual([address.conversationId]);
  });

  it('is sent in words when Teams does not take its card, and not again when it does not take those', async () => {
    const { speaker, sent } = speaking([answered(400), answered(400)]);
    await speaker.say(address, card('You are Ada'));

    expect(sent).toMatchObject([{ summary: 'You are Ada' }, { text: 'You are Ada' }]);
  });

  it('is cut once when it is too large, and never again', async () => {
    const { say, sent } = speaking([answered(413), answered(413)]);
    await say('x'.repeat(5_000));

    expect(sent.map((body) => (body as { text: string }).text.length)).toEqual([5_000, 4_035]);
  });
});

describe('what Teams answers', () => {
  it.each([
    [answered(503), 'unclear', undefined],
    [answered(503, { 'retry-after': '3' }), 'throttled', 3_000],
    [answered(503, { 'retry-after': '0' }), 'throttled', 0],
    [answered(500, { 'retry-after': '3' }), 'unclear', 3_000],
    [answered(502), 'unclear', undefined],
    [answered(504), 'unclear', undefined],
    [answered(408), 'unclear', undefined],
    [answered(429), 'throttled', 2_000],
    [answered(429, { 'retry-after': '5' }), 'throttled', 5_000],
    [answered(429, { 'retry-after': '1000000000' }), 'throttled', 21_600_000],
    [answered(429, { 'retry-after': '9'.repeat(400) }), 'throttled', 21_600_000],
    [answered(412), 'throttled', 2_000],
    [answered(401), 'unreached', undefined],
    [answered(403), 'closed', undefined],
    [answered(404), 'closed', undefined],
    [new WireError('answer 404', { status: 404, code: 'ConversationNotFound' }), 'closed', undefined],
    [new WireError('answer 404', { status: 404, code: 'ActivityNotFoundInConversation' }), 'lost', undefined],
    [answered(413), 'too-big', undefined],
    [answered(400), 'refused', undefined],
    [reset, 'unclear', undefined],
    [refused, 'unreached', undefined],
  ] as const)('%s means: %s', (error, trouble, retryAfterMs) => {
    const read = toTeamsError(error);

    expect(read).toBeInstanceOf(TeamsError);
    expect([read.trouble, read.details.retryAfterMs]).toEqual([trouble, retryAfterMs]);
  });
});
