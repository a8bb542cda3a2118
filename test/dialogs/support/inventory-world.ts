import type { AzureRead } from '../../../core/azure';
import type { Catalogue } from '../../../core/catalogue';
import type { BaseAnswers } from '../../../core/images';
import type { Sleep } from '../../../core/time';
import { createConversation, type DialogSaid, type Letters, type Turn } from '../../../dialogs';
import type { Deps, RefusalEntry } from '../../../dialogs/conversation/command';
import { createSandbox } from '../../../sandbox';
import { tenantId } from '../../../sandbox/entra/people';
import { createAzure, sandboxCredential, withDeadline } from '../../../services';
import type { Reads } from '../../../store/reads';
import { sandboxHttpClient } from '../../sandbox/client';
import { exampleCatalogue } from '../../support/catalogue';
import { worldStart } from '../../support/world-start';
import { allBases, basesThrough } from './bases';
import { dialogWorld } from './world';

/** The people of the sandbox's directory. */
export const people = {
  // In the tenant, and in no group that the catalogue names.
  nobody: { oid: 'a1d0c000-0000-4000-8000-0000000000ff', name: 'Nobody' },
  ada: { oid: 'a1d0c000-0000-4000-8000-000000000001', name: 'Ada' },
  grace: { oid: 'a1d0c000-0000-4000-8000-000000000002', name: 'Grace' },
  heidi: { oid: 'a1d0c000-0000-4000-8000-000000000003', name: 'Heidi' },
  linus: { oid: 'a1d0c000-0000-4000-8000-000000000004', name: 'Linus' },
  dana: { oid: 'a1d0c000-0000-4000-8000-000000000005', name: 'Dana' },
} as const;
export type Who = keyof typeof people;

interface Options {
  readonly catalogue?: Catalogue;
  /** Puts something else in the place of single looks. */
  readonly read?: (real: AzureRead) => Partial<AzureRead>;
  /** Puts something else in the place of single reads of goldbot's own books. */
  readonly reads?: Partial<Reads>;
  /** How many questions Resource Graph answers in five seconds; as many as are asked when absent. */
  readonly queries?: number;
  /** Records what somebody was shown of teams that are not theirs; nobody does when absent. */
  readonly looked?: Deps['looked'];
  /** Time in which Azure's quotas are, where it is not the machine's: what a request takes is told by `onRequest`. */
  readonly virtual?: { readonly now: () => number; readonly sleep: Sleep; readonly onRequest: () => void };
}

/** Time stands still, so that two counts are of one moment; Resource Graph answers as often as a test asks. */
const stillWorld = { speed: 0, azure: { resourceGraph: { queries: 10_000 } } } as const;

/** The dialogs before the real services and the story estate of the sandbox; no Teams, no database. */
export function inventoryWorld({
  catalogue = exampleCatalogue(),
  read = () => ({}),
  reads = {},
  queries,
  looked,
  virtual,
}: Options = {}) {
  const machine = virtual && { machine: virtual.now };
  const { sandbox, world } = createSandbox({
    ...stillWorld,
    ...(machine && { azure: { ...machine, resourceGraph: machine } }),
    ...(queries !== undefined && { azure: { ...machine, resourceGraph: { queries, ...machine } } }),
    startMs: worldStart,
  });
  const { clock } = world;
  const transport = sandboxHttpClient(sandbox);
  const azure = createAzure({
    credential: sandboxCredential,
    httpClient: {
      sendRequest: (one) => {
        virtual?.onRequest();
        return transport.sendRequest(one);
      },
    },
    ...(virtual && { sleep: virtual.sleep }),
    subscription: catalogue.azure.subscription,
    clock,
  });
  const refusals: RefusalEntry[] = [];
  let bases: BaseAnswers = new Map();
  const patient = withDeadline({ ...azure.read, ...read(azure.read) }, 50_000);
  const { deps, started, signals, runs, approvals } = dialogWorld();
  const handlers = createConversation({
    ...deps,
    ...{ clock, directory: azure.directory, tenants: [tenantId] },
    ...(looked && { looked }),
    reads: { ...deps.reads, bases: async () => bases, ...reads },
    catalogue: () => catalogue,
    read: Object.assign(
      patient,
      basesThrough(
        patient,
        () => catalogue,
        () => clock.now(),
      ),
    ),
    audit: async (entry) => void refusals.push(entry),
  });
  const { handleText, handleAction, handleDialog, handleSearch } = handlers;
  let turns = 0;
  const turn = (who: Who): Turn => ({
    person: { ...people[who], tenantId },
    conversation: { id: '19:general', kind: 'channel', name: 'Image Factory / General' },
    intent: `activity-${++turns}`,
  });
  return {
    sandbox,
    world,
    clock,
    read: azure.read,
    refusals,
    ...{ started, signals, runs, approvals },
    say: async (who: Who, text: string) => {
      const first = await handleText(turn(who), text);
      // On a busy machine the whole comes after the first answer.
      const answer = (await first.later) ?? first;
      if (answer.bug) throw answer.bug.error;
      return answer;
    },
    /** As a goldbot that has been running for a while. */
    knowBases: async () => {
      bases = await allBases(patient, catalogue, () => clock.now());
    },
    find: (who: Who, text: string, more: { skip?: number; count?: number } = {}) =>
      handlers.handleFind(turn(who), { text, skip: 0, count: 25, ...more }),
    arrive: (who: Who, place: Partial<Turn['conversation']>, team?: string) => {
      const { conversation, ...rest } = turn(who);
      const there = { ...rest, conversation: { ...conversation, ...place } };
      return handlers.handleArrival({ turn: there, ...(team !== undefined && { team }) });
    },
    share: (who: Who, verb: string, data: unknown) => handlers.handleShare(turn(who), verb, data),
    link: (who: Who, url: string) => handlers.handleLink(turn(who), url),
    search: (who: Who, letters: Letters) => handleSearch(turn(who), letters),
    dialog: (who: Who, said: DialogSaid) => handleDialog(turn(who), said),
    click: (who: Who, verb: string, data: unknown) => handleAction(turn(who), verb, data),
  };
}
