/**
 * How goldbot speaks to Azure: clients, the HTTP pipeline with fence and deadline, what may be tried again, and Azure's
 * refusals in goldbot's words.
 */
export { arm, type Fields, fieldsOf, textOf } from './arm';
export { type PlainResponse, type ReadContext, readContext, type WriteContext, writeContexts } from './clients';
export { createCredential } from './credential';
export { statusOf, unlessMissing } from './errors';
export { type HttpOptions, limited, sandboxClient, sandboxCredential } from './pipeline';
