import { ApiError, ProblemError } from '@/api/errors'

/** Key and values of a message that says why a step of the sign-in was refused. */
export interface Complaint {
  key: string
  values: Record<string, number>
}

/**
 * Return how to say a refusal.
 *
 * @param words the message of some statuses; the others have one for every step.
 * @throws what is no answer of the server.
 */
export function complaintOf(error: unknown, words: Record<number, string>): Complaint {
  if (!(error instanceof ApiError)) {
    throw error
  }
  if (!(error instanceof ProblemError)) {
    return { key: 'signIn.network', values: {} }
  }
  const own = words[error.status]
  if (own !== undefined) {
    return { key: own, values: {} }
  }
  return error.status === 429
    ? { key: 'signIn.locked', values: { n: error.retryAfterS ?? 60 } }
    : { key: 'signIn.unavailable', values: { status: error.status } }
}
