import { patientAtDesk } from '../../app/desk';
import { examined } from '../../app/examination';
import { createSandbox } from '../../sandbox';
import { sandboxHttpClient } from '../sandbox/client';

/** The doctor of a desk whose Azure is a sandbox in the same process: no host of Azure is reached from here. */
const { sandbox } = createSandbox({ speed: 0, startMs: Date.now(), azure: { throttle: false } });
const identity = process.env['IDENTITY'];
void patientAtDesk({
  environment: process.env,
  identity,
  httpClient: sandboxHttpClient(sandbox),
})
  .then(examined)
  .then(({ lines, exitCode }) => process.stdout.write([...lines, `ends with ${exitCode}`, ''].join('\n')));
