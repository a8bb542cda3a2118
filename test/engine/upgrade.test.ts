import type { RequestId } from '../../core/runs';
import type { Worker } from '../../workflows/engine';
import { sizeOf } from '../chaos/matrix';
import { seeded } from '../chaos/random';
import { type Bench, bench, sleep, type ToyContext, type ToyStages, type ToyStep, toyWorkflow } from './bench';

/** A release brings another stage, and replicas of both stand side by side while runs are under way. */

const runs = sizeOf('upgrade', 'runs');
const passed = new Map<string, string[]>();

/** To the next stage of the run's own list, which it got as it was started. */
const on = ({ run }: ToyContext): ToyStep => {
  const stages = passed.get(run.id) ?? [];
  passed.set(run.id, [...stages, run.stage]);
  const next = run.stages[run.stages.indexOf(run.stage) + 1];
  return next === undefined ? { kind: 'end', outcome: 'published' } : { kind: 'to', stage: next };
};
const stagesOf = (...names: string[]): ToyStages => Object.fromEntries(names.map((name) => [name, on]));
const before = toyWorkflow(stagesOf('plan', 'build', 'publish'));
const after = toyWorkflow(stagesOf('plan', 'build', 'inspect', 'publish'));

let b: Bench;
beforeEach(async () => {
  b = await bench(before);
});
afterEach(() => b.close());

it(`${runs} runs go on over an upgrade with an added stage, each through the stages that it began with, each once`, async () => {
  const random = seeded(3);
  const older: Worker[] = [b.replica(), b.replica()];
  const begun: RequestId[] = [];
  const start = async (n: number) => begun.push((await b.start(`image-${n}`)).id);
  for (let n = 0; n < runs; n += 1) {
    await start(n);
    // One replica of the release before after the other is replaced while runs are in all stages.
    if (n === Math.floor(runs / 3) || n === Math.floor((2 * runs) / 3)) {
      b.replica({ workflows: [after] });
      await older.pop()?.drain();
    }
    if (random() < 0.1) await sleep(5);
  }
  const added = b.startedBy(after);
  const inspected = [await added('image-new-1'), await added('image-new-2')].map(({ id }) => id);

  for (const id of [...begun, ...inspected]) await b.until(id, ({ outcome }) => outcome === 'published');
  const wrong = begun.filter((id) => passed.get(id)?.join() !== 'plan,build,publish');
  expect(wrong.map((id) => passed.get(id))).toEqual([]);
  expect(inspected.map((id) => passed.get(id))).toEqual(Array(2).fill(['plan', 'build', 'inspect', 'publish']));
});
