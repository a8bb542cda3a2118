import { definitionsOf, groupsAbove } from '../../core/compliance';
import { basesTogether, readBases } from '../../core/images';
import { commands } from '../../dialogs/commands';
import { remembered, type SharedAnswers } from '../../services';
import { fillLargeEstate, largeCatalogue, type Size } from '../support/large-estate';
import { inventoryWorld, type Who } from './support/inventory-world';

const small: Size = { images: 9, teams: 6, vms: 120 };
const twice: Size = { images: 17, teams: 11, vms: 240 };

/** Who asks: somebody whose role lets them. */
const asking: Readonly<Record<string, Who>> = { publisher: 'ada', owner: 'linus', auditor: 'dana' };

/** What grows with the images all the same, and why. */
const growing: Readonly<Record<string, string>> = {
  doctor: 'it looks at what could stop the build of each image, one by one; an admin asks seldom',
};

/** Settings are written, and this world has no books to write in. */
const isWritten = (question: string): boolean => /^digest \w+ (on|off|now|--)|^schedule \S+ \w/.test(question);

interface Reads {
  readonly azure: number;
  readonly resourceGraph: number;
}

async function goldbotOf(size: Size) {
  let answers: SharedAnswers | undefined;
  const catalogue = largeCatalogue(size);
  const world = inventoryWorld({
    catalogue,
    read: (real) => {
      answers = remembered(real, 0);
      return answers.read;
    },
  });
  fillLargeEstate(world.world, catalogue, size);
  const reads = (): Reads => {
    const asked = world.sandbox.exchanges.filter(({ url }) => !url.includes('graph.microsoft.com'));
    world.sandbox.exchanges.length = 0;
    const resourceGraph = asked.filter(({ url }) => url.includes('Microsoft.ResourceGraph')).length;
    return { azure: asked.length, resourceGraph };
  };
  const cost = async (what: () => Promise<unknown>): Promise<Reads> => {
    reads();
    await what();
    return reads();
  };
  const ahead = await cost(async () => {
    await answers?.renew((read) =>
      Promise.all([
        read.publishedVersions(definitionsOf(catalogue)),
        groupsAbove(read, catalogue),
        read.lackingMachines(),
        read.machineTotals(),
      ]),
    );
  });
  const bases = await cost(() => world.knowBases());
  return {
    ahead,
    bases,
    catalogue,
    read: world.read,
    cost: (who: Who, question: string) => cost(() => world.say(who, question)),
  };
}

describe('at twice as many images, teams and machines', () => {
  it('every example of every command reads as often as before', async () => {
    const [one, two] = [await goldbotOf(small), await goldbotOf(twice)];
    expect(two.ahead).toEqual(one.ahead);
    expect(two.bases).toEqual(one.bases);
    const grown: string[] = [];
    const still = new Set(Object.keys(growing));
    const asked = commands
      .flatMap(({ verb, role, examples }) => examples.map((question) => ({ verb, role, question })))
      .filter(({ question }) => !isWritten(question));
    for (const { verb, role, question } of asked) {
      const who = asking[role] ?? 'grace';
      const [before, after] = [await one.cost(who, question), await two.cost(who, question)];
      if (JSON.stringify(before) === JSON.stringify(after)) continue;
      if (verb in growing) still.delete(verb);
      else grown.push(`${question}: ${before.azure} became ${after.azure}`);
    }
    expect(grown).toEqual([]);
    // A reason that nobody needs any more would hide the next one.
    expect([...still]).toEqual([]);
  });

  it('what is read of all sources at once is what is read of each', async () => {
    const { catalogue, read } = await goldbotOf(small);
    const together = basesTogether(
      read,
      catalogue.images.map(({ source }) => source),
    );
    for (const { source } of catalogue.images) {
      const [each, all] = [
        await readBases(read, catalogue.azure, source, 'latest'),
        await readBases(together, catalogue.azure, source, 'latest'),
      ];
      expect(all).toEqual(each);
    }
  });
});
