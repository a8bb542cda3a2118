import { type LocalWorld, startWorld } from '../support/world';

/** What people are told before anything is started; what is started is told by the transcript of changes. */
let world: LocalWorld;
beforeAll(async () => {
  world = await startWorld();
}, 60_000);
afterAll(() => world.stop());

interface Message {
  readonly id: string;
  readonly text: string;
  readonly card?: unknown;
  readonly pending?: true;
}

/** The whole answer: on a busy machine Azure answers after the first one, which is then completed in its place. */
async function say(as: string, text: string, where = 'payments / ops'): Promise<string> {
  const body = JSON.stringify({ as, in: where, text: `@goldbot ${text}` });
  const said = (await call('/api/say', { method: 'POST', body })) as { messages: readonly Message[] };
  const chat = where === 'goldbot' ? `${as} and goldbot` : where;
  const first = said.messages[0]?.id;
  // A card that stays up to date comes beside what it answers.
  const isPart = ({ pending, text: words }: Message) => pending || words.endsWith('see the card below.');
  let { messages } = said;
  for (
    const end = Date.now() + 55_000;
    (messages.some(({ pending }) => pending) || messages.every(isPart)) && Date.now() < end;
  ) {
    await new Promise((done) => setTimeout(done, 100));
    const all = (await call(`/api/conversations/${encodeURIComponent(chat)}/messages`)) as readonly Message[];
    messages = all.slice(all.findIndex(({ id }) => id === first));
  }
  return messages.map(({ text: words, card }) => `${words} ${JSON.stringify(card ?? '')}`).join('\n');
}

async function call(path: string, init: { method?: string; body?: string } = {}): Promise<unknown> {
  const response = await fetch(world.teamsUrl + path, { ...init, headers: { 'content-type': 'application/json' } });
  return response.json();
}

describe('classify', () => {
  it('is refused for the machines of others, by name of who may, and written into the audit', async () => {
    expect(await say('Linus', 'classify vm-data-etl-001 pet --reason x')).toContain(
      'the owners of data (data-owners) and admins may act for vm-data-etl-001',
    );
    const audit = await say('Dana', 'audit', 'goldbot');
    expect(audit).toContain('Linus');
  });

  it('finds Arc machines and scale sets by their names', async () => {
    expect(await say('Linus', 'classify vmss-payments-queue pet --reason x')).toContain('Classify vmss-payments-queue');
    expect(await say('Grace', 'classify arc-legacy-3 pet --reason x')).toContain('Classify arc-legacy-3');
  });

  it('tells what it would have wanted when the kind is none', async () => {
    expect(await say('Linus', 'classify vm-payments-api-001 dog --reason x')).toContain('pet or cattle');
  });

  it('says that something else is under way when the same machine is being changed to another kind', async () => {
    await say('Linus', 'classify vm-payments-api-013 pet --reason x');
    const second = await say('Linus', 'classify vm-payments-api-013 cattle --reason x');
    // The first may be over by now: then the second simply starts.
    expect(second).toMatch(/Classify vm-payments-api-013|changes vm-payments-api-013 already/);
  });
});

describe('exempt', () => {
  it('is never for ever, and never in the past', async () => {
    const past = await say(
      'Linus',
      'exempt vm-payments-hsm-002 --policy only-golden-images --until 2020-01-01 --reason x',
    );
    expect(past).toContain('in the past');
    const never = await say('Linus', 'exempt vm-payments-hsm-002 --policy only-golden-images --until none --reason x');
    expect(never).toContain('exemptions must end');
  });

  it('names what fails when the policy is misspelt', async () => {
    const answer = await say('Linus', 'exempt vm-payments-hsm-002 --policy golden --until +1mo --reason x');
    expect(answer).toContain('Failing there: only-golden-images');
  });
});

describe('remediate', () => {
  it('says that a policy which only audits cannot fix anything, and what helps', async () => {
    const answer = await say('Linus', 'remediate vm-payments-hsm-002 --policy only-golden-images');
    expect(answer).toContain('only audits (audit)');
    expect(answer).toContain('exempt vm-payments-hsm-002 --policy only-golden-images');
  });
});

describe('rescan', () => {
  it('is for owners of the team and admins', async () => {
    expect(await say('Linus', 'rescan data')).toContain('data-owners');
    expect(await say('Dana', 'audit', 'goldbot')).toContain('rescan');
    expect(await say('Linus', 'rescan payments')).toContain('Rescan payments');
    expect(await say('Grace', 'rescan all')).toContain('Rescan all');
  });
});

describe('restrict', () => {
  it('names the nearest scope for a typo', async () => {
    expect(await say('Grace', 'restrict paymets audit --plan')).toContain('restrict payments audit --plan');
  });

  it('shows who would have been stopped, counted as machines that came in the last 30 days on other images', async () => {
    const answer = await say('Grace', 'restrict all deny --plan');
    expect(answer).toContain('Restrict all to golden images: deny?');
    expect(answer).toMatch(/would have failed|No deployment would have been blocked/);
    expect(answer).toContain('Machines that have been deleted since are not counted.');
  });

  it('with ends of life shows which versions are past theirs, and what a policy cannot see', async () => {
    const answer = await say('Grace', 'restrict payments deny --past-end --plan');
    expect(answer).toContain('versions past their end of life too, from now on');
    expect(answer).toContain('Past the end of life, and refused for whoever names the number: ubuntu-22 1.3.0.');
    expect(answer).toContain('Azure Policy sees no number there');
    expect(answer).toContain('restrict payments deny --past-end');
    const off = await say('Grace', 'restrict payments off --past-end');
    expect(off).toContain('Off lifts the restriction whole: --past-end has no meaning with it.');
    expect(off).toContain('Lift it, or restrict without --past-end and keep the rest of it. Nothing was done.');
  });

  it('off says first that there is nothing to lift', async () => {
    expect(await say('Grace', 'restrict web off --plan')).toContain('web is not restricted by goldbot');
  });
});

describe('lists', () => {
  it('changes stand in runs and approvals in words of their own', async () => {
    await say('Linus', 'exempt vm-payments-hsm-002 --policy only-golden-images --until +2mo --reason x');
    let asked = '';
    while (!asked.includes('exempt vm-payments-hsm-002')) asked = await say('Grace', 'approvals');
    expect(asked).toContain('requested by Linus');
    expect(await say('Grace', 'runs')).toContain('exempt vm-payments-hsm-002');
    expect(await say('Grace', 'runs')).not.toContain('publishing');
  });
});
