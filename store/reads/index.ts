/**
 * What people ask the database: runs, approvals, the audit, digests. Reads alone; dialogs may import nothing else of store/.
 */
export {
  type AuditEntry,
  createReads,
  type DigestState,
  type KeptFigures,
  type LastDigest,
  type Reads,
} from './reads';
