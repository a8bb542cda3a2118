import { readFileSync } from 'node:fs';
import * as builders from '../../cards';
import { gallery } from '../fixtures/cards';
import { judgeCard } from './cards';
import { CardsPage, pageConfig, read } from './cards-page';
import type { Ledger } from './ledger';
import { sharedJson } from './shared';
import type { Wire } from './wire';

export const adaptiveCards = 'Adaptive Cards';

type Card = Readonly<Record<string, unknown>>;

/** Registers the tests of cards: every builder with every fixture, and the `posted` ones of a conversation. */
export function cardsSection(ledger: Ledger, posted: () => readonly Wire[]): void {
  let page: CardsPage;

  beforeAll(async () => {
    page = await CardsPage.open();
  }, 60_000);

  afterAll(() => page?.close());

  /** By the schema, Teams' limits and the renderer; each card is an exchange of the table, its kind the operation. */
  async function judgeAll(cards: readonly (readonly [kind: string, name: string, card: Card])[]): Promise<string[]> {
    const drawn = await page.judge(cards.map(([, , card]) => card));
    return cards.flatMap(([kind, name, card], i) => {
      const wrong = [...judgeCard(card), ...(drawn[i] ?? [])];
      ledger.exchange(adaptiveCards, { operation: kind, wrong });
      return wrong.map((w) => `${name}: ${w}`);
    });
  }

  it('finds nothing wrong in any card of any builder', async () => {
    const all = Object.entries(gallery).flatMap(([kind, cases]) =>
      Object.entries(cases).map(([name, build]) => {
        const { card } = build();
        if (!card) throw new Error(`${kind}/${name} is no card`);
        return [kind, `${kind}/${name}`, card] as const;
      }),
    );
    for (const kind of Object.keys(gallery)) ledger.uses(adaptiveCards, kind);

    expect(await judgeAll(all)).toEqual([]);
  }, 60_000);

  it('finds nothing wrong in the cards that goldbot posted', async () => {
    const cards = cardsIn(posted());

    expect(cards.length).toBeGreaterThan(40);
    expect(await judgeAll(cards.map((card, i) => ['posted', `posted ${i}`, card] as const))).toEqual([]);
  }, 60_000);

  it('has fixtures for each builder, one with as much as there can be among them', () => {
    const functions = Object.keys(builders).filter((name) => name.endsWith('Card'));
    const names = functions.map((name) => name.replace(/Card$/, '').replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`));
    expect(
      Object.keys(gallery)
        .map((kind) => (kind === 'help-verb' ? 'verb-help' : kind))
        .sort(),
    ).toEqual(names.sort());
    expect(Object.keys(gallery).filter((kind) => !gallery[kind]?.['hostile'])).toEqual([]);
  });

  it.each(read)("uses Microsoft's host config for Teams, %s, on the sandbox's page", (look) => {
    const own = JSON.parse(readFileSync(pageConfig(look), 'utf8'));
    expect(own).toEqual(sharedJson('adaptive-cards', `microsoft-teams-${look}.hostconfig.json`));
  });
}

/** The cards of messages that a bot sent or edited, and of its answers to clicks; each once. */
function cardsIn(exchanges: readonly Wire[]): readonly Card[] {
  const found = new Map<string, Card>();
  const look = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    if ((node as Card)['type'] === 'AdaptiveCard') found.set(JSON.stringify(node), node as Card);
    else for (const inner of Object.values(node)) look(inner);
  };
  for (const { requestBody, responseBody } of exchanges) {
    look(requestBody);
    look(responseBody);
  }
  return [...found.values()];
}
