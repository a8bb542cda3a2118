/**
 * How goldbot speaks to Azure: clients, the HTTP pipeline with fence and deadline, what may be tried again, and Azure's
 * refusals in goldbot's words.
 */
export {
  arm,
  createCredential,
  type Fields,
  fieldsOf,
  type PlainResponse,
  type ReadContext,
  readContext,
  textOf,
  type WriteContext,
  writeContexts,
} from './clients';
export { codeOf, statusOf, unlessMissing } from './errors';
export { type HttpOptions, limited, sandboxClient, sandboxCredential } from './pipeline';
