import { get as httpGet } from 'node:http';
import { get as httpsGet } from 'node:https';

const mostBytes = 1_000_000;

/**
 * What is at this address, as JSON; no redirect is followed. Not by `fetch`, which knows of no proxy.
 *
 * @throws Error when there is no such answer within `ms` of machine time.
 */
export async function getJson(url: string, ms: number): Promise<unknown> {
  const get = url.startsWith('https:') ? httpsGet : httpGet;
  const signal = AbortSignal.timeout(ms);
  const text = await new Promise<string>((done, fail) => {
    const asked = get(url, { headers: { accept: 'application/json' }, signal }, async (response) => {
      try {
        if (response.statusCode !== 200) throw new Error(`${url} answered ${response.statusCode}`);
        let whole = '';
        for await (const chunk of response.setEncoding('utf8')) {
          whole += chunk;
          if (whole.length > mostBytes) throw new Error(`${url} answered with more than ${mostBytes} bytes`);
        }
        done(whole);
      } catch (error) {
        asked.destroy();
        fail(error);
      }
    });
    asked.once('error', (cause) => fail(new Error(`${url}: ${cause.message}`, { cause })));
  });
  return JSON.parse(text);
}
