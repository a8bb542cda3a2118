import { inWords } from '../../cards';
import type { PublishData } from '../../core/runs';
import { presentNews } from '../../dialogs/present/news';
import { presentRun } from '../../dialogs/present/run';
import type { KnownLeftover } from '../../store/reads';
import { fixed } from './support/plan';
import { aRun, dialogWorld, now } from './support/world';

const hour = 3_600_000;
const plan = { request: {}, approvalChannel: 'Image Factory / approvals', fixed };
const group = '/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/rg-image-builds/providers';
const since = new Date('2026-11-23T02:04:00Z');

function left(change: Partial<KnownLeftover> = {}): KnownLeftover {
  const id = `${group}/Microsoft.VirtualMachineImages/imageTemplates/ubuntu-22-1-6-0-a1-3f9c1ab2`;
  const what = { id, kind: 'template', name: 'ubuntu-22-1-6-0-a1-3f9c1ab2', runId: 'R-22222' } as const;
  const answer = 'Image Builder is cancelling its build';
  return { ...what, place: {}, since, answer, dueAt: now, looks: 3, goneAt: null, ...change };
}

const ending = { outcome: 'cancelled', why: 'wrong week', by: 'Ada' } as const;
const over = (data: PublishData = {}) =>
  aRun('R-22222', { plan, stage: 'cleanup', outcome: 'cancelled', endedAt: now, data: { ending, ...data } });

/** A world in which a run of ubuntu-22 has left these. */
function worldWith(...all: KnownLeftover[]) {
  const world = dialogWorld();
  world.runs.set('R-22222', over());
  world.leftovers.push(...all);
  return world;
}

const gone = left({ id: 'x', kind: 'machine', name: 'gbt-22222-a1', goneAt: new Date('2026-11-23T08:30:00Z') });

describe('what Azure would not delete', () => {
  it('stands on the card of its run with since when, what Azure says and what a person can do', async () => {
    const { text } = await worldWith(left(), gone).say('ada', 'status R-22222');
    expect(text).toContain('! image template ubuntu-22-1-6-0-a1-3f9c1ab2');
    expect(text).toContain('since Mon 23 Nov, 02:04 UTC: Image Builder is cancelling its build');
    expect(text).toContain('✓ test machine gbt-22222-a1');
    expect(text).toContain('gone since Mon 23 Nov, 08:30 UTC');
    expect(text).toContain(
      'goldbot keeps trying to delete what is left, at least once a day; this card shows when it is gone, and no other run waits for it. If it stays: delete it in the Azure portal (rg-image-builds), or open a support request with Microsoft.',
    );
  });

  it('asks nothing of anybody once it is gone', async () => {
    const { text } = await worldWith(gone).say('ada', 'status R-22222');
    expect(text).toContain('gone since');
    expect(text).not.toContain('keeps trying');
  });

  it('stands in `status` beside what is in progress, while it is there', async () => {
    const { text } = await worldWith(left(), gone).say('ada', 'status');
    expect(text).toContain('Nothing is in progress');
    expect(text).toContain('Left in Azure');
    expect(text).toContain('image template ubuntu-22-1-6-0-a1-3f9c1ab2');
    expect(text).toContain('of R-22222, in rg-image-builds');
    expect(text).not.toContain('gbt-22222-a1');
  });

  it('is not shown to people who may not see its run', async () => {
    const world = worldWith(left());
    expect((await world.say('web', 'status')).text).not.toContain('Left in Azure');
  });

  it('is told with the outcome, which follows it', () => {
    const views = [
      { what: 'image template t', where: 'g', run: 'R-22222', since, said: 'Azure is deleting it' },
      { what: 'test machine m', where: 'g', run: 'R-22222', since, said: 'it is gone', goneAt: now },
    ];
    const { text } = presentNews(over({ cleaned: ['candidate'] }), 'outcome', { left: views });
    expect(text).toMatch(
      /Needs attention:\n! image template t could not be deleted since Mon 23 Nov, 02:04 UTC: Azure is deleting it/,
    );
    expect(text).toMatch(/Cleaned up[\s\S]*candidate[\s\S]*test machine m/);
  });

  it('is named while the clean-up waits for it, once that is longer than usual', () => {
    const cleaning = (ms: number) => ({
      t: {
        id: '/t',
        kind: 'template' as const,
        since: new Date(now.getTime() - ms).toISOString(),
        said: 'Azure is deleting it',
      },
    });
    const card = (ms: number, handed: string[] = []) =>
      presentRun(aRun('R-22222', { plan, stage: 'cleanup', data: { ending, cleaning: cleaning(ms), handed } }), { now })
        .text;
    const words =
      't has been waited for since Mon 23 Nov, 08:00 UTC: Azure is deleting it. The run ends without it if that takes too long.';
    expect(card(hour)).toContain(`What the run made is being deleted. ${words}`);
    expect(card(hour / 6)).not.toContain('not gone since');
    expect(card(hour, ['t'])).not.toContain('not gone since');
  });
});

describe('a run that waits', () => {
  it('says since when every try fails, until when goldbot tries, and what becomes of it then', () => {
    const limit = {
      waitsFor: 'the gallery to finish the candidate',
      until: new Date(now.getTime() + 2 * hour),
      afterwards: 'The run needs repair: rebuild or cancel.',
    };
    const failing = { tries: 7, lastError: 'Azure answered 500', failingSince: since, inStage: { since, limit } };
    const text = inWords(presentRun(aRun('R-22222', { plan, stage: 'tattoo', ...failing }), { now }).text);
    expect(text).toContain(
      '7 tries in a row failed since Mon 23 Nov, 02:04 UTC: Azure answered 500. goldbot keeps trying until Mon 23 Nov, 11:00 UTC. The run needs repair: rebuild or cancel.',
    );
  });

  it('for repair says for whom and until when', () => {
    const times = [{ stage: 'repair' as const, attempt: 1, from: '2026-11-23T08:00:00Z' }];
    const text = inWords(presentRun(aRun('R-22222', { plan, stage: 'repair', data: { times } }), { now }).text);
    expect(text).toContain('Waits for Ada or another publisher until Mon 7 Dec, 08:00 UTC; then it expires.');
    const limit = { waitsFor: 'a person', until: new Date('2026-12-24T08:00:00Z'), afterwards: 'It expires.' };
    const old = aRun('R-22222', { plan, stage: 'repair', data: { times }, inStage: { since, limit } });
    expect(inWords(presentRun(old, { now }).text)).toContain('until Thu 24 Dec, 08:00 UTC; then it expires.');
  });

  it('does not say that nothing was published when it stopped while publishing', () => {
    const stopped = (stage: 'publish' | 'test') => {
      const failure = { stage, what: 'Too late', error: 'x', tail: [] };
      return presentRun(aRun('R-22222', { plan, stage: 'repair', data: { failure } }), { now }).text;
    };
    expect(stopped('test')).toContain('A rebuild takes the next patch number. Nothing was published.');
    expect(stopped('publish')).not.toContain('Nothing was published');
  });
});
