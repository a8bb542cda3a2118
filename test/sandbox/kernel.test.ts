import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSandbox } from '../../sandbox';
import { compute } from '../../sandbox/azure/compute/section';
import { copyOf } from '../../sandbox/kernel/copy';
import { Router } from '../../sandbox/kernel/router';
import type { Face, SandboxRequest } from '../../sandbox/kernel/types';
import { World } from '../../sandbox/kernel/world';

const folder = mkdtempSync(join(tmpdir(), 'goldbot-kernel-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("the world's clock", () => {
  it('runs as many times faster as it is told, and not at all at zero', () => {
    let machine = 1_000;
    const { clock } = new World({ startMs: 0, speed: 120, machine: () => machine });

    machine += 500;
    const faster = clock.nowMs();
    clock.setSpeed(0);
    machine += 500;

    expect([faster, clock.nowMs()]).toEqual([60_000, 60_000]);
  });

  it('does not go back when the machine does, nor over a restart', () => {
    let machine = 50_000;
    const file = join(folder, 'back.json');
    const first = new World({ file, startMs: 0, speed: 10, machine: () => machine });
    machine += 1_000;
    const before = first.clock.nowMs();
    machine -= 30_000;
    expect(first.clock.nowMs()).toBe(before);
    machine += 30_000;
    first.close();

    machine -= 40_000;
    const second = new World({ file, machine: () => machine });

    expect(second.clock.nowMs()).toBe(before);
    second.close();
  });

  it('gains no more than ten seconds of machine time while nobody was there', () => {
    let machine = 0;
    const file = join(folder, 'away.json');
    new World({ file, startMs: 0, speed: 10, machine: () => machine }).close();

    machine += 24 * 3_600_000;
    const back = new World({ file, machine: () => machine });

    expect(back.clock.nowMs()).toBe(100_000);
    back.close();
  });
});

describe("the world's events", () => {
  it('happen when they come due, in the order of their times, those of one instant in the order of scheduling', () => {
    const world = new World({ startMs: 0, speed: 0 });
    const seen: string[] = [];
    world.on<string>('say', (word, at) => seen.push(`${word}@${at}`));
    world.schedule(2_000, 'say', 'second');
    world.schedule(1_000, 'say', 'first');
    world.schedule(2_000, 'say', 'third');
    world.schedule(99_000_000, 'say', 'never');

    world.settle();
    const early = [...seen];
    world.clock.advance(1);
    world.settle();

    expect(early).toEqual([]);
    expect(seen).toEqual(['first@1000', 'second@2000', 'third@2000']);
  });

  it('that one event schedules for the past happen at once', () => {
    const world = new World({ startMs: 5_000, speed: 0 });
    const seen: string[] = [];
    world.on<string>('chain', (word) => {
      seen.push(word);
      if (word === 'a') world.schedule(0, 'chain', 'b');
    });
    world.schedule(5_000, 'chain', 'a');

    world.settle();

    expect(seen).toEqual(['a', 'b']);
  });
});

it('says what to do about a world that cannot be read', () => {
  const file = join(folder, 'broken.json');
  writeFileSync(file, '{"world":');

  expect(() => new World({ file })).toThrow(/broken\.json cannot be read .*`npm run reset` starts a new world/);
});

describe('the router', () => {
  const router = new Router();
  const route = (path: string, host?: string) => ({
    method: 'GET',
    path,
    ...(host && { host }),
    handle: () => ({ status: 200 }),
  });
  router.add([
    route('/subscriptions/{id}/things/{thing}'),
    route('/files/{rest+}', '*.blob.core.windows.net'),
    route('/v3/{id}'),
  ]);
  const find = (url: string, face: Face = 'azure') => {
    const request: SandboxRequest = { face, method: 'GET', url: new URL(url), headers: {}, body: undefined };
    return router.find(request)?.params;
  };

  it('compares literal segments without case, as ARM does, and keeps the case of values', () => {
    expect(find('https://management.azure.com/SUBSCRIPTIONS/S1/Things/Big%20One')).toEqual({
      id: 'S1',
      thing: 'Big One',
    });
  });

  it('tells hosts apart on the azure face alone', () => {
    expect(find('https://logs.blob.core.windows.net/files/a/b.log')).toEqual({ rest: 'a/b.log' });
    expect(find('https://management.azure.com/files/a/b.log')).toBeUndefined();
    expect(find('http://127.0.0.1:3979/v3/19:x@thread.tacv2', 'teams')).toEqual({ id: '19:x@thread.tacv2' });
  });
});

describe('a copy', () => {
  it('is as deep as its original, keeps what only an attacker names, and leaves bytes and dates what they are', () => {
    const hostile = JSON.parse('{"__proto__": {"admin": true}, "list": [{"deep": [1, null]}]}');
    const original = { hostile, none: undefined, at: new Date(0), bytes: new Uint8Array([1]) };
    const copy = copyOf(original);
    expect(copy).toStrictEqual(original);
    expect(copy.hostile.admin).toBeUndefined();

    copy.hostile.list[0].deep.push(2);
    copy.at.setTime(1);
    copy.bytes[0] = 2;
    expect(original.hostile.list).toEqual([{ deep: [1, null] }]);
    expect([original.at.getTime(), original.bytes[0]]).toEqual([0, 1]);
  });

  it('of the story is what each world begins with, so that they share nothing', () => {
    const begun = () => compute(createSandbox({ speed: 0, startMs: 0 }).world).resources;
    const [one, other] = [begun(), begun()];
    expect(one).toEqual(other);
    for (const resource of Object.values(one)) resource.properties['marked'] = true;
    expect(Object.values(other).filter(({ properties }) => 'marked' in properties)).toEqual([]);
    expect(Object.values(begun()).filter(({ properties }) => 'marked' in properties)).toEqual([]);
  });
});
