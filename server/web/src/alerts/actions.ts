import { acknowledgeAlert, getAlert } from '@/api/calls'
import { ApiError, NetworkError, ProblemError } from '@/api/errors'
import type { Alert, AlertStep } from '@/api/types'

/** How an action ended. */
export type ActionResult =
  | { kind: 'done'; alert: Alert }
  | { kind: 'network' }
  | { kind: 'refused'; status: number; detail: string }
  /** Someone else changed the alert first; `by` is their step, when it can be told. */
  | { kind: 'faster'; current: Alert; by: AlertStep | null }
  /** Only the engine's view of it changed. */
  | { kind: 'changed'; current: Alert }

/** The last step that a person took. */
export function lastPersonStep(alert: Alert): AlertStep | null {
  return alert.steps?.findLast((step) => step.by_login !== null) ?? null
}

/** Run an action on the alert that the person saw and say how it ended. */
export async function runAction(seen: Alert, call: () => Promise<Alert>): Promise<ActionResult> {
  try {
    return { kind: 'done', alert: await call() }
  } catch (error) {
    if (error instanceof NetworkError) {
      return { kind: 'network' }
    }
    if (!(error instanceof ProblemError)) {
      throw error
    }
    if (error.status !== 412) {
      return { kind: 'refused', status: error.status, detail: error.detail }
    }
    return explainConflict(seen, error)
  }
}

/**
 * Take an alert on as it is now: routing changes it without changing what it says.
 *
 * @throws ProblemError 412 when a person has acted on it meanwhile.
 */
export async function takeOn(seen: Alert): Promise<Alert> {
  let version = seen.version
  for (;;) {
    try {
      return await acknowledgeAlert(seen.id, version)
    } catch (error) {
      const current = currentOf(error)
      if (current === undefined || current.state !== seen.state || current.version <= version) {
        throw error
      }
      version = current.version
    }
  }
}

/** What a 412 says that the alert is by now. */
function currentOf(error: unknown): Alert | undefined {
  return error instanceof ProblemError && error.status === 412
    ? (error.body.current as Alert | undefined)
    : undefined
}

async function explainConflict(seen: Alert, problem: ProblemError): Promise<ActionResult> {
  const current = await withSteps(problem.body.current as Alert | undefined, seen.id)
  if (current === null) {
    return { kind: 'refused', status: problem.status, detail: problem.detail }
  }
  return current.state === seen.state
    ? { kind: 'changed', current }
    : { kind: 'faster', current, by: lastPersonStep(current) }
}

async function withSteps(current: Alert | undefined, id: string): Promise<Alert | null> {
  if (current?.steps !== undefined) {
    return current
  }
  try {
    return await getAlert(id)
  } catch (error) {
    if (error instanceof ApiError) {
      return current ?? null
    }
    throw error
  }
}
