import { stillOf } from '../../cards';
import { gallery } from '../fixtures/cards';

const at = new Date('2026-11-23T09:00:00Z');
const open = 'https://teams.microsoft.com/l/chat/0/0?users=28:bot&message=versions';
const every = Object.entries(gallery).flatMap(([kind, cases]) =>
  Object.entries(cases).map(([name, build]) => [`${kind}/${name}`, build] as const),
);

describe('a card that people share', () => {
  it.each(every)('has nothing to press that would reach goldbot: %s', (_, build) => {
    const before = build();
    const { card } = stillOf(before, { at, open });
    expect(JSON.stringify(card)).not.toMatch(/Action\.Execute|Action\.Submit|"Input\.|"refresh"|CompoundButton/);
    expect(card?.actions[0]).toEqual({ type: 'Action.OpenUrl', title: 'Ask goldbot', url: open });
    expect(card?.actions.length).toBeLessThanOrEqual(5);
  });

  it('says that it is a picture of a moment, and shows what it showed', () => {
    const card = gallery['versions']?.['story'] ?? Object.values(gallery['versions'] ?? {})[0];
    const before = card?.();
    const after = before && stillOf(before, { at });
    expect(JSON.stringify(after?.card?.body.at(-1))).toContain('Shared from goldbot, as of Mon 23 Nov, 09:00 UTC.');
    expect(JSON.stringify(after?.card)).toContain(String(before?.text.split('\n')[0]));
    // Its foot has what its main button did, which may not be a look.
    expect(after?.card?.body.map(({ id }) => id)).not.toContain('foot');
    // Without a link there is none that leads nowhere.
    expect(JSON.stringify(after?.card)).not.toContain('Ask goldbot');
  });

  it('leaves an answer in words as it is', () => {
    expect(stillOf({ text: 'Three versions.' }, { at, open })).toEqual({ text: 'Three versions.' });
  });
});
