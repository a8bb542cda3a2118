import { isFull } from '../support/size';
import { Stage } from './stage';

jest.setTimeout(150_000);

/** `npm test` has it without a browser: test/transcripts/compliance-of-a-team.md and the-weekly-digest.md. */
const story = isFull || process.env['GOLDBOT_SCREENSHOTS'] ? describe : describe.skip;

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.open({ width: 1280, height: 1500 });
});
afterAll(() => stage?.close());

story('where a team stands, in the browser', () => {
  it('is one card, whose numbers are clicked down to their machines', async () => {
    await stage.goTo('Linus', 'goldbot');
    await stage.write('compliance web');
    const card = stage.lastCard('Compliance of web');
    await card.waitFor();
    await stage.picture('compliance');
    const number = /(\d+)\s*non-compliant/.exec((await card.textContent()) ?? '')?.[1];

    await card.getByText('non-compliant', { exact: true }).click();

    const rows = stage.lastCard(`${number} machines of web`);
    await rows.waitFor();
    expect(await rows.textContent()).toContain(`${number} machines of web`);
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

story('the page', () => {
  it('shows what was posted after it read the messages and before it heard of new ones', async () => {
    const { page } = stage;
    let connect = () => {};
    const connecting = new Promise<void>((begun) => {
      void page.route('**/api/events', async (route) => {
        begun();
        await new Promise<void>((done) => {
          connect = done;
        });
        await route.continue();
      });
    });
    await stage.goTo('Linus', 'web / ops');
    await connecting;
    await fetch(`${stage.world.teamsUrl}/api/say`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ as: 'Linus', in: 'web / ops', text: '@goldbot help status' }),
    });
    connect();
    await stage.lastCard('status').waitFor();
    await page.unroute('**/api/events');
  });
});
