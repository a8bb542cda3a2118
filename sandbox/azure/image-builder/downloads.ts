import type { World } from '../../kernel/world';
import { condition } from '../conditions';
import { type FitError, refused } from './fit';
import { lacking, notAuthorizedTo } from './rights';
import { type JsonObject, listOf, objectOf, type Template, textOf } from './section';

/**
 * Image Builder fetches what customizers and validators name when it takes the template. Only what somebody has said
 * about a file or an account is known here: everything else is there and open to everybody.
 */
export function downloadError(world: World, template: Template): FitError | undefined {
  const steps = [
    ...listOf(template.properties['customize']),
    ...listOf(objectOf(template.properties['validate'])['inVMValidations']),
  ];
  for (const uri of steps.flatMap(addressOf)) {
    if (!isReached(world, uri)) {
      const message = `The resource ${uri} is unavailable. Please check that it exists and that Image Builder can access it.`;
      return refused('ValidationFailed', message);
    }
    if (!mayRead(world, template, uri)) return refused('Unauthorized', notAuthorizedTo(uri));
  }
  return undefined;
}

const addressOf = (step: JsonObject): string[] =>
  [textOf(step['scriptUri']), textOf(step['sourceUri'])].filter((uri) => uri !== '');

const blobHost = /^https:\/\/([^./]+)\.blob\.core\.windows\.net\/[^?]*(.*)$/i;
const readBlob = 'Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read';

/** Image Builder fetches over the public network, as everybody does. */
function isReached(world: World, uri: string): boolean {
  const [, account, query = ''] = blobHost.exec(uri) ?? [];
  const standing = account === undefined ? {} : condition(world, 'storage', { account });
  const closed = standing['publicNetworkAccess'] === 'Disabled';
  // A signature is by a key of the account, unless it names who had the key made.
  const byKey = /[?&]sig=/i.test(query) && !/[?&]skoid=/i.test(query);
  if (byKey && standing['allowSharedKeyAccess'] === false) return false;
  return !closed && condition(world, 'files', { uri })['exists'] !== false;
}

/** A blob is read as the template's identity, even where its container is open to everybody; a signature is enough. */
function mayRead(world: World, template: Template, uri: string): boolean {
  const [, account, query = ''] = blobHost.exec(uri) ?? [];
  if (account === undefined || /[?&]sig=/i.test(query)) return true;
  const scope = textOf(condition(world, 'storage', { account })['id']);
  return scope === '' || !lacking(world, template, [{ action: readBlob, scope, isData: true }]);
}
