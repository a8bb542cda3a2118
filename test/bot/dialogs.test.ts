import type { DialogSaid } from '../../dialogs';
import { general, TestWorld } from './world';

const button = {
  type: 'Action.Submit',
  title: 'Exempt',
  associatedInputs: 'none',
  data: { msteams: { type: 'task/fetch' }, verb: 'exempt', values: { machine: 'vm-1' } },
};
const offer = { text: 'vm-1', card: { ...aCard([]), actions: [button] } };
const form = {
  text: 'form',
  card: {
    ...aCard([{ type: 'Input.Text', id: 'reason', label: 'Reason' }]),
    actions: [
      { type: 'Action.Execute', title: 'Exempt', verb: 'exempt', data: { machine: 'vm-1' }, associatedInputs: 'auto' },
    ],
  },
};

function aCard(body: readonly object[]) {
  return { type: 'AdaptiveCard', version: '1.5', body, fallbackText: 'vm-1' } as never as {
    readonly type: 'AdaptiveCard';
    readonly version: '1.5';
    readonly body: never[];
    readonly actions: never[];
    readonly fallbackText: string;
  };
}

describe('dialogs in Teams', () => {
  let world: TestWorld;
  let said: DialogSaid[];

  beforeAll(async () => {
    world = await TestWorld.open();
    await world.bot();
  });
  afterAll(() => world.close());
  beforeEach(() => {
    world.script.onText = () => offer as never;
    said = [];
    world.script.onDialog = (dialog) => {
      said.push(dialog);
      return { kind: 'card', reply: form as never };
    };
  });

  const submit = (as: string, dialog: string, data: object, more: object = {}) =>
    world.teams('POST', '/api/submit', { as, dialog, data, ...more });

  async function opened() {
    const { messages } = await world.say('Ada', general, '@goldbot show vm-1');
    return world.teams('POST', '/api/click', { as: 'Ada', activityId: messages[0].id, title: 'Exempt' });
  }

  it('open before the one who pressed, with what the button carries, and take what is typed', async () => {
    const before = (await world.messages(general)).length;
    const { status, dialog } = await opened();
    expect([status, dialog.title]).toEqual([200, 'Exempt']);
    expect(said).toEqual([{ verb: 'exempt', given: { machine: 'vm-1' } }]);
    expect(dialog.card.actions).toEqual([
      {
        ...{ type: 'Action.Submit', title: 'Exempt', associatedInputs: 'auto' },
        data: { verb: 'exempt', values: { machine: 'vm-1' } },
      },
    ]);
    expect(await submit('Ada', dialog.id, { reason: 'ledger' })).toMatchObject({
      status: 200,
      dialog: { id: dialog.id },
    });
    expect(said[1]).toEqual({ verb: 'exempt', given: { machine: 'vm-1' }, typed: { reason: 'ledger' } });
    // The question and its answer: nothing was posted for the dialog.
    expect((await world.messages(general)).length - before).toBe(2);
  });

  it('are for nobody else, and for nobody once they are closed', async () => {
    const { dialog } = await opened();
    expect(await submit('Grace', dialog.id, {})).toMatchObject({ error: { code: 'NoSuchDialog' } });
    world.script.onDialog = () => ({ kind: 'message', text: 'Nothing was done.' });
    expect(await submit('Ada', dialog.id, {})).toEqual({ status: 200, message: 'Nothing was done.' });
    expect(await submit('Ada', dialog.id, {})).toMatchObject({ error: { code: 'NoSuchDialog' } });
  });

  it('close on what is posted, in the thread that they were opened from, once', async () => {
    const { dialog } = await opened();
    world.script.onDialog = () => ({ kind: 'post', reply: { text: 'Exempting vm-1.' }, message: 'below' });
    expect(await submit('Ada', dialog.id, { reason: 'x' })).toEqual({ status: 200 });
    const posted = (await world.messages(general)).filter(({ text }) => text === 'Exempting vm-1.');
    expect(posted).toHaveLength(1);
    expect(posted[0]?.replyToId).toBeDefined();
  });

  it('hold what cannot be read to be nobody’s button', async () => {
    const { messages } = await world.say('Ada', general, '@goldbot show vm-1');
    const forged = { name: 'task/submit', type: 'invoke', id: 'f:1', replyToId: messages[0].id, value: { data: [1] } };
    const { status } = await world.teams('POST', '/_sandbox/deliver', { as: 'Ada', in: general, activity: forged });
    expect(status).toBe(200);
    expect(said.at(-1)).toEqual({ verb: '', given: undefined, typed: {} });
  });
});
