import { parseAzureId } from '../azure-id';
import { grouped } from '../collections';
import type { Exemption, MachineCompliance } from './inventory';

/*
 * What people call a policy that looks at a machine, and which one they mean. An assignment has a name, a display name
 * and a scope; names repeat from scope to scope, and Azure's portal makes some up. An initiative has a row for each of
 * its definitions.
 */

export type MachinePolicy = MachineCompliance['policies'][number];

/** Names that Azure's portal or a script made up, as KQL and JavaScript both read it; to be matched in lower case. */
export const madeUpName = '^([0-9a-f]{24}|[0-9a-f]{32}|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})$';
const madeUp = new RegExp(madeUpName);

/** Its name, or the display name where nobody chose the name. */
export function assignmentName({ name, displayName }: Pick<MachinePolicy, 'name' | 'displayName'>): string {
  return displayName !== undefined && madeUp.test(name.toLowerCase()) ? displayName : name;
}

/** `machine-baseline`, or `machine-baseline/inheritteamtag` for one definition of an initiative. */
export function policyName(policy: MachinePolicy): string {
  return withReference(assignmentName(policy), policy);
}

/** The word that `exempt` and `remediate` take for it, among the policies of a machine: its name, if no other has that. */
export function policyWord(policy: MachinePolicy, among: readonly MachinePolicy[]): string {
  const { assignment } = policy;
  return sharesName(policy, among) ? withReference(assignment, policy) : policyName(policy);
}

/** Whether another assignment that looks at the machine could be meant by its name. */
export function sharesName(policy: MachinePolicy, among: readonly MachinePolicy[]): boolean {
  const own = assignmentName(policy).toLowerCase();
  return among.some((other) => other.assignment !== policy.assignment && wordsOf(other).includes(own));
}

export interface MeantPolicies {
  /** The rows of one assignment in each group: more than one group is a question to ask. */
  readonly assignments: readonly (readonly [MachinePolicy, ...MachinePolicy[]])[];
  /** True when one definition of an initiative was named. */
  readonly one: boolean;
}

/** By name, display name or id of the assignment, each with `/reference` for one definition of an initiative. */
export function policiesMeant(policies: readonly MachinePolicy[], typed: string): MeantPolicies {
  const wanted = typed.trim().toLowerCase();
  const whole = policies.filter((policy) => wordsOf(policy).includes(wanted));
  const single = policies.filter(
    (policy) =>
      policy.reference !== undefined && wordsOf(policy).some((word) => withReference(word, policy) === wanted),
  );
  const rows = whole.length > 0 ? whole : single;
  return {
    assignments: [...grouped(rows, ({ assignment }) => assignment).values()] as unknown as MeantPolicies['assignments'],
    one: whole.length === 0 && single.length > 0,
  };
}

/** What people call the policy that an exemption sets aside; `policy` is only known where the name says nothing. */
export function exemptedFrom({ policy, assignment }: Pick<Exemption, 'policy' | 'assignment'>): string {
  return policy ?? parseAzureId(assignment)?.name ?? assignment;
}

function wordsOf({ name, displayName, assignment }: MachinePolicy): readonly string[] {
  return [name, displayName ?? name, assignment].map((word) => word.trim().toLowerCase());
}

function withReference(word: string, { reference }: MachinePolicy): string {
  return reference === undefined ? word : `${word}/${reference}`;
}
