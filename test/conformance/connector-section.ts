import { judgeConnector } from './connector';
import { everyOperation } from './connector-operations';
import type { Ledger } from './ledger';
import type { Wire } from './wire';

export const botConnector = 'Bot Connector';

/** What of the connector goldbot itself calls; the rest of the sandbox's operations are called by botbuilder's client alone. */
const used = [
  'Conversations_SendToConversation',
  'Conversations_UpdateActivity',
  'Conversations_CreateConversation',
  'Teams_FetchChannelList',
  'Bot_message',
  'Bot_conversationUpdate',
  'Bot_installationUpdate',
  'Bot_invoke adaptiveCard/action',
  'Bot_invoke composeExtension/query',
  'Bot_invoke composeExtension/selectItem',
  'Bot_invoke composeExtension/queryLink',
] as const;

/** Registers the tests of the connector; every exchange goes into the ledger. `told`: those of goldbot's conversation. */
export function connectorSection(ledger: Ledger, told: () => readonly Wire[]): void {
  const wrong = (exchanges: readonly Wire[]) => {
    const all = exchanges.map((exchange) => {
      const judgement = judgeConnector(exchange);
      ledger.exchange(botConnector, judgement);
      return judgement;
    });
    return {
      operations: new Set(all.map(({ operation }) => operation)),
      wrong: [...new Set(all.flatMap((j) => j.wrong.map((w) => `${j.operation}: ${w}`)))],
    };
  };

  it('finds nothing wrong in a whole conversation, whoever speaks', () => {
    for (const operation of used) ledger.uses(botConnector, operation);
    const exchanges = told();

    const found = wrong(exchanges);

    expect(found.wrong).toEqual([]);
    expect(used.filter((operation) => !found.operations.has(operation))).toEqual([]);
    expect(statuses(exchanges)).toEqual([200, 201, 403, 404, 412, 413, 429, 502]);
    expect(exchanges.filter(isWordless).map(({ method, url }) => `${method} ${url}`)).toEqual([]);
  }, 120_000);

  it("finds nothing wrong in what the sandbox answers to each call of botbuilder's client", async () => {
    const exchanges = await everyOperation();

    const found = wrong(exchanges);

    expect(found.wrong).toEqual([]);
    expect(found.operations.size).toBe(21);
    expect(statuses(exchanges)).toEqual([200, 201, 202, 400, 403, 404, 413, 429]);
  });
}

/** The client drops fields that it does not know: a misspelt summary is none, and people are notified of "a card". */
function isWordless({ requestBody }: Wire): boolean {
  const sent = (requestBody ?? {}) as { activity?: object };
  const { attachments, summary } = (sent.activity ?? sent) as { attachments?: Attachments; summary?: string };
  return attachments?.[0]?.contentType === 'application/vnd.microsoft.card.adaptive' && !summary;
}

type Attachments = readonly { readonly contentType: string }[];

function statuses(exchanges: readonly Wire[]): readonly number[] {
  return [...new Set(exchanges.map(({ status }) => status))].sort((a, b) => a - b);
}
