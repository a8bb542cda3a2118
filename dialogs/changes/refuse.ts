import type { ImageConfig } from '../../core/catalogue';
import { type CommandCall, call } from '../../core/command-call';
import { UserError } from '../../core/errors';

/** @throws UserError when there is a problem. `next`: what to do instead; to see how things are, when nothing is named. */
export function refuse({ name }: ImageConfig, problem: string | undefined, next?: readonly CommandCall[]): void {
  if (problem === undefined) return;
  const see = [call('versions', { image: name })];
  throw new UserError('BAD_COMMAND', problem, { hint: 'See its current state.', next: next ?? see });
}
