import { createSandbox } from '../../../sandbox';
import { compute } from '../../../sandbox/azure/compute/section';
import { builderIdentity, buildResourceGroup, platformSubscription } from '../../../sandbox/azure/names';
import type { Sandbox } from '../../../sandbox/kernel/sandbox';
import type { World } from '../../../sandbox/kernel/world';
import { ask } from '../../sandbox/client';
import { differences } from './differ';
import { type Answer, type Recorded, shapeOf, type Tape } from './tape';
import { isUnmade, making } from './unmade';

/** What the sandbox made of one recorded request. */
export interface Played {
  readonly recorded: Recorded;
  /** As `shapeOf` has it; polls of an operation are named after what started it. */
  readonly shape: string;
  readonly differences: readonly string[];
  /** It was not asked, or it knows no such request, or nothing of that name because of such a request before. */
  readonly cannotYet: boolean;
}

const recordedSubscription = /00000000-0000-0000-0000-000000000000/g;
const recordedGroup = /(resourceGroups\/)(?:clitest\.rg000001|img_tmpl_sig000001|cli_test_vm_run_command_v2000001)/gi;

/** Words of the recordings and what they are called in the sandbox's world, in this order. */
const translations: readonly (readonly [RegExp, string])[] = [
  [
    /\/subscriptions\/[0-]+\/resourceGroups\/[^/"]+\/providers\/Microsoft\.ManagedIdentity\/userAssignedIdentities\/ide1/gi,
    builderIdentity,
  ],
  // Its publisher has removed this one since.
  [/18\.04\.202306070/g, '18.04.202401161'],
  // Azure names a shared gallery after its subscription and itself; the recorder took the name away, but not here.
  [/0b1f6471-1bf0-4dda-aec3-cb9272f09590-GELLERYUHD26LYJ7/g, `${platformSubscription}-GELLERY000007`],
  [recordedGroup, `$1${buildResourceGroup}`],
  [recordedSubscription, platformSubscription],
  [/(?<=\/imageTemplates\/.*api-version=)2023-07-01/g, '2024-02-01'],
];

/** Plays a recording to a fresh sandbox in its order, and says in what the sandbox's answers differ from Azure's. */
export async function play(tape: Tape): Promise<Played[]> {
  const { sandbox, world } = createSandbox({
    startMs: Date.UTC(2026, 10, 23, 9),
    speed: 0,
    azure: { throttle: false },
  });
  const player = new Player(sandbox, world, tape);
  const played: Played[] = [];
  for (const [index, recorded] of tape.exchanges.entries()) played.push(await player.play(recorded, index));
  return played;
}

const notStarted = 'not asked: the sandbox started no operation';

class Player {
  /** What a recorded address of an operation is in the sandbox; without an address when it started none. */
  private readonly operations = new Map<string, { readonly url: string | undefined; readonly of: string }>();
  /** Something of the tape could not be done: what is missing later may be missing because of it. */
  private crippled = false;

  constructor(
    private readonly sandbox: Sandbox,
    private readonly world: World,
    private readonly tape: Tape,
  ) {}

  async play(recorded: Recorded, index: number): Promise<Played> {
    const { method, url, body } = recorded.request;
    const operation = this.operations.get(operationKey(url));
    const shape = operation ? `poll of ${operation.of}` : shapeOf(method, url);
    if (!operation) this.world.clock.advance(minutesBefore(this.tape, index));
    if (operation && !operation.url) return { recorded, shape, differences: [notStarted], cannotYet: true };
    if (isUnmade(recorded, this.tape.exchanges.slice(0, index))) await this.make(recorded);
    const answer = operation?.url
      ? await this.poll(operation.url, recorded)
      : await this.ask(
          method,
          translated(url),
          body == null ? undefined : JSON.parse(translated(JSON.stringify(body))),
        );
    this.remember(recorded, answer, shape);
    this.crippled ||= answer.status === 501;
    const cannotYet = answer.status === 501 || (this.crippled && answer.status === 404);
    return { recorded, shape, differences: differences(recorded.response, answer), cannotYet };
  }

  /** Asks until the operation is as far as it was in the recording; world time passes between the asking. */
  private async poll(url: string, recorded: Recorded): Promise<Answer> {
    const ended = isOver(recorded.response);
    let answer = await this.ask('GET', url);
    for (let waited = 0; ended && !isOver(answer) && waited < 24 * 60 * 2; waited += 1) {
      this.world.clock.advance(0.5);
      answer = await this.ask('GET', url);
    }
    return answer;
  }

  /** Makes here what a deployment made there. Where it is refused, the GET that follows says so. */
  private async make(recorded: Recorded): Promise<void> {
    const body = JSON.parse(translated(JSON.stringify(making(recorded))));
    const [, id, name = ''] =
      /(\/subscriptions\/.*\/virtualMachineScaleSets\/([^/?]+))(?:\?|$)/i.exec(translated(recorded.request.url)) ?? [];
    // The sandbox makes no scale sets: one stands there as Azure had made it, and the way in which it is shown is judged.
    if (id !== undefined) {
      const made = JSON.parse(translated(JSON.stringify(recorded.response.body)));
      const type = 'Microsoft.Compute/virtualMachineScaleSets';
      compute(this.world).resources[id.toLowerCase()] = { ...made, id, name, type };
      return;
    }
    const answer = await this.ask('PUT', translated(recorded.request.url).replace('$expand=instanceView&', ''), body);
    this.crippled ||= answer.status === 501;
    this.world.clock.advance(5);
  }

  private async ask(method: string, url: string, body?: unknown): Promise<Answer> {
    const answer = await ask(this.sandbox, method, url, body);
    return {
      status: answer.status,
      headers: answer.headers ?? {},
      body: JSON.parse(JSON.stringify(answer.body ?? null)),
    };
  }

  private remember({ response }: Recorded, answer: Answer, shape: string): void {
    for (const header of ['azure-asyncoperation', 'location']) {
      const [theirs, ours] = [response.headers[header], answer.headers[header]];
      if (theirs) this.operations.set(operationKey(theirs), { url: ours, of: shape.replace('poll of ', '') });
    }
  }
}

/** The recorder's own waiting before a request: ARM sees a deleted child for some seconds more. */
function minutesBefore({ exchanges }: Tape, index: number): number {
  const [before, at] = [index - 1, index].map((i) => Date.parse(exchanges[i]?.response.headers['date'] ?? ''));
  return Math.max(0, ((at ?? 0) - (before ?? 0)) / 60_000 || 0);
}

/** The id of an operation and which of its two addresses it is. */
function operationKey(url: string): string {
  const { pathname, searchParams } = new URL(url);
  return `${pathname.toLowerCase()} ${searchParams.has('monitor')}`;
}

function isOver({ status, body }: Answer): boolean {
  const state = (body as { status?: unknown } | null)?.status;
  return status !== 202 && state !== 'InProgress';
}

function translated(text: string): string {
  return translations.reduce((said, [pattern, word]) => said.replace(pattern, word), text);
}
