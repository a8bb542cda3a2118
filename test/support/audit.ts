import { type AuditAction, auditActions } from '../../core/audit';
import type { AuditEntry } from '../../store/reads';

/** What an entry lacks, or tells although its row in core/audit.ts does not know of it; empty when it fits. */
export function misfit(
  entry: Pick<AuditEntry, 'action' | 'who' | 'subject' | 'request' | 'runId' | 'detail'>,
): string[] {
  const { action, who, detail } = entry;
  if (!(action in auditActions)) return [`${action} is no action`];
  const { about, by, must, may } = auditActions[action as AuditAction];
  const lacks = [
    ...about.filter((column) => entry[column] === null),
    ...Object.keys(must).flatMap((key) => (key in detail ? [] : [`detail ${key}`])),
  ].map((what) => `${action} lacks ${what}`);
  const unknown = Object.keys(detail).filter((key) => !(key in must) && !(key in may));
  const wrongHands = by === 'people or goldbot' || (by === 'goldbot') === (who.name === 'goldbot' && who.oid === null);
  return [
    ...lacks,
    ...unknown.map((key) => `${action} tells ${key}, of which no row knows`),
    ...(wrongHands ? [] : [`${action} is done by ${by}, not by ${who.name}`]),
  ];
}
