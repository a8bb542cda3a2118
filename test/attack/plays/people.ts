import { sleep } from '../../../core/time';
import { entra, type Group } from '../../../sandbox/entra/people';
import { type Play, pick } from '../front';
import { type Asking, click, gate, House, until } from '../house';

/** What becomes of Microsoft Graph, or of a person in it, between the card and the click. */
interface Change {
  readonly why: string;
  /** Undone before the next try. */
  readonly make: (scene: Scene) => Promise<void>;
  readonly undo: (scene: Scene) => Promise<void>;
}

interface Scene {
  readonly house: House;
  readonly who: { readonly id: string; readonly name: string };
  readonly approvers: Group;
  readonly random: () => number;
}

const graph = { face: 'azure', url: 'graph\\.microsoft\\.com' };
const noFaults = async ({ house }: Scene) => void (await house.teams('DELETE', '/_sandbox/faults'));
const failing = (why: string, fault: object): Change => ({
  why,
  make: async ({ house }) => void (await house.teams('POST', '/_sandbox/faults', { match: graph, ...fault })),
  undo: noFaults,
});

const removed = async ({ house, who, approvers }: Scene) =>
  house.graph('DELETE', `/groups/${approvers.id}/members/${who.id}/$ref`);
const added = async ({ house, who, approvers }: Scene) =>
  house.graph('POST', `/groups/${approvers.id}/members/$ref`, {
    '@odata.id': `https://graph.microsoft.com/v1.0/directoryObjects/${who.id}`,
  });

const changes: readonly Change[] = [
  { why: 'removed from the group', make: removed, undo: added },
  failing('Graph answers 503', { status: 503 }),
  failing('Graph answers 429 for a minute', { status: 429, headers: { 'retry-after': '60' } }),
  failing('Graph answers 403', { status: 403 }),
  failing('Graph answers 404', { status: 404 }),
  failing('Graph answers 200 with nothing', { status: 200 }),
  failing('Graph breaks off', { dropAfterAccept: true }),
  failing('Graph is slower than a click', { delayMs: 2_600 }),
  {
    why: 'removed while Graph is silent',
    make: async (scene) => {
      await removed(scene);
      await scene.house.teams('POST', '/_sandbox/faults', { match: graph, status: 503 });
    },
    undo: async (scene) => {
      await noFaults(scene);
      await added(scene);
    },
  },
];

/** The right click of an approver, at whatever moment. */
async function press({ house, who }: Scene, { request, hash, card }: Asking, id: number): Promise<string> {
  await house.unlimited();
  const { body } = await house.deliver(
    who.name,
    gate,
    click('approve', { request, hash }, { replyToId: card, id: `m:${id}` }),
  );
  return JSON.stringify(body);
}

/**
 * Approvers who press while they are no approvers any more, or while nobody can say whether they are: nothing may be
 * decided. With what was changed undone the same press counts, or the next decision would say nothing either.
 */
export const membership: Play = async ({ size, random }) => {
  const house = await House.open();
  const [asked] = await house.asking(['ubuntu-22']);
  const { people, groups } = entra(house.sandbox.world);
  const approvers = groups.find(({ name }) => name === 'goldbot-approvers');
  if (!asked || !approvers) throw new Error('nobody is asked');
  const letIn: string[] = [];
  const before = await house.stands();
  for (let i = 0; i < size; i += 1) {
    const change = changes[i % changes.length] as Change;
    const who = pick(
      random,
      people.filter(({ name }) => ['Grace', 'Heidi', 'Judy'].includes(name)),
    );
    const scene: Scene = { house, who, approvers, random };
    const entries = await house.audited();
    await change.make(scene);
    const said = await press(scene, asked, i);
    await change.undo(scene);
    if ((await house.stands()) !== before)
      letIn.push(`${change.why}: ${who.name}'s click was taken: ${said.slice(0, 200)}`);
    if ((await house.audited()) === entries)
      letIn.push(`${change.why}: the audit does not tell; ${said.slice(0, 200)}`);
    if (letIn.length > 20) break;
  }
  const judge = people.find(({ name }) => name === 'Judy');
  if (judge && letIn.length === 0) {
    // Whoever was just put back may be refused by groups that were read up to ten seconds ago, and presses again; and on a
    // busy machine a click is answered before what it does is done.
    const isCounted = async () => (await house.query('select 1 from decision')).length === 1;
    for (let again = 0; again < 10 && !(await isCounted()); again += 1) {
      if (again > 0) await sleep(2_000);
      await press({ house, who: judge, approvers, random }, asked, size + again);
    }
    const counted = until(async () => ((await isCounted()) ? true : undefined), 30_000);
    if (!(await counted.catch(() => false))) {
      letIn.push('and the click of an approver does not count either, so that the rest proves nothing');
    }
  }
  await house.close();
  return { tries: size, letIn, seen: `${changes.length} ways in which it changes` };
};
