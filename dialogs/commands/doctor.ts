import { z } from 'zod';
import { doctorCard } from '../../cards';
import { examine, promisedBy, unknowable } from '../../core/doctor';
import { defineCommand } from '../conversation';

/** `doctor`: what of goldbot's house is not as it should be, and what mends it. */
export const doctor = defineCommand({
  verb: 'doctor',
  summary: 'Checks settings, roles, quota, gallery, channels, database and clock, and says what to fix.',
  group: 'Ask',
  role: 'admin',
  effect: 'read',
  args: z.object({}),
  examples: ['doctor'],

  async run(ctx, _args, deps) {
    const [open, ends] = await Promise.all([deps.reads.openPublishes(), deps.reads.agreedEnds()]);
    const busy = new Set(open.map(({ subject }) => subject));
    const found = await examine(
      { azure: deps.read, house: deps.house },
      { catalogue: deps.catalogue(), busy, promised: promisedBy(ends), now: ctx.now },
    );
    return doctorCard({ ...found, unknowable, asOf: ctx.now });
  },
});
