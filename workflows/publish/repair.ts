import type { PublishData } from '../../core/runs';
import { minutes } from '../../core/time';
import { again } from '../engine';
import { cancellable, move, timesAfter } from './kit';

/** Everything that an attempt leaves behind in the data and the next one must not see. */
const fresh: { readonly [K in keyof PublishData]?: undefined } = {
  progress: undefined,
  waiting: undefined,
  template: undefined,
  machine: undefined,
  nextTest: undefined,
  tests: undefined,
  failure: undefined,
  builtAt: undefined,
  os: undefined,
  tattooHash: undefined,
  approvalId: undefined,
  newerBase: undefined,
  selfUpgrading: undefined,
  replaces: undefined,
};

/** Waits for people: `rebuild` plans the next attempt with the catalogue of that moment, `cancel` ends the run. */
export const repair = cancellable('repair', { takes: ['rebuild'], waits: true }, async (context) => {
  const { run, inbox } = context;
  if (!inbox.some((s) => s.kind === 'rebuild')) return again(minutes(24 * 60));
  const attempt = run.attempt + 1;
  const next = move(context, 'plan', { ...fresh });
  return {
    ...next,
    kind: 'to',
    stage: 'plan',
    attempt,
    data: { ...fresh, times: timesAfter(context, 'plan', attempt) },
  };
});
