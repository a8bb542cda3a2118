/**
 * The birth certificate of a published version: what stands in it (an in-toto statement with SLSA provenance), how it is
 * signed (DSSE), and what holds it against tags, records and machines; and the checkpoints of the audit, signed the same
 * way. Pure; the publish run makes and signs certificates, `verify` and `npm run verify` read them.
 */
export {
  type Account,
  accountPayload,
  accountPreAuthentication,
  accountType,
  isAccountedFor,
  openAccount,
} from './account';
export {
  type Alteration,
  type AlterationTopic,
  alterationTopic,
  type Checkpoint,
  type CheckpointTopic,
  checkpointEnvelope,
  checkpointName,
  checkpointPayload,
  checkpointPreAuthentication,
  checkpointSigned,
  checkpointTopic,
  envelopesIn,
  type GivenCheckpoint,
  type OutsidePlace,
  openCheckpoint,
} from './checkpoint';
export {
  derOfRaw,
  type Envelope,
  envelopeOf,
  localSigner,
  type PublicKey,
  parseEnvelope,
  preAuthentication,
  type Signature,
  type Signer,
  type SigningKey,
  signatureFits,
} from './dsse';
export { type Certified, digestOf, parseStatement, payloadOf, type Statement, statementOf } from './statement';
export {
  type Check,
  type CheckName,
  type Evidence,
  type TrustedKey,
  unanswered,
  unreadCheck,
  type Verification,
  type Verified,
  verifyAlone,
  verifyCertificate,
} from './verification';
