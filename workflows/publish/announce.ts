import { committed, finish } from './kit';

/** The run's own thread is told by its outcome card. Teams subscribe to images in a later version. */
export const announce = committed('announce', async (context) =>
  finish(context, { outcome: 'published', why: `${context.plan.image} ${context.plan.version} is published` }),
);
