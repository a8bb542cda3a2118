import { Stage } from './stage';

jest.setTimeout(150_000);

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.open({ width: 1280, height: 1500 });
});
afterAll(() => stage?.close());

describe('where a team stands, in the browser', () => {
  it('is one card, whose numbers are clicked down to their machines', async () => {
    await stage.goTo('Linus', 'goldbot');
    await stage.write('compliance web');
    const card = stage.lastCard('Compliance of web');
    await card.waitFor();
    await stage.picture('compliance');
    const number = /(\d+)\s*non-compliant/.exec((await card.textContent()) ?? '')?.[1];

    await card.getByText('non-compliant', { exact: true }).click();

    const rows = stage.lastCard('Machines of web');
    await rows.waitFor();
    expect(await rows.textContent()).toContain(` of ${number}`);
    expect(await rows.textContent()).toContain('vm-web-');
  });

  it('comes by itself each week, with what changed since the last', async () => {
    await stage.goTo('Linus', 'payments / ops');
    await stage.tell('/_sandbox/clock', { advanceMinutes: 7 * 1_440 });
    await stage.lastCard('payments: week 48').waitFor();
    await stage.tell('/_sandbox/clock', { advanceMinutes: 7 * 1_440 });
    const digest = stage.lastCard('payments: week 49');
    await digest.waitFor();
    await digest.scrollIntoViewIfNeeded();
    await stage.picture('digest');

    expect(await digest.textContent()).toMatch(/compared with week 48/);
    expect(await stage.messages().getByText('payments: week 49').count()).toBe(1);
    expect(stage.problems).toEqual([]);
  });
});
