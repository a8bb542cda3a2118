import { type CommandCall, call } from '../../core/command-call';
import type { MachineCompliance } from '../../core/compliance';
import { UserError } from '../../core/errors';
import { nearest } from '../conversation';

export type MachinePolicy = MachineCompliance['policies'][number];

/** States that are worth an exemption or a remediation; an exempt one may be renewed. */
const open: readonly MachinePolicy['state'][] = ['NonCompliant', 'Conflict', 'Error', 'Exempt'];

/**
 * What of a machine's policies is meant: by the name of the assignment, or by `assignment/reference` for one definition of
 * an initiative. Several rows are several definitions of one initiative.
 *
 * `again`: the same command with another policy.
 *
 * @throws UserError `BAD_COMMAND` with the nearest of those that fail.
 */
export function meantPolicies(
  { policies }: Pick<MachineCompliance, 'policies'>,
  typed: string,
  { machine, again }: { readonly machine: string; readonly again: (policy: string) => CommandCall },
): readonly [MachinePolicy, ...MachinePolicy[]] {
  const wanted = typed.trim().toLowerCase();
  const [first, ...others] = policies.filter((p) => namesOf(p).includes(wanted));
  if (first) return [first, ...others];
  const failing = [...new Set(policies.filter(({ state }) => open.includes(state)).map(({ name }) => name))];
  const near = nearest(wanted, failing) ?? (failing.length === 1 ? failing[0] : undefined);
  const known =
    failing.length === 0 ? `No policy fails on ${machine}.` : `What fails there: ${failing.slice(0, 6).join(', ')}.`;
  throw new UserError('BAD_COMMAND', `No policy assignment "${typed.slice(0, 80)}" looks at ${machine}. ${known}`, {
    hint: near ? `Did you mean ${near}? Nothing was done.` : 'See what is said of the machine.',
    next: [near ? again(near) : call('compliance', { why: machine })],
  });
}

/** An assignment is known by its name, its id, and a definition in it by its reference too. */
function namesOf({ name, assignment, reference }: MachinePolicy): readonly string[] {
  const short = name.toLowerCase();
  return [short, assignment.toLowerCase(), ...(reference === undefined ? [] : [`${short}/${reference.toLowerCase()}`])];
}

/** `machine-baseline`, `machine-baseline/inheritteamtag`. */
export function policyName({ name, reference }: MachinePolicy): string {
  return reference === undefined ? name : `${name}/${reference}`;
}
