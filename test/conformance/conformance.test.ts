import type { Exchange } from '../../sandbox/kernel/types';
import { isFull } from '../support/size';
import { cardsSection } from './cards-section';
import { connectorSection } from './connector-section';
import { examplesSection } from './examples';
import { judge, type Verdict } from './judge';
import { Ledger } from './ledger';
import { planted } from './planted';
import { plantedInChanges } from './planted-changes';
import { judgeConversation, judgeSender } from './protocol';
import { recordingsSection } from './recordings';
import { judged } from './shared';
import { unmet } from './spec';
import { countsOf, leaks, storyOf, wholeStory } from './telemetry';
import { type Traffic, trafficOfTheProduct } from './traffic';
import { used } from './used';
import { walkTheSdk } from './walk';
import { providerOf } from './wire';

interface Judged {
  readonly exchange: Exchange;
  readonly verdict: Verdict;
}

const ledger = new Ledger();

judged('true to Azure and Teams', () => {
  for (const { provider, operation } of used) ledger.uses(provider, operation);
  let ofTheProduct: readonly Judged[] = [];

  async function judgeAll(exchanges: readonly Exchange[]): Promise<readonly Judged[]> {
    const all = await Promise.all(exchanges.map(async (exchange) => ({ exchange, verdict: await judge(exchange) })));
    for (const { exchange, verdict } of all) {
      if (!verdict.unjudged) ledger.exchange(providerOf(exchange.url), verdict);
    }
    return all;
  }

  let traffic: readonly Traffic[];
  const told = () => traffic.flatMap(({ teams }) => teams);

  beforeAll(async () => {
    traffic = await trafficOfTheProduct();
    ofTheProduct = await judgeAll(traffic.flatMap(({ azure }) => azure));
  }, 300_000);

  describe('what operators see of it', () => {
    it('is one linked trace of a whole publish, from the message to every request and card', async () => {
      const told = traffic[0]?.seen.spans() ?? [];
      expect(storyOf(told)).toEqual(wholeStory);
      expect(await countsOf(traffic[0]?.seen)).toEqual({ requests: 'as many as spans', steps: 'as many as spans' });
    });

    it('names no person, no resource and no secret, and says nothing that is in no list', () => {
      for (const { seen, azure } of traffic) expect(leaks(seen, azure)).toEqual([]);
    });
  });

  describe('the product in the sandbox', () => {
    it('asks and is answered in Azure’s words', () => {
      expect(mistakes(ofTheProduct)).toEqual([]);
      expect(traffic.flatMap(({ azure }) => judgeConversation(azure))).toEqual([]);
    });

    it('says who asks', () => {
      const ofGoldbot = ofTheProduct.filter(({ exchange: { url } }) => !url.includes('/imageTemplates/idle'));
      expect(ofGoldbot.map(({ exchange }) => exchange).flatMap(judgeSender)).toEqual([]);
    });

    it('uses exactly the operations that the list of used operations has', () => {
      const listed = new Set<string | undefined>(used.map(({ operation }) => operation));
      const judged = ofTheProduct.filter(({ verdict }) => !verdict.unjudged);
      const seen = new Set(judged.map(({ verdict }) => verdict.operation));
      expect([...seen].filter((operation) => !listed.has(operation))).toEqual([]);
      if (isFull) expect([...seen].sort()).toEqual([...listed].sort());
    });

    it('leaves nothing unjudged but what no judge has a word about', () => {
      const unjudged = new Set(ofTheProduct.flatMap(({ verdict }) => (verdict.unjudged ? [verdict.operation] : [])));
      expect([...unjudged].sort()).toEqual([
        'Blob Storage',
        'Location_ListUsage',
        ...(isFull ? ['MachineRunCommands'] : []),
        'Microsoft Graph',
        'StorageAccounts_ListByResourceGroup',
      ]);
    });
  });

  describe('the SDK’s clients in the sandbox, waiting for every end and following every page', () => {
    it('ask and are answered in Azure’s words', async () => {
      const exchanges = await walkTheSdk();
      expect(mistakes(await judgeAll(exchanges))).toEqual([]);
      expect(judgeConversation(exchanges)).toEqual([]);
      // The recorder stripped it, so no recording misses it. Image Builder's is known to nobody here.
      const ofCompute = exchanges.filter(({ status, url }) => status === 202 && url.includes('Microsoft.Compute'));
      expect(ofCompute.filter(({ responseHeaders }) => !responseHeaders['retry-after'])).toEqual([]);
    }, 120_000);

    it('need every excuse that the specifications give', () => {
      expect(unmet()).toEqual([]);
    });
  });

  describe('a mistake that somebody plants', () => {
    it.each(isFull ? planted : planted.filter((one) => !plantedInChanges.includes(one)))(
      'is caught. $mistake',
      async ({ operation, plant, caught }) => {
        const right = ofTheProduct.find(({ exchange, verdict }) => {
          return verdict.operation === operation && exchange.status < 400 && verdict.wrong.length === 0;
        });
        if (!right) throw new Error(`nothing right of ${operation} to plant it in`);
        const exchange = structuredClone(right.exchange);
        plant(exchange);

        const { wrong } = await judge(exchange);

        expect(wrong.join('\n')).toMatch(caught);
      },
    );
  });

  describe('the bot and Teams', () => {
    connectorSection(ledger, told);
    cardsSection(ledger, told);
  });
});

// Apart: where the story of the product breaks, these still say where.
judged('true to what Azure itself has said', () => {
  recordingsSection(ledger);
  examplesSection(ledger);

  afterAll(() => {
    process.stderr.write(`\n${ledger.table()}\n\n`);
  });
});

/** One line for each kind of mistake, so that a failure can be read. */
function mistakes(all: readonly Judged[]): string[] {
  return [
    ...new Set(all.flatMap(({ verdict }) => verdict.wrong.map((w) => `${verdict.operation ?? '?'} ${w}`))),
  ].sort();
}
