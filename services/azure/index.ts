/**
 * How goldbot talks to Azure: the clients, the HTTP pipeline with its fence, deadlines and retries, and Azure's
 * refusals in goldbot's words. The other rooms of services/ are built on it.
 */
export {
  arm,
  armList,
  createCredential,
  type Fields,
  fieldsOf,
  once,
  type PlainRequest,
  type PlainResponse,
  type ReadContext,
  readContext,
  refusal,
  textOf,
  tokenOf,
  type WriteContext,
  writeContext,
} from './clients';
export { codeOf, scrub, statusOf, unlessMissing } from './errors';
export {
  type AzureLog,
  forPeople,
  type HttpOptions,
  limited,
  sandboxClient,
  sandboxCredential,
  underFence,
} from './pipeline';
export type { Asker, Line, Places, Quotas } from './quota';
export { remedyOfMachine } from './refusals';
export { ownIdentity, signIn } from './sign-in';
export { copiesIn } from './target-regions';
