import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import type { TeamsActivity } from '../../bot/activity';
import type { Connector, FrameworkSettings } from '../../bot/framework';
import { inFull } from '../support/size';
import { frameworks } from './frameworks';

interface Seen {
  readonly request: string;
  readonly authorization: string | undefined;
  readonly body: unknown;
}

type Answer = (response: ServerResponse, request: IncomingMessage) => void;

/** A Teams that keeps what it is sent, and answers as it is told. */
class WrittenTeams {
  readonly seen: Seen[] = [];
  answer: Answer = says(200, { id: '1' });
  private readonly server = createServer((request, response) => void this.take(request, response));

  async open(): Promise<void> {
    await new Promise<void>((done) => this.server.listen(0, '127.0.0.1', done));
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/`;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((done) => this.server.close(done));
  }

  private async take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const text = Buffer.concat(chunks).toString();
    const { method, url, headers } = request;
    const body = text === '' ? undefined : JSON.parse(text);
    this.seen.push({ request: `${method} ${url}`, authorization: headers.authorization, body });
    this.answer(response, request);
  }
}

function says(status: number, body: object, headers: Readonly<Record<string, string>> = {}): Answer {
  return (response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(JSON.stringify(body));
  };
}

const words = { type: 'message', textFormat: 'plain', text: 'Done.' };
const created = { id: '19:x@thread.tacv2;messageid=2', activityId: '2' };
const ada = { id: '29:ada', name: 'Ada', aadObjectId: 'a1d0c000-0000-4000-8000-000000000001' };
const thread = '19:x@thread.tacv2;messageid=1';

/** What goldbot asks, what Teams sees of it, and what it answers. */
const asked: readonly {
  readonly what: string;
  readonly ask: (connector: Connector) => Promise<unknown>;
  readonly request: string;
  readonly body?: object;
  readonly answer: object;
  readonly given: object | undefined;
}[] = [
  {
    what: 'a message',
    ask: (c) => c.send(thread, { body: words, targeted: false }),
    request: 'POST /v3/conversations/19:x@thread.tacv2;messageid=1/activities',
    body: words,
    answer: { id: '2' },
    given: { id: '2' },
  },
  {
    what: 'a message to one person alone',
    ask: (c) => c.send(thread, { body: { ...words, recipient: { id: '29:ada' } }, targeted: true }),
    request: 'POST /v3/conversations/19:x@thread.tacv2;messageid=1/activities?isTargetedActivity=true',
    body: { ...words, recipient: { id: '29:ada' } },
    answer: { id: '2' },
    given: { id: '2' },
  },
  {
    what: 'an edit',
    ask: (c) => c.update('a:1', '2', { body: { ...words, id: '2' }, targeted: false }),
    request: 'PUT /v3/conversations/a:1/activities/2',
    body: { ...words, id: '2' },
    answer: { id: '2' },
    given: undefined,
  },
  {
    what: 'an edit of what one person alone sees',
    ask: (c) => c.update('a:1', '2', { body: { ...words, id: '2' }, targeted: true }),
    request: 'PUT /v3/conversations/a:1/activities/2?isTargetedActivity=true',
    body: { ...words, id: '2' },
    answer: { id: '2' },
    given: undefined,
  },
  {
    what: 'a thread',
    ask: (c) => c.create({ isGroup: true, tenantId: 't', activity: words, channelData: { channel: { id: '19:x' } } }),
    request: 'POST /v3/conversations',
    body: { isGroup: true, tenantId: 't', activity: words, channelData: { channel: { id: '19:x' } } },
    answer: created,
    given: created,
  },
  {
    what: 'a member',
    ask: (c) => c.member('a:1', '29:ada'),
    request: 'GET /v3/conversations/a:1/members/29:ada',
    answer: ada,
    given: ada,
  },
  {
    what: 'the first members',
    ask: (c) => c.members('a:1', { size: 500 }),
    request: 'GET /v3/conversations/a:1/pagedmembers?pageSize=500',
    answer: { members: [ada], continuationToken: 'more' },
    given: { members: [ada], next: 'more' },
  },
  {
    what: 'the other members',
    ask: (c) => c.members('a:1', { size: 500, after: 'more' }),
    request: 'GET /v3/conversations/a:1/pagedmembers?pageSize=500&continuationToken=more',
    answer: { members: [ada] },
    given: { members: [ada] },
  },
  {
    what: 'a team',
    ask: (c) => c.team('19:t'),
    request: 'GET /v3/teams/19:t',
    answer: { id: '19:t', name: 'payments', aadGroupId: 'g' },
    given: { name: 'payments', aadGroupId: 'g' },
  },
  {
    what: 'its channels',
    ask: (c) => c.channels('19:t'),
    request: 'GET /v3/teams/19:t/conversations',
    answer: { conversations: [{ id: '19:t' }, { id: '19:u', name: 'ops' }] },
    given: [{ id: '19:t' }, { id: '19:u', name: 'ops' }],
  },
];

const writes = asked.filter(({ request }) => !request.startsWith('GET'));
const token = 'Bearer goldbot-in-the-sandbox';

describe.each(Object.entries(frameworks))('%s, behind the wall', (_, make) => {
  const teams = new WrittenTeams();
  const elsewhere = new WrittenTeams();
  beforeAll(() => Promise.all([teams.open(), elsewhere.open()]));
  afterAll(() => Promise.all([teams.close(), elsewhere.close()]));
  beforeEach(() => {
    teams.seen.length = 0;
  });
  const settings = (): FrameworkSettings => ({
    appId: 'app-1',
    credentials: { kind: 'sandbox' },
    metadataUrl: `${teams.url}openidconfiguration`,
    mayCall: (url) => url === teams.url,
  });
  const connector = () => make(settings()).connector(teams.url);

  it.each(asked)('asks Teams for $what in one request', async ({ ask, request, body, answer, given }) => {
    teams.answer = says(200, answer);
    const got = await ask(await connector());

    expect(teams.seen.map((s) => ({ ...s, request: decodeURIComponent(s.request) }))).toEqual([
      { request, authorization: token, body },
    ]);
    expect(got).toEqual(Array.isArray(given) || given === undefined ? given : expect.objectContaining(given));
  });

  it('puts no id into a path unwritten: it stays one part of it', async () => {
    teams.answer = says(200, {});
    const hostile = 'a/../../v3/teams?x=1#';
    const to = await connector();
    await to.send(hostile, { body: words, targeted: false });
    await to.update(hostile, hostile, { body: words, targeted: true });
    await to.member(hostile, hostile);
    await to.members(hostile, { size: 5 });
    await to.team(hostile);

    const id = encodeURIComponent(hostile);
    expect(teams.seen.map(({ request }) => request)).toEqual([
      `POST /v3/conversations/${id}/activities`,
      `PUT /v3/conversations/${id}/activities/${id}?isTargetedActivity=true`,
      `GET /v3/conversations/${id}/members/${id}`,
      `GET /v3/conversations/${id}/pagedmembers?pageSize=5`,
      `GET /v3/teams/${id}`,
    ]);
  });

  const refusals = [
    { status: 429, headers: { 'retry-after': '7' }, met: { status: 429, code: 'Odd', retryAfter: '7' } },
    { status: 412, headers: {}, met: { status: 412, code: 'Odd' } },
    { status: 403, headers: {}, met: { status: 403, code: 'Odd' } },
    { status: 408, headers: {}, met: { status: 408, code: 'Odd' } },
    { status: 500, headers: {}, met: { status: 500, code: 'Odd' } },
    { status: 503, headers: { 'retry-after': '0' }, met: { status: 503, code: 'Odd', retryAfter: '0' } },
  ];
  it.each(writes.flatMap((write) => refusals.map((refusal) => ({ ...write, ...refusal }))))(
    'sends $what once when Teams answers $status, and says so without its token',
    async ({ ask, status, headers, met }) => {
      teams.answer = says(status, { error: { code: 'Odd', message: 'No.' } }, headers as Record<string, string>);
      const error = await thrown(ask(await connector()));

      expect(error).toMatchObject({ name: 'WireError', met });
      expect(teams.seen).toHaveLength(1);
      expect(inspect(error, { depth: 9 })).not.toContain('goldbot-in-the-sandbox');
    },
  );

  it.each(writes)('sends $what once when the connection breaks, since Teams may have it', async ({ ask }) => {
    teams.answer = (response) => response.destroy();
    expect(await thrown(ask(await connector()))).toMatchObject({ name: 'WireError', met: { code: sentAndLost } });
    expect(teams.seen).toHaveLength(1);
  });

  it.each(writes)('follows no redirect with $what', async ({ ask }) => {
    for (const status of [302, 307, 308]) {
      teams.answer = says(status, {}, { location: `${elsewhere.url}v3/conversations` });
      expect(await thrown(ask(await connector()))).toMatchObject({ name: 'WireError', met: { status } });
    }
    expect(elsewhere.seen).toEqual([]);
  });

  it.each(asked.filter(({ request }) => request.includes('/teams/')))('asks again for $what, a read', async (one) => {
    const answers = [says(503, {}), says(200, one.answer)];
    teams.answer = (...call) => answers.shift()?.(...call);
    expect(await one.ask(await connector())).toMatchObject(one.given ?? {});
    expect(teams.seen).toHaveLength(2);
  });

  it('knows that nobody listened', async () => {
    const gone = new WrittenTeams();
    await gone.open();
    const { url } = gone;
    await gone.close();
    const to = await make({ ...settings(), mayCall: () => true }).connector(url);
    const sent = to.send('a:1', { body: words, targeted: false });
    expect(await thrown(sent)).toMatchObject({ name: 'WireError', met: { code: 'ECONNREFUSED' } });
  });

  inFull('gives up on a message that nobody answers', async () => {
    teams.answer = () => {};
    const sent = (await connector()).send('a:1', { body: words, targeted: false });
    expect(await thrown(sent)).toMatchObject({ name: 'WireError', met: {} });
    expect(teams.seen).toHaveLength(1);
  });

  it('sends nothing to a service URL that is not one of Teams', async () => {
    const framework = make(settings());
    await expect(framework.connector(elsewhere.url)).rejects.toMatchObject({ name: 'Refused', status: 403 });
    const turn = jest.fn(async () => ({}));
    const forged = { ...activity('invoke'), serviceUrl: elsewhere.url };
    await expect(framework.receive(forged, turn)).rejects.toMatchObject({ name: 'Refused', status: 403 });
    expect(turn).not.toHaveBeenCalled();
    expect(elsewhere.seen).toEqual([]);
  });

  const activity = (type: string): TeamsActivity & { readonly channelId: string } => ({
    type,
    id: '7',
    channelId: 'msteams',
    ...(type === 'message' ? { text: 'help' } : { name: 'adaptiveCard/action', value: {} }),
    serviceUrl: teams.url,
    from: { id: '29:ada' },
    recipient: { id: '28:app-1' },
    conversation: { id: 'a:1' },
  });

  it('answers an invoke with what its turn gives, and says when that is nothing', async () => {
    const framework = make(settings());
    const body = { statusCode: 200, type: 'application/vnd.microsoft.activity.message', value: 'Noted.' };
    expect(await framework.receive(activity('invoke'), async () => body)).toEqual({ status: 200, body });
    expect(await framework.receive(activity('invoke'), async () => undefined)).toMatchObject({ status: 501 });
  });

  it('answers a message without a body, and sends nothing by itself', async () => {
    const framework = make(settings());
    expect(await framework.receive(activity('message'), async () => undefined)).toBeUndefined();
    expect(teams.seen).toEqual([]);
  });

  it('leaves the error of a turn to goldbot, and tells nobody', async () => {
    const framework = make(settings());
    for (const type of ['message', 'invoke']) {
      const broken = framework.receive(activity(type), () => Promise.reject(new Error('the database is gone')));
      await expect(broken).rejects.toThrow('the database is gone');
    }
    expect(teams.seen).toEqual([]);
  });

  it('does not begin without an app id, with which it would ask for no token', () => {
    expect(() => make({ ...settings(), appId: ' ' })).toThrow('the app id is empty');
  });
});

/** By the client: the system's word for it, or none. */
const sentAndLost = expect.stringMatching(/^(ECONNRESET|UND_ERR_SOCKET|EPIPE)$/);

async function thrown(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => {
      throw new Error('it was taken');
    },
    (error) => error,
  );
}
