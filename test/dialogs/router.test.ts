import type { GalleryVersion } from '../../core/azure';
import { UserError } from '../../core/errors';
import { aVersion } from './support/plan';
import { aRun, dialogWorld, people, tenant } from './support/world';

describe('asking for a publish', () => {
  it('starts a run in the thread of the asker and answers with its live card', async () => {
    const world = dialogWorld();
    const answer = await world.say('ada', '<at>goldbot</at> publish ubuntu-22 --note "openssl fix"', {
      conversation: { id: '19:general', threadId: '42', kind: 'channel' },
    });
    expect(world.started).toEqual([
      expect.objectContaining({
        subject: 'ubuntu-22',
        person: expect.objectContaining({ oid: people.ada.oid }),
        plan: { request: { note: 'openssl fix' }, approvalChannel: 'Image Factory / approvals', fixed: null },
        card: { conversationId: '19:general', threadId: '42' },
      }),
    ]);
    expect(answer.topic).toBe('run:R-NEW22');
    expect(answer.text).toContain('R-NEW22');
    expect(answer.card).toBeDefined();
  });

  it('takes an alias in any case', async () => {
    const world = dialogWorld();
    await world.say('ada', 'publish Jammy');
    expect(world.started[0]?.subject).toBe('ubuntu-22');
  });

  it('joins an open run and says so', async () => {
    const world = dialogWorld();
    await world.say('grace', 'publish ubuntu-22');
    const second = await world.say('ada', 'publish ubuntu-22 --bump patch');
    expect(second.text).toContain('You joined R-NEW22');
    expect(second.text).toContain('Your options were not used');
    expect(world.runs.size).toBe(1);
  });

  it('asks which one when a name fits several images, and starts nothing', async () => {
    const world = dialogWorld();
    const answer = await world.say('ada', 'publish ubuntu --note fix');
    expect(answer.text).toContain('Which image do you mean');
    expect(answer.text).toContain('ubuntu-22, ubuntu-24');
    expect(answer.text).not.toContain('windows-2022');
    expect(world.started).toEqual([]);
  });

  it('asks with a form for the image when none is named', async () => {
    const world = dialogWorld();
    const answer = await world.say('ada', 'publish');
    expect(answer.text).toContain('publish needs image');
    expect(JSON.stringify(answer.card)).toContain('Input.ChoiceSet');
    expect(world.started).toEqual([]);
  });

  it('starts the run that a filled form asks for, empty inputs left out', async () => {
    const world = dialogWorld();
    const answer = await world.click('ada', 'publish', { image: 'ubuntu-22', note: '', bump: 'patch', plan: 'false' });
    expect(world.started[0]?.plan).toMatchObject({ request: { bump: 'patch' } });
    expect(answer).toMatchObject({ kind: 'post', reply: { topic: 'run:R-NEW22' } });
  });

  it.each([
    ['publish ubunto-22 --bump patch', 'UNKNOWN_IMAGE', 'ubuntu-22'],
    ['publish ubuntu-22 --output tape', 'BAD_COMMAND', '--output gallery'],
    ['publish ubuntu-22 --eol yesterday', 'BAD_COMMAND', '--eol +6mo'],
    ['publish ubuntu-22 --eol 2020-01-01', 'BAD_COMMAND', 'in the past'],
    ['publish ubuntu-22 --bump huge', 'BAD_COMMAND', 'patch'],
    ['publish ubuntu-22 --replicas 0', 'BAD_COMMAND', 'replicas'],
    ['publish ubuntu-22 --version 1.2.3 --bump patch', 'BAD_COMMAND', '--bump'],
  ])('refuses `%s` with %s and the next command', async (text, code, hint) => {
    const world = dialogWorld();
    const answer = await world.say('ada', text);
    expect(answer.text).toContain(code);
    expect(answer.text).toContain(hint);
    expect(world.started).toEqual([]);
  });
});

describe('who may do what', () => {
  it('refuses by role, names the group that could, and writes it down', async () => {
    const world = dialogWorld();
    const answer = await world.say('dana', 'publish ubuntu-22');
    expect(answer.text).toContain('WRONG_ROLE');
    expect(answer.text).toContain('goldbot-publishers');
    expect(world.started).toEqual([]);
    expect(world.refusals).toEqual([
      expect.objectContaining({
        who: { oid: people.dana.oid, name: 'Dana' },
        detail: expect.objectContaining({ code: 'WRONG_ROLE' }),
      }),
    ]);
  });

  it('checks the role against the image, also when only the run names it', async () => {
    const world = dialogWorld();
    world.runs.set('R-22222', aRun('R-22222'));
    expect((await world.say('web', 'publish ubuntu-22')).text).toContain('WRONG_ROLE');
    expect((await world.say('web', 'cancel R-22222 --reason no')).text).toContain('WRONG_ROLE');
    expect((await world.say('web', 'publish ubuntu-24')).topic).toBe('run:R-NEW22');
    expect(world.signals).toEqual([]);
  });

  it('refuses another tenant before it reads the message', async () => {
    const world = dialogWorld();
    const person = { oid: people.ada.oid, name: 'Ada', tenantId: 'c0ffee00-7e57-4bad-8bad-5ca1ab1e0666' };
    expect((await world.say('ada', 'help', { person })).text).toContain('WRONG_TENANT');
    expect(world.refusals).toHaveLength(1);
  });

  it.each(['publish ubuntu-22', 'status', 'approve R-22222'])(
    'fails closed for `%s` while the directory is silent',
    async (text) => {
      const silent = new UserError('DIRECTORY_SILENT', 'Graph is silent.', { hint: 'Later.' });
      const world = dialogWorld({ directory: { memberOf: () => Promise.reject(silent) } });
      world.runs.set('R-22222', aRun('R-22222', { actors: [] }));
      const answer = await world.say('grace', text);
      expect(answer.text).toContain('DIRECTORY_SILENT');
      expect(answer.text.split('\n').at(-1)).toBe(text);
      expect([...world.started, ...world.decided]).toEqual([]);
    },
  );

  it('still helps while the directory is silent', async () => {
    const silent = new UserError('DIRECTORY_SILENT', 'Graph is silent.', { hint: 'Later.' });
    const world = dialogWorld({ directory: { memberOf: () => Promise.reject(silent) } });
    expect((await world.say('grace', 'help')).text).toContain('roles unknown: Microsoft Graph is silent');
  });

  it('shows in help only what the person may', async () => {
    const world = dialogWorld();
    const [ada, grace, nobody] = await Promise.all(
      (['ada', 'grace', 'nobody'] as const).map((who) => world.say(who, 'help')),
    );
    expect(ada?.text).toContain('publish: Builds');
    expect(ada?.text).not.toContain('approve: ');
    expect(grace?.text).toContain('approve: ');
    expect(nobody?.text).not.toContain('status');
    expect(nobody?.text).toContain('help');
  });
});

describe('when something goes wrong', () => {
  describe('while Azure takes longer than a person waits', () => {
    const patience = { firstMs: 30, wholeMs: 300 };
    const hang = () => new Promise<never>(() => {});
    const asking = '… Azure has not answered yet\ngoldbot keeps asking and completes this message.';

    it('answers with what is known, and with the whole when it comes, having asked once', async () => {
      let [asked, said] = [0, (_: readonly GalleryVersion[]) => {}];
      const versions = () => {
        asked += 1;
        return new Promise<readonly GalleryVersion[]>((done) => (said = done));
      };
      const world = dialogWorld({ read: { versions, machinesByVersion: async () => new Map() }, patience });
      const first = await world.say('ada', 'versions ubuntu-22');
      expect(first).toMatchObject({ pending: true, text: asking });
      said([aVersion('1.5.0')]);
      const whole = await first.later;
      expect(whole?.text).toContain('1.5.0');
      expect(whole?.text).not.toContain('Azure has not');
      expect(whole).not.toHaveProperty('pending');
      expect(asked).toBe(1);
    });

    it('says what is missing when Azure never answers', async () => {
      const world = dialogWorld({
        read: {
          marketplaceVersions: hang,
          versions: async () => [],
          scaleSets: hang,
          definition: hang,
          definitions: hang,
        },
        patience,
      });
      const first = await world.say('ada', 'publish ubuntu-22 --plan');
      expect(first.text).toContain(asking);
      expect(first.text).not.toContain('again');
      const whole = await first.later;
      expect(whole?.text).toContain('AZ_SILENT');
      expect(whole?.text.split('\n').at(-1)).toBe('publish ubuntu-22 --plan');
    });

    it('completes what lacks a figure, and leaves what is whole alone', async () => {
      const images = await dialogWorld({ read: { versions: hang, marketplaceVersions: hang }, patience }).say(
        'ada',
        'images',
      );
      expect(images.text).toMatch(
        /^… Azure has not said everything yet. goldbot keeps asking and completes this message.\n1 of 3 golden images cannot be built\n/,
      );
      expect(images).toMatchObject({ pending: true, later: expect.any(Promise) });
      await images.later;
      const help = await dialogWorld({ patience }).say('ada', 'help');
      expect(help).not.toHaveProperty('later');
    });

    it('waits on for the directory too, and refuses once', async () => {
      let say = (_: readonly string[]) => {};
      const groups = new Promise<readonly string[]>((done) => {
        say = done;
      });
      const memberOf = () => groups;
      const world = dialogWorld({ directory: { memberOf }, patience });
      const first = await world.say('ada', 'status');
      expect(first.pending).toBe(true);
      expect(world.refusals).toEqual([]);
      say([]);
      expect((await first.later)?.text).toContain('needs the role viewer');
      expect(world.refusals).toHaveLength(1);
    });

    it('keeps a click inside its turn', async () => {
      const world = dialogWorld({ read: { versions: hang, machinesByVersion: hang }, patience });
      const answer = await world.click('ada', 'versions', { image: 'ubuntu-22' });
      expect(answer).toMatchObject({ kind: 'message', text: expect.stringContaining('Azure did not answer in time.') });
    });
  });

  it('gives a mistake of its own a number and hands the error to the caller', async () => {
    const error = new Error('boom at /secret/path');
    const world = dialogWorld({ directory: { memberOf: () => Promise.reject(error) } });
    const answer = await world.say('ada', 'status');
    expect(answer.bug?.error).toBe(error);
    expect(answer.text).toContain(answer.bug?.reference);
    expect(answer.text).not.toContain('boom');
  });

  it('refuses a person without tenant', async () => {
    const world = dialogWorld();
    const person = { oid: people.ada.oid, name: 'Ada', tenantId: '' };
    expect(tenant).not.toBe('');
    expect((await world.say('ada', 'help', { person })).text).toContain('WRONG_TENANT');
  });
});
