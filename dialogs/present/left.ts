import type { LeftView } from '../../cards';
import { parseAzureId } from '../../core/azure-id';
import type { KnownLeftover } from '../../store/reads';

const nouns: Readonly<Record<KnownLeftover['kind'], string>> = {
  template: 'image template',
  machine: 'test machine',
  version: 'candidate',
  unread: '',
};

/** What could not be deleted in time, as people read it. */
export function leftView({ id, kind, name, runId, since, answer, goneAt }: KnownLeftover): LeftView {
  return {
    what: `${nouns[kind]} ${name}`.trim(),
    where: parseAzureId(id)?.resourceGroup ?? '',
    run: runId,
    since,
    said: answer,
    ...(goneAt && { goneAt }),
  };
}
