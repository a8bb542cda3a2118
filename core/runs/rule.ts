import type { ImageConfig } from '../catalogue';
import type { Approval, ApprovalRule } from './run';

/** How change numbers look unless the catalogue says otherwise: `CHG0031234`, `RFC-1042`. */
const usualChangeNumber = '[A-Z]{2,10}-?[0-9]{3,12}';

/** Who decides about versions of an image, and how. `least`: how many people must agree at least. */
export function approvalRule({ approval }: Pick<ImageConfig, 'approval'>, least = 1): ApprovalRule {
  const { group, groupName, quorum, change, changePattern } = approval;
  return {
    ...{ group, groupName, quorum: Math.max(least, quorum) },
    ...(change === 'required' && { changeNumber: changePattern ?? usualChangeNumber }),
  };
}

/** Why a change number cannot stand on a request. */
export type ChangeNumberProblem =
  | { readonly why: 'missing' }
  /** `pattern`: how they have to look. */
  | { readonly why: 'other pattern'; readonly pattern: string; readonly given: string }
  /** `stands`: the number that the request has already. */
  | { readonly why: 'another'; readonly stands: string };

/**
 * Whether somebody can approve a request under the change number that they give, or without one. The first number stands:
 * the card that the others decide by shows it.
 */
export function changeNumberProblem(
  { rule, changeNumber: stands }: Pick<Approval, 'rule' | 'changeNumber'>,
  given: string | undefined,
): ChangeNumberProblem | undefined {
  if (given === undefined) {
    return rule.changeNumber !== undefined && stands === undefined ? { why: 'missing' } : undefined;
  }
  if (stands !== undefined) return given === stands ? undefined : { why: 'another', stands };
  const pattern = rule.changeNumber ?? usualChangeNumber;
  return isChangeNumber(pattern, given) ? undefined : { why: 'other pattern', pattern, given };
}

/** `pattern`: a regular expression that the whole number must match. */
function isChangeNumber(pattern: string, number: string): boolean {
  return new RegExp(`^(?:${pattern})$`, 'u').test(number);
}
