import { seconds } from '../../core/time';
import { again } from '../engine';
import { committed, finish, move } from './kit';

/** Reports each region until all are served. A region that fails does not hold back the others; the card says so. */
export const replicate = committed('replicate', async (context) => {
  const { plan, read } = context;
  const version = await read.version(plan.target, plan.version);
  if (!version) {
    const why = `${plan.image} ${plan.version} was published, and then somebody deleted it from the gallery`;
    return finish(context, { outcome: 'failed', why });
  }
  const regions = version.regions.map(({ name, state, progress }) => ({ name, state, progress }));
  const over = regions.length > 0 && regions.every((r) => r.state === 'Completed' || r.state === 'Failed');
  const settled = over && version.provisioningState !== 'Updating';
  const progress = `${regions.filter((r) => r.state === 'Completed').length} of ${plan.regions.length} regions`;
  return settled ? move(context, 'age', { regions }) : again(seconds(45), { regions, progress });
});
