import { type JsonObject, listOf, type Run, type RunError, type RunState, type Template, textOf } from './section';

/** How a run ended, and what Image Builder says about it. */
export interface Outcome {
  readonly state: RunState;
  readonly error?: RunError;
}

const review = 'For more troubleshooting steps go to https://aka.ms/azvmimagebuilderts.';

/** Id of the storage account of a template's staging group. */
export function stagingAccount({ staging }: Template): string {
  return `${staging?.groupId}/providers/Microsoft.Storage/storageAccounts/${staging?.account}`;
}

/** ARM refuses a deployment for what it says of one of its resources. */
export function deploymentFailed(detail: JsonObject): string {
  return `Code="InvalidTemplateDeployment" Message="The template deployment failed with error: 'The template deployment 'pkrdp' is not valid according to the validation procedure. See inner errors for details.'" Details=${JSON.stringify([detail])}`;
}

/** A customizer or validator failed; the message says where its log is. */
export function packerFailed(template: Template, run: Run, file: 'customization' | 'validation'): RunError {
  const place = `${stagingAccount(template)}/blobServices/default/containers/packerlogs/${run.id}/${file}.log`;
  const message = `During the image build a failure has occurred. Packer build logs are at location ${place}. Please review the build log to identify which build/customization step failed. ${review} Use this operationId ${run.id} to search packer logs.`;
  return { code: 'PackerBuildFailed', message };
}

/** `buildTimeoutInMinutes` has passed. The code is the sandbox's choice: only the message is documented. */
export function timedOut(run: Run): RunError {
  const message = `Deployment failed. Correlation ID: ${run.id}. Failed in building/customizing image: Failed while waiting for packerizer: Timeout waiting for microservice to complete: 'context deadline exceeded'`;
  return { code: 'ImageBuildTimeout', message };
}

const generic = 'Internal error occurred. This is a generic error and may be caused by a bad request.';

/** An output could not be made, or was not in time: the run says which and why, its operation says neither. */
export function distributionFailed(run: Run, errors: readonly string[], total: number): RunError {
  const failed = `Failed in distributing ${errors.length} images out of total ${total}`;
  const message = `Deployment failed. Correlation ID: ${run.id}. ${failed}: {${errors.join(' ')}}`;
  const code = 'InternalOperationError';
  return {
    code,
    message,
    inOperation: { code, message: `${failed}. ${generic}`, details: [{ code, message: generic }] },
  };
}

/** How a run ends at this moment, given what is known about it. */
export function outcomeOf(template: Template, run: Run, atMs: number): Outcome {
  const { errors = [], total = 0, readyMs } = run.distribution ?? {};
  const done = run.distribution ? (readyMs ?? 0) <= atMs : run.guest === undefined && run.builtMs <= atMs;
  if (!done) {
    const late = lateOutputs(template);
    return { state: 'Failed', error: run.distribution ? distributionFailed(run, late, total) : timedOut(run) };
  }
  if (run.refusal !== undefined) {
    const { code = 'ImageBuildNotStarted', said } = run.refusal;
    return { state: 'Failed', error: { code, message: `${said} ${review}` } };
  }
  if (run.failure) {
    return {
      state: 'Failed',
      error: packerFailed(template, run, run.failure === 'validating' ? 'validation' : 'customization'),
    };
  }
  if (errors.length === 0) return { state: 'Succeeded' };
  const state = errors.length < total ? 'PartiallySucceeded' : 'Failed';
  return { state, error: distributionFailed(run, errors, total) };
}

/** Every output that is still being copied when the time is over. */
function lateOutputs({ properties, location }: Template): readonly string[] {
  return listOf(properties['distribute']).map(
    (output, i) =>
      `[Error ${i}] [Distribute ${i}] Error publishing MDI to Azure Compute Gallery:${textOf(output['galleryImageId'])}, Location:${location}. Error: Future#WaitForCompletion: context has been cancelled: StatusCode=200 -- Original Error: context deadline exceeded`,
  );
}
