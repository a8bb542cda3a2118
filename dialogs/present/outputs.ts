import type { OutputView } from '../../cards';
import type { OutputTarget } from '../../core/azure';
import { outputHome, outputName } from '../../core/images';
import { type FixedPlan, type PublishRun, unmadeOutputs } from '../../core/runs';
import type { Deps } from '../conversation';
import { ifKnown } from './versions';

/**
 * Where each output of a version is: what goldbot has recorded, and what Azure says of it now. One question for each that
 * was made, at most two. Empty for a version of whose plan nothing is known.
 */
export function outputViews(
  run: PublishRun | undefined,
  version: string,
  deps: Pick<Deps, 'read'>,
): Promise<readonly OutputView[]> {
  const { fixed } = run?.plan ?? {};
  if (!run || fixed?.version !== version) return Promise.resolve([]);
  const made = madeOutputs(run);
  return Promise.all(
    (fixed.outputs ?? []).map(async (output) => ({
      what: outputName(output),
      place: output.place,
      ...(made.includes(output) ? await standing(output, run.id, deps) : unmade(run)),
    })),
  );
}

type Standing = Pick<OutputView, 'mark' | 'detail'>;

function unmade({ outcome }: PublishRun): Standing {
  return outcome === null ? { mark: 'todo', detail: 'not made yet' } : { mark: 'skipped', detail: 'was not made' };
}

async function standing(output: OutputTarget, runId: string, { read }: Pick<Deps, 'read'>): Promise<Standing> {
  const asked = await ifKnown(read.output(output).then((found) => ({ found })));
  if (!asked) return { mark: 'todo', detail: 'Azure did not say whether it is there' };
  const { found } = asked;
  if (!found) return { mark: 'failed', detail: 'somebody deleted it' };
  if ((found.runId ?? runId) !== runId) return { mark: 'needs-person', detail: `another one, made by ${found.runId}` };
  return found.state === 'ready' ? { mark: 'done', detail: 'in place' } : { mark: 'needs-person', detail: found.state };
}

/** What Azure has shown of the plan's outputs. */
export function madeOutputs(run: PublishRun): readonly OutputTarget[] {
  const unmade = unmadeOutputs(run);
  return (run.plan.fixed?.outputs ?? []).filter((output) => !unmade.includes(output));
}

/** A sentence for each output of the plan that there is none of, once the run is over. */
export function missingOutputs(run: PublishRun): readonly string[] {
  const why = run.data.distribution?.missing;
  return unmadeOutputs(run).map((output) => `There is no ${outputName(output)}${why === undefined ? '' : `: ${why}`}`);
}

/** `managed image ubuntu-22-1.6.0 in rg-golden-images`; of a VHD its address. */
export function outputPlace(output: OutputTarget): string {
  return output.kind === 'vhd' ? `VHD ${output.place}` : `${outputName(output)} in ${outputHome(output)}`;
}

/** What will be made and where, before there is a name: `managed image in rg-golden-images`. */
export function plannedOutputs({ outputs }: FixedPlan): { readonly outputs?: readonly string[] } {
  const words = { 'managed-image': 'managed image', vhd: 'VHD' } as const;
  return outputs ? { outputs: outputs.map((output) => `${words[output.kind]} in ${outputHome(output)}`) } : {};
}
