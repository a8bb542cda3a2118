import { readFileSync } from 'node:fs';
import * as builders from '../../cards';
import { gallery } from '../fixtures/cards';
import { inFull, isFull } from '../support/size';
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
  }, 240_000);

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

  /** Of each kind its first case and the one with as much as there can be, where those stand for the others. */
  const built = () =>
    Object.entries(gallery).flatMap(([kind, cases]) =>
      Object.entries(cases)
        .filter(([name], n) => isFull || n === 0 || name === 'hostile')
        .map(([name, build]) => {
          const { card } = build();
          if (!card) throw new Error(`${kind}/${name} is no card`);
          return [kind, `${kind}/${name}`, card] as const;
        }),
    );

  it('finds nothing wrong in any card of any builder', async () => {
    for (const kind of Object.keys(gallery)) ledger.uses(adaptiveCards, kind);

    expect(await judgeAll(built())).toEqual([]);
  }, 240_000);

  it('finds nothing wrong in them as Teams draws them, with its own elements', async () => {
    const teams = await CardsPage.open('as Teams');
    try {
      const cards = built();
      const found = await teams.judge(cards.map(([, , card]) => card));
      expect(found.flatMap((wrong, i) => wrong.map((w) => `${cards[i]?.[1]}: ${w}`))).toEqual([]);
    } finally {
      await teams.close();
    }
  }, 240_000);

  inFull(
    'finds nothing wrong in what people share of them',
    async () => {
      const open = `https://teams.microsoft.com/l/chat/0/0?users=28:${'0'.repeat(36)}&message=${'x'.repeat(300)}`;
      const stills = built().map(([, name, card]) => {
        const { card: still } = builders.stillOf({ text: name, card: card as never }, { at: new Date(0), open });
        return ['shared', `shared ${name}`, still as Card] as const;
      });
      ledger.uses(adaptiveCards, 'shared');
      expect(await judgeAll(stills)).toEqual([]);
    },
    240_000,
  );

  it('finds nothing wrong in the cards that goldbot posted', async () => {
    const cards = cardsIn(posted());

    expect(cards.length).toBeGreaterThan(40);
    expect(await judgeAll(cards.map((card, i) => ['posted', `posted ${i}`, card] as const))).toEqual([]);
  }, 240_000);

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

/** The cards of messages that a bot sent or edited, and of its answers to clicks and in dialogs; each once. */
function cardsIn(exchanges: readonly Wire[]): readonly Card[] {
  const found = new Map<string, Card>();
  const look = (node: unknown, as: (card: Card) => Card = (card) => card): void => {
    if (typeof node !== 'object' || node === null) return;
    const part = node as Card;
    if (part['type'] === 'AdaptiveCard') found.set(JSON.stringify(part), as(part));
    else for (const [key, inner] of Object.entries(part)) look(inner, readings[key] ?? as);
  };
  for (const { requestBody, responseBody } of exchanges) {
    look(requestBody);
    look(responseBody);
  }
  return [...found.values()];
}

/** How cards are judged that stand in what an invoke is answered with. */
const readings: Readonly<Record<string, (card: Card) => Card>> = {
  task: outside,
  // Teams unfurls a link to what is declared as 1.3 at most; the sandbox's Teams shows no other.
  composeExtension: (card) => ({ ...card, version: '1.5' }),
};

/** A dialog's card as it is where cards are run: in a dialog `Action.Submit` alone sends anything. */
function outside(card: Card): Card {
  const run = (_: string, part: unknown) => {
    const action = part as Card | null;
    if (action?.['type'] !== 'Action.Submit') return part;
    const { verb, values, ...beside } = action['data'] as Card;
    return { ...action, type: 'Action.Execute', verb, data: { ...(values as Card), ...beside } };
  };
  return JSON.parse(JSON.stringify(card), run);
}
