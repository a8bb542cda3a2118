import { commands } from '../../../dialogs';
import { entra, type Person } from '../../../sandbox/entra/people';
import { type Play, pick, text } from '../front';
import { type Asking, click, from, gate, general, House } from '../house';

type Random = () => number;

/** A press by somebody, on some card, of something. */
interface Press {
  readonly why: string;
  readonly as: string;
  readonly activity: object;
  readonly in?: string;
  /** Whether an entry of the audit is due: whoever is not even let in has none for each try. */
  readonly traced: boolean;
}

interface Scene {
  readonly random: Random;
  readonly mine: Asking;
  readonly other: Asking;
  readonly ada: Person;
}

const deciding = ['approve', 'reject'] as const;
/** What Dana, who may view and audit, may not do at all. */
const forbidden = commands.filter(({ effect, role }) => effect === 'write' && role !== 'all' && role !== 'viewer');

/** Object ids that are Ada's to a reader, or to a careless comparison. */
function spelled(random: Random, id: string): string {
  const letters = [...id].map((c) => (random() < 0.5 ? c.toUpperCase() : c)).join('');
  const wide = letters.replace(/\d/g, (d) => String.fromCharCode(0xff10 + Number(d)));
  return pick(random, [
    letters,
    id.toUpperCase(),
    `{${letters}}`,
    ` ${letters}`,
    `${letters}\u0000`,
    `${letters}\u200b`,
    letters.replaceAll('-', ''),
    letters.replaceAll('-', '\u2010'),
    wide,
    `urn:uuid:${letters}`,
    `29:${letters}`,
  ]);
}

function junk(random: Random, depth = 0): unknown {
  const kinds = [
    () => null,
    () => random() < 0.5,
    () => Math.floor(random() * 1e6),
    () => text(random, 'aR-7F3KQ\u0000"\'<>{}$\u202e ', Math.floor(random() * 30)),
    () => [junk(random, depth + 1)],
    () => ({ toString: 1, valueOf: [], length: -1 }),
    () => ({ constructor: junk(random, depth + 1), hasOwnProperty: 1 }),
    () => 'x'.repeat(3_000),
  ];
  return depth > 3 ? 1 : pick(random, kinds)();
}

const kinds: readonly ((scene: Scene) => Press)[] = [
  ({ random, mine }) => ({
    why: 'the right click of somebody who may not decide',
    as: pick(random, ['Linus', 'Dana', 'Ada']),
    activity: click(
      pick(random, deciding),
      { request: mine.request, hash: mine.hash, reason: 'no' },
      { replyToId: mine.card },
    ),
    traced: true,
  }),
  ({ random, mine, ada }) => ({
    why: 'the requester under another name or spelling',
    as: 'Grace',
    activity: click(
      'approve',
      { request: mine.request, hash: mine.hash },
      {
        replyToId: mine.card,
        ...from(spelled(random, ada.id), pick(random, ['Grace', 'Heidi', 'goldbot', '', 'Аda'])),
      },
    ),
    traced: true,
  }),
  ({ random, mine, other }) => ({
    why: 'another hash',
    as: pick(random, ['Grace', 'Heidi', 'Judy']),
    activity: click(
      'approve',
      {
        request: mine.request,
        hash: pick<unknown>(random, [
          other.hash,
          mine.hash.slice(0, 12),
          mine.hash.toUpperCase(),
          `${mine.hash} `,
          `${mine.hash}0`,
          text(random, '0123456789abcdef', 64),
          '',
          null,
          [mine.hash],
          { toString: mine.hash },
          true,
        ]),
      },
      { replyToId: mine.card },
    ),
    traced: true,
  }),
  ({ mine }) => ({
    why: 'no hash',
    as: 'Grace',
    activity: click('approve', { request: mine.request }, { replyToId: mine.card }),
    traced: true,
  }),
  ({ random, mine, other }) => ({
    why: 'the right data on another card, or on none',
    as: 'Grace',
    activity: click(
      'approve',
      { request: mine.request, hash: mine.hash },
      { replyToId: pick(random, [other.card, '1', mine.card.slice(0, -1), undefined, `${mine.card}0`]) },
    ),
    traced: true,
  }),
  ({ random, mine }) => ({
    why: 'the right card in another conversation',
    as: 'Grace',
    in: pick(random, [general, 'payments / ops', 'goldbot']),
    activity: click('approve', { request: mine.request, hash: mine.hash }, { replyToId: mine.card }),
    traced: true,
  }),
  ({ random, mine, other }) => ({
    why: 'the id of another request on this card',
    as: 'Heidi',
    activity: click(
      'approve',
      { request: pick(random, [other.request, other.run, 'R-22222']), hash: mine.hash },
      { replyToId: mine.card },
    ),
    traced: true,
  }),
  ({ random, mine }) => ({
    why: 'fields that the card does not have',
    as: pick(random, ['Grace', 'Judy']),
    activity: click(
      'approve',
      {
        request: mine.request,
        hash: mine.hash,
        [pick(random, ['person', 'oid', 'verdict', 'actor', 'quorum', 'group', 'constructor', 'via', 'intent'])]:
          junk(random),
      },
      { replyToId: mine.card },
    ),
    traced: true,
  }),
  ({ random, mine }) => ({
    why: 'a verb beyond the role',
    as: 'Dana',
    activity: click(
      pick(random, forbidden).verb,
      { ...(random() < 0.7 && { request: mine.run, hash: mine.hash }), ...(random() < 0.3 && { image: 'ubuntu-22' }) },
      { replyToId: mine.card },
    ),
    traced: true,
  }),
  ({ random, mine }) => ({
    why: 'a verb that no command has',
    as: 'Grace',
    activity: click(
      pick<unknown>(random, ['__proto__', 'constructor', 'approve;reject', '', 5, null, {}, { toString: 1 }]),
      { request: mine.request, hash: mine.hash },
      { replyToId: mine.card },
    ),
    traced: true,
  }),
  ({ random, mine }) => ({
    why: 'a load of anything',
    as: pick(random, ['Grace', 'Ada']),
    activity: click(
      pick(random, deciding),
      random() < 0.3 ? junk(random) : { request: junk(random), hash: junk(random), reason: junk(random) },
      { replyToId: mine.card },
    ),
    traced: true,
  }),
  ({ random, mine }) => ({
    why: 'a dialog that decides for whoever may not',
    as: pick(random, ['Ada', 'Linus', 'Dana']),
    activity: {
      ...{ type: 'invoke', name: 'task/submit', replyToId: mine.card },
      value: {
        data: {
          verb: pick(random, deciding),
          values: { request: mine.request, reason: 'no' },
          hash: mine.hash,
          reason: 'no',
        },
      },
    },
    traced: true,
  }),
  ({ random, mine }) => ({
    why: 'a change beside the message box',
    as: pick(random, ['Grace', 'Ada', 'Dana']),
    activity: {
      ...{ type: 'invoke', name: 'composeExtension/selectItem' },
      value: {
        verb: pick(random, ['approve', 'reject', 'cancel', 'publish', 'revoke', { toString: 1 }]),
        values: { request: mine.request, hash: mine.hash, reason: 'no', image: 'ubuntu-22' },
      },
    },
    traced: true,
  }),
  ({ random, mine }) => ({
    why: 'several requests on the card of one',
    as: 'Grace',
    activity: click(
      'approve-all',
      { requests: pick(random, [mine.request, `${mine.request},R-22222`, [mine.request]]), hash: mine.hash },
      { replyToId: mine.card },
    ),
    traced: true,
  }),
  ({ mine }) => ({
    why: 'somebody of another tenant',
    as: 'Mallory',
    activity: click('approve', { request: mine.request, hash: mine.hash }, { replyToId: mine.card }),
    traced: false,
  }),
];

/** One press; what it changed, or that nobody wrote it down. */
async function pressed(house: House, press: Press): Promise<readonly string[]> {
  await house.unlimited();
  const [before, entries] = [await house.stands(), await house.audited()];
  const { status, body } = await house.deliver(press.as, press.in ?? gate, press.activity);
  const said = JSON.stringify(body) ?? '';
  const wrong: string[] = [];
  const what = `${press.why} (${press.as}: ${JSON.stringify(press.activity).slice(0, 300)})`;
  if ((await house.stands()) !== before) wrong.push(`${what}: something was done`);
  if (press.traced && (await house.audited()) <= entries)
    wrong.push(`${what}: the audit does not tell; ${said.slice(0, 200)}`);
  if (status >= 500 || said.includes('went wrong inside goldbot'))
    wrong.push(`${what}: ${status} ${said.slice(0, 200)}`);
  return wrong;
}

/**
 * Presses on the card of a request that waits, none of which may count: each is compared with what stood before. At the
 * end the right press counts, once, however often it comes: otherwise nothing would be proved.
 */
export const clicks: Play = async ({ size, random }) => {
  const house = await House.open();
  const [mine, other] = await house.asking(['ubuntu-22', 'windows-2022']);
  const ada = entra(house.sandbox.world).people.find(({ name }) => name === 'Ada');
  if (!mine || !other || !ada) throw new Error('nobody is asked');
  const writes = house.writes();
  const letIn: string[] = [];
  const scene = { random, mine, other, ada };
  for (let i = 0; i < size; i += 1) {
    const kind = kinds[i % kinds.length] as (scene: Scene) => Press;
    letIn.push(...(await pressed(house, kind(scene))));
  }
  if (house.writes() > writes) letIn.push(`Azure was changed ${house.writes() - writes} times`);
  letIn.push(...(await countsOnce(house, mine)));
  await house.close();
  return { tries: size, letIn, seen: `${kinds.length} kinds of click` };
};

/** The right press, again and again, by its own id and by others, one after the other and together. */
async function countsOnce(house: House, { request, hash, card }: Asking): Promise<readonly string[]> {
  const right = (id: string) => click('approve', { request, hash }, { replyToId: card, id });
  await house.unlimited();
  for (const id of ['f:1', 'f:1', 'f:2']) await house.deliver('Judy', gate, right(id));
  await Promise.all(['f:1', 'f:3', 'f:4', 'f:5'].map((id) => house.deliver('Judy', gate, right(id))));
  await house.deliver('Grace', gate, right('f:6'));
  const decided = await house.query<{ name: string }>('select name from decision where approval_id = $1', [request]);
  const names = decided.map(({ name }) => name).join(', ');
  return names === 'Judy' ? [] : [`the right click, seven times and then by another, makes the decisions: ${names}`];
}
