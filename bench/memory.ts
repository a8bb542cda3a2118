import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { ResourceGraphClient } from '@azure/arm-resourcegraph';
import { forgetAnswers } from '../sandbox/azure/resource-graph/answered';
import { queries } from '../services/resource-graph';
import { eachPage, readPages } from '../services/resource-graph/pages';
import { fakeCredential } from '../test/sandbox/client';
import { openInventory, type SeededInventory } from './inventory';
import { type Result, thousands } from './table';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;

/** Collecting at every page would be the whole of the time. */
const pagesBetweenLooks = 25;

/** B5: what is kept in memory when rows must be read after all. */
export async function memory(vms: number, say: (line: string) => void): Promise<readonly Result[]> {
  const inventory = openInventory(vms);
  const own = await extra(inventory, async (azure, look) => {
    let rows = 0;
    for await (const page of eachPage(azure, queries.machineList('resources', {}))) {
      rows += page.rows.length;
      look();
    }
    return rows;
  });
  const peer = await extra(inventory, async (azure, look) => {
    const { rows } = await readPages(azure, queries.machineList('resources', {}));
    look(true);
    return rows.length;
  });
  if (own.rows !== peer.rows) throw new Error(`${own.rows} rows page by page, ${peer.rows} at once`);
  say(`${thousands(own.rows)} rows read: ${megabytes(own.bytes)} page by page, ${megabytes(peer.bytes)} kept`);
  return [
    {
      id: 'B5',
      what: `extra memory while ${thousands(own.rows)} rows are read`,
      goldbot: megabytes(own.bytes),
      peers: [`keep everything: ${megabytes(peer.bytes)}`],
      target: 'at most 25 MB',
      reached: own.bytes <= 25e6,
    },
  ];
}

type Reader = (azure: Parameters<typeof readPages>[0], look: (now?: boolean) => void) => Promise<number>;

async function extra(
  inventory: SeededInventory,
  read: Reader,
): Promise<{ readonly rows: number; readonly bytes: number }> {
  const client = new ResourceGraphClient(fakeCredential, {
    httpClient: {
      // The quota is B4's matter.
      sendRequest: async (request) => {
        inventory.clock.nowMs += 5_000;
        const answered = await inventory.httpClient.sendRequest(request);
        // What the sandbox remembers is none of goldbot's.
        forgetAnswers();
        return answered;
      },
    },
  });
  collect();
  const before = process.memoryUsage().heapUsed;
  let [most, pages] = [0, 0];
  const look = (now = false) => {
    pages += 1;
    if (!now && pages % pagesBetweenLooks !== 0) return;
    collect();
    most = Math.max(most, process.memoryUsage().heapUsed - before);
  };
  const rows = await read({ resourceGraph: () => client }, look);
  return { rows, bytes: most };
}
