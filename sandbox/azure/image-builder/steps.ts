import type { PackerLog } from './packer-log';

/** Image Builder connects as this user; root is a `sudo` away, and on Windows it is an administrator. */
export const user = 'packer';

export interface StepContext {
  readonly number: number;
  readonly mode: 'customizer' | 'strict';
}

export const exitStatus = (code: number, allowed: readonly number[]): string =>
  `Script exited with non-zero exit status: ${code}. Allowed exit codes are: [${allowed.join(' ')}]`;

export function notFetched(
  log: PackerLog,
  { action, name, uri }: { readonly action: string; readonly name: string; readonly uri: string },
): undefined {
  log.step(action);
  log.detail(`sandbox: not executed: ${name}: the sandbox does not fetch ${uri}`);
  return undefined;
}
