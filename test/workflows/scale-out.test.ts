import * as fc from 'fast-check';
import { isFull, sized } from '../support/size';
import { type Act, type Change, type Life, lives, verbs } from './scale-out/acts';
import { blind, play } from './scale-out/play';
import { scaleOutWorld } from './scale-out/world';

const world = scaleOutWorld();
const seed = 3;

it('no life of an image leaves a scale set unable to grow, and the model knows which version each takes', async () => {
  const ends = new Map<string, number>();
  const property = fc.asyncProperty(lives, async (life) => {
    const played = await play(world, life, (read) => read);
    for (const [end, count] of played.ends) ends.set(end, (ends.get(end) ?? 0) + count);
    expect(played.wrong).toEqual([]);
  });
  await fc.assert(property, { seed, numRuns: sized(10, 500) });
  // A life in which nothing succeeds proves nothing.
  for (const end of isFull ? [...verbs.map((verb) => `${verb} done`), 'broken glass'] : [])
    expect([...ends.keys()]).toContain(end);
});

const flow = { regions: undefined, answer: 'unasked', glass: false, planned: [], agreed: [], written: [] } as const;
const revoke = (version: number): Change => ({ by: 'goldbot', verb: 'revoke', version, ...flow });

it('what people were shown and broke the glass for breaks, and nothing else that came meanwhile', async () => {
  const glass = { ...revoke(0), answer: 'approve', glass: true } as const;
  const life = { keeps: false, isAlone: true };
  const broken = await play(world, { ...life, acts: [glass] }, (read) => read);
  expect(broken.wrong).toEqual([]);
  // Both of the world's sets.
  expect([...broken.ends]).toEqual(
    expect.arrayContaining([
      ['broken glass', 2],
      ['revoke done', 1],
    ]),
  );

  const comes = { by: 'hand', does: 'come', region: 1, flexible: false } as const;
  const stopped = await play(world, { ...life, acts: [{ ...glass, agreed: [comes] }] }, (read) => read);
  expect(stopped.wrong).toEqual([]);
  expect([...stopped.ends.keys()]).toEqual(['revoke failed']);
});

it('a version that has not arrived everywhere yet is not counted on', async () => {
  const regions = ['West Europe', 'East US'];
  const publish = { by: 'hand', does: 'publish', regions, isShown: true, isWaitedFor: false } as const;
  const { wrong, ends } = await play(
    world,
    { keeps: false, isAlone: true, acts: [publish, revoke(1)] },
    (read) => read,
  );
  expect(wrong).toEqual([]);
  expect([...ends.keys()]).toEqual(['revoke failed']);
});

it('without the blast radius it finds a way to strand one, as short as there is', async () => {
  const isWrong = async (life: Life) =>
    (await play(world, life, blind)).wrong.some((why) => /since goldbot's/.test(why));
  const found = await firstOf(fc.sample(lives, { seed, numRuns: 60 }), isWrong);
  const life = await shortest(found, isWrong);
  expect(life.acts.length).toBeLessThanOrEqual(2);
  expect((await play(world, life, (read) => read)).wrong).toEqual([]);
});

async function firstOf(all: readonly Life[], isWrong: (life: Life) => Promise<boolean>): Promise<Life> {
  for (const life of all) if (await isWrong(life)) return life;
  throw new Error('no life strands a set');
}

/** Leaves out one thing after the other, as long as it is still wrong. */
async function shortest(life: Life, isWrong: (life: Life) => Promise<boolean>): Promise<Life> {
  for (const less of lesser(life)) if (await isWrong(less)) return shortest(less, isWrong);
  return life;
}

function lesser(life: Life): readonly Life[] {
  const { acts } = life;
  return acts.flatMap((act, n) =>
    instead(act).map((others) => ({ ...life, acts: [...acts.slice(0, n), ...others, ...acts.slice(n + 1)] })),
  );
}

/** What could stand for an act and is less: nothing, what happened meanwhile, or the act with less of that. */
function instead(act: Act): readonly (readonly Act[])[] {
  if (act.by === 'hand') return [[]];
  const moments = ['planned', 'agreed', 'written'] as const;
  const meanwhile = moments.flatMap((moment) => act[moment]);
  const bare = { ...act, planned: [], agreed: [], written: [], answer: 'unasked' as const, glass: false };
  const isBare = meanwhile.length === 0 && act.answer === 'unasked';
  const calmer = moments.flatMap((moment) =>
    act[moment].map((_, n) => [{ ...act, [moment]: act[moment].filter((__, other) => other !== n) }]),
  );
  return [[], ...(isBare ? [] : [[bare], meanwhile, [...meanwhile, bare], ...calmer])];
}
