import { tattooTags } from '../../core/images';
import { seconds } from '../../core/time';
import { again } from '../engine';
import { cancellable, move, patienceMs, repair, waited, waiting } from './kit';
import { tattooOf } from './tattooing';

/** Makes sure that the candidate is in the gallery, hidden, and that its tags say what was burnt in. */
export const tattoo = cancellable('tattoo', { takes: [] }, async (context) => {
  const { plan, run, data, read, write } = context;
  const candidate = await read.version(plan.target, plan.version);
  if (!candidate) {
    if (waited(context, 'version') <= patienceMs) {
      return again(seconds(30), waiting(context, 'version'));
    }
    return repair(context, {
      stage: 'tattoo',
      what: plan.version,
      error: `Image Builder reported success, but the gallery has no ${plan.image} ${plan.version}.`,
      tail: [],
      remedy: 'Rebuild to build it again under the next number.',
    });
  }
  if (candidate.provisioningState === 'Failed') {
    return repair(context, {
      stage: 'tattoo',
      what: plan.version,
      error: `The gallery could not make ${plan.image} ${plan.version}: its provisioning state is Failed.`,
      tail: [],
      remedy: 'Look at the version in the Azure portal for the reason, then rebuild.',
    });
  }
  if (candidate.provisioningState !== 'Succeeded') {
    return again(seconds(30), { progress: `the gallery says ${candidate.provisioningState}` });
  }
  const wanted = tattooTags(tattooOf(plan, run.id, data.builtAt ?? ''));
  const wrong = Object.entries(wanted).some(([name, value]) => candidate.tags[name] !== value);
  if (wrong || !candidate.excludedFromLatest) {
    await write.updateVersion(plan.target, plan.version, { tags: wanted, excludedFromLatest: true });
    return again(seconds(20), { progress: 'writing the tattoo into the tags' });
  }
  return move(context, 'test', { tests: [], nextTest: 0 });
});
