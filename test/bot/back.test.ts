import { onTheWay, wayIn } from '../../bot/back';
import { opening } from '../../bot/dialogs';
import { withoutMark } from '../../bot/private';
import type { AdaptiveCard, Reply } from '../../cards';
import { type CommandCall, call } from '../../core/command-call';

type Action = { readonly title: string; readonly verb: string; readonly data: Readonly<Record<string, unknown>> };

const button = (verb: string, data: object = {}, more: object = {}) => ({
  ...{ type: 'Action.Execute', title: verb, verb, data, associatedInputs: 'none' },
  ...more,
});

function replyOf(actions: readonly object[], of?: CommandCall): Reply & { readonly call?: CommandCall } {
  const card = { type: 'AdaptiveCard', version: '1.5', body: [], actions, fallbackText: 'x' } as never as AdaptiveCard;
  return { text: 'x', card, ...(of && { call: of }) };
}

const actionsOf = ({ card }: Reply) => (card?.actions ?? []) as never as readonly Action[];
const named = (reply: Reply, title: string) => actionsOf(reply).find((action) => action.title === title);

const versions = call('versions', { image: 'ubuntu-22' });
const show = call('show', { ref: 'ubuntu-22@1.5.0' });

describe('the way back of what is looked at', () => {
  it('leads from the second card to the first, and from the third to the second and on to the first', () => {
    const first = onTheWay(replyOf([button('show', { ref: 'ubuntu-22@1.5.0' })], versions));
    expect(named(first, 'Back')).toBeUndefined();

    const second = onTheWay(replyOf([button('cost')], show), wayIn(named(first, 'show')?.data));
    expect(named(second, 'Back')).toMatchObject({ verb: 'versions', data: { image: 'ubuntu-22' } });

    const third = onTheWay(replyOf([], call('cost')), wayIn(named(second, 'cost')?.data));
    expect(named(third, 'Back')).toMatchObject({ verb: 'show', data: { ref: 'ubuntu-22@1.5.0' } });
    const again = onTheWay(replyOf([], show), wayIn(named(third, 'Back')?.data));
    expect(named(again, 'Back')).toMatchObject({ verb: 'versions', data: { image: 'ubuntu-22' } });
  });

  it('is nothing that a command is told', () => {
    const [pressed] = actionsOf(onTheWay(replyOf([button('show', { ref: 'a@1' })], versions)));
    expect(withoutMark(pressed?.data)).toEqual({ ref: 'a@1' });
  });

  it('is among the six buttons that every client shows', () => {
    const many = replyOf(
      Array.from({ length: 8 }, (_, i) => button('cost', {}, { title: `${i}` })),
      show,
    );
    expect(actionsOf(onTheWay(many, [versions])).findIndex(({ title }) => title === 'Back')).toBe(5);
  });

  it('is left out where a card has no room for it, and does not grow without end', () => {
    const full = replyOf([button('show', { ref: 'x'.repeat(25 * 1024) })], versions);
    expect(actionsOf(onTheWay(full))).toEqual(actionsOf(full));
    const long = Array.from({ length: 9 }, () => versions);
    expect(wayIn({ goldbotBack: long })).toHaveLength(3);
  });

  it.each([[undefined], ['x'], [[]], [[1]], [{ goldbotBack: 'x' }], [{ goldbotBack: [null, { values: {} }] }]])(
    'is none where %j was forged',
    (data) => {
      expect(wayIn(data)).toEqual([]);
    },
  );
});

describe('a card that lives on', () => {
  it('opens a dialog for what only shows something, and leaves what decides, sends a field or refreshes as it is', () => {
    const kept = [
      button('approve', { request: 'R-22222', hash: 'a' }),
      button('logs', {}, { associatedInputs: 'auto' }),
    ];
    const { card } = replyOf([button('logs', { request: 'R-22222' }), ...kept]);
    const refresh = { action: button('status', { request: 'R-22222' }), userIds: [] };
    const shown = opening({ text: 'x', card: { ...card, refresh } as AdaptiveCard }, 'run:R-22222');
    expect(shown.card?.actions).toEqual([
      {
        ...{ type: 'Action.Submit', title: 'logs', associatedInputs: 'none' },
        data: { msteams: { type: 'task/fetch' }, verb: 'logs', values: { request: 'R-22222' } },
      },
      ...kept,
    ]);
    expect(shown.card?.['refresh']).toEqual(refresh);
  });

  it('puts what is opened on a card of several requests beside it, for all who decide', () => {
    const reply = replyOf([button('status', { request: 'R-22222' })]);
    expect(opening(reply, 'requests:publish:2027-01')).toBe(reply);
  });
});
