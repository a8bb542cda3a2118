import { type AdaptiveCard, formCard, ownVerb, type Reply } from '../../cards';
import { reading } from '../../cards/parts/buttons';
import { call } from '../../core/command-call';
import { commands } from '../../dialogs';
import { gallery } from '../fixtures/cards';
import { teamsFaults, visible, withoutMentions } from './teams';

interface Action {
  readonly title: string;
  readonly verb: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly associatedInputs: string;
}

const all = Object.entries(gallery).flatMap(([card, cases]) =>
  Object.entries(cases).map(([name, build]) => [`${card}/${name}`, build] as const),
);

it('knows of each command whether it only shows something', () => {
  const reads = commands.filter(({ effect }) => effect === 'read').map(({ verb }) => verb);
  expect([...reading].sort()).toEqual(reads.sort());
});

function cardOf(reply: Reply): AdaptiveCard {
  if (reply.card === undefined) throw new Error('a reply without a card');
  return reply.card;
}

function actionsOf(reply: Reply): readonly Action[] {
  return cardOf(reply).actions as unknown as readonly Action[];
}

/** A link runs no command. */
const commandsOf = (reply: Reply): readonly Action[] =>
  actionsOf(reply).filter(({ verb }) => verb !== undefined && verb !== ownVerb);

/** Card and text without what the buttons send back, which is data and stays as it is. */
function shownBy(reply: Reply): string {
  return visible(reply);
}

/** Every object of the card with the key under which it hangs. */
function* nodes(value: unknown): Generator<Readonly<Record<string, unknown>>> {
  if (Array.isArray(value)) for (const item of value) yield* nodes(item);
  else if (typeof value === 'object' && value !== null) {
    yield value as Record<string, unknown>;
    for (const inner of Object.values(value)) yield* nodes(inner);
  }
}

function ofType(reply: Reply, type: string): readonly Readonly<Record<string, unknown>>[] {
  return [...nodes(cardOf(reply).body)].filter((node) => node['type'] === type);
}

describe.each(all)('the card %s', (_, build) => {
  const reply = build();

  it('is what Teams takes and draws on desktops and phones', () => {
    expect(teamsFaults(cardOf(reply))).toEqual([]);
  });

  it('does not offer the same button twice', () => {
    const actions = actionsOf(reply);
    expect(new Set(actions.map((a) => a.title)).size).toBe(actions.length);
    expect(new Set(actions.map((a) => `${a.verb} ${JSON.stringify(a.data)}`)).size).toBe(actions.length);
  });

  it('says in its text the command of each button, and no more than Teams takes', () => {
    const last = reply.text.split('\n').slice(-8).join('\n');
    for (const { verb } of commandsOf(reply)) expect(last).toMatch(new RegExp(`(^|· )${verb}\\b`, 'm'));
    expect(reply.text.length).toBeLessThanOrEqual(9000);
  });

  it('says in its text the address of each link, above the commands', () => {
    const links = ofType(reply, 'Action.OpenUrl');
    for (const { title, url } of links) expect(reply.text.split('\n')).toContain(`${String(title)}: ${String(url)}`);
  });

  it('prints at its foot, in one line of monospace, what its main button does', () => {
    const [main] = commandsOf(reply);
    const foot = ofType(reply, 'TextBlock').filter((block) => block['id'] === 'foot');
    expect(foot.length).toBeLessThanOrEqual(1);
    const [word] = foot.map((block) => String(block['text']).split(' ')[0]);
    // Without the buttons that decide, it is how to decide.
    if (actionsOf(reply)[0]?.title === 'Decide')
      expect(['approve', 'approve-all', 'confirm', 'review']).toContain(word);
    else if (main) expect(word).toBe(main.verb.split(' ')[0]);
  });

  it('has at most three buttons in sight, and what decides before what only shows', () => {
    const { actions } = cardOf(reply);
    const inSight = actions.filter(({ mode }) => mode === 'primary');
    expect(inSight.length).toBeLessThanOrEqual(3);
    expect(actions.slice(0, inSight.length)).toEqual(inSight);
    expect(actions.length === 0 || inSight.length > 0).toBe(true);
    if (!actions.some(({ style }) => style === 'positive')) return;
    expect(inSight.filter(({ verb }) => reading.has(String(verb)))).toEqual([]);
  });

  it('says itself in one sentence', () => {
    expect(String(cardOf(reply)['speak'])).toMatch(/^[^\n]{3,301}\.$/);
  });

  it('does not say a line once more as the beginning of the next', () => {
    const lines = reply.text.split('\n').filter((line) => /\p{L}/u.test(line) && !line.startsWith('  '));
    const again = lines.filter((line, n) => line !== '' && lines[n + 1]?.startsWith(`${line}:`));
    expect(again).toEqual([]);
  });

  it('has at most two tinted containers', () => {
    expect(ofType(reply, 'Container').filter((c) => c['style'] !== undefined).length).toBeLessThanOrEqual(2);
  });

  it('mentions nobody and links nowhere, whatever it was given', () => {
    const card = cardOf(reply);
    const markdown = [...ofType(reply, 'TextBlock').map((b) => b['text']), ...factTexts(reply)].map(String);
    for (const text of markdown.map((one) => withoutMentions(one, card))) {
      expect(text).not.toMatch(/<\/?at\b/i);
      expect(text).not.toMatch(/(?<!\\)\]\(/);
      expect(text).not.toMatch(/(?<!\\)\*\*\w/);
    }
    expect(reply.text).not.toMatch(/<\/?at\b/i);
    expect(/\u202e/.test(shownBy(reply))).toBe(false);
  });
});

function factTexts(reply: Reply): readonly unknown[] {
  const facts = ofType(reply, 'FactSet').flatMap((set) => set['facts'] as { title: string; value: string }[]);
  return facts.flatMap((fact) => [fact.title, fact.value]);
}

describe('a form', () => {
  it('asks for twelve things at the most, and no more choices than fit', () => {
    const choices = Array.from({ length: 300 }, (_, i) => ({ title: `choice ${i}`, value: `v${i}` }));
    const fields = Array.from({ length: 30 }, (_, i) => ({
      name: `f${i}`,
      label: 'F',
      kind: 'choice' as const,
      choices,
    }));
    const { card } = formCard({ call: call('publish'), title: 'Many', fields });
    const inputs = [...nodes(card?.body)].filter((node) => node['type'] === 'Input.ChoiceSet');
    expect(inputs.map((node) => (node['choices'] as unknown[]).length)).toEqual(Array(12).fill(5));
  });
});

describe('every extreme case', () => {
  it.each(Object.keys(gallery).filter((card) => gallery[card]?.['hostile'] !== undefined))(
    'keeps the structure of the %s card',
    (card) => {
      const shown = JSON.stringify(gallery[card]?.['hostile']?.().card);
      expect(shown.includes('did not fit')).toBe(false);
    },
  );
});
