import createClient from 'openapi-fetch'

import type { paths } from '@contract'

import { NetworkError, ProblemError } from '@/api/errors'

/** How long a call may take before it counts as unanswered. */
const TIMEOUT_MS = 15_000

let csrfToken = ''
let onSignedOut: () => void = () => undefined

/** Remember the token that every unsafe method must carry. */
export function useCsrfToken(token: string): void {
  csrfToken = token
}

/** Register what happens when the server no longer knows our session. */
export function whenSignedOut(handler: () => void): void {
  onSignedOut = handler
}

/** Every call of the contract, typed by it: paths, places, queries, bodies and answers. */
export const server = createClient<paths>({
  baseUrl: globalThis.location.origin,
  credentials: 'same-origin',
  cache: 'no-store',
  headers: { Accept: 'application/json' },
  fetch: send,
})

interface Outcome<T> {
  data?: T
  error?: unknown
  response: Response
}

/**
 * Return what a call was answered (undefined for 204).
 *
 * @param isSignIn a 401 here is an answer (a wrong password), not a lost session.
 * @throws NetworkError when there is no answer, ProblemError when the answer is a refusal.
 */
export async function answered<T>(call: Promise<Outcome<T>>, isSignIn = false): Promise<T> {
  const outcome = await call.catch((error: unknown) => {
    // An answer that is no JSON is a proxy's, not the server's.
    throw error instanceof SyntaxError ? new NetworkError() : error
  })
  if (outcome.response.ok) {
    return outcome.data as T
  }
  if (outcome.response.status === 401 && !isSignIn) {
    onSignedOut()
  }
  throw problem(outcome)
}

async function send(request: Request): Promise<Response> {
  if (request.method !== 'GET') {
    request.headers.set('X-CSRF-Token', csrfToken)
  }
  const timeout = AbortSignal.timeout(TIMEOUT_MS)
  try {
    return await fetch(request, { signal: AbortSignal.any([request.signal, timeout]) })
  } catch (error) {
    if (request.signal.aborted) {
      throw error
    }
    throw new NetworkError()
  }
}

function problem({ error, response }: Outcome<unknown>): ProblemError {
  // A proxy's error page is not JSON; the status still says what happened.
  const body = typeof error === 'object' && error !== null ? (error as Record<string, unknown>) : {}
  const detail = typeof body.detail === 'string' ? body.detail : response.statusText
  const retryAfter = Number(response.headers.get('Retry-After') ?? Number.NaN)
  return new ProblemError(
    response.status,
    detail,
    body,
    Number.isFinite(retryAfter) ? retryAfter : null,
  )
}

/** The version that the person saw; the server answers 412 when someone was faster. */
export const ifMatch = (version: number): { 'if-match': string } => ({
  'if-match': `"${String(version)}"`,
})

/** Names one request: repeating it under the same key changes nothing. */
export const underKey = (key: string): { 'Idempotency-Key': string } => ({ 'Idempotency-Key': key })

/** The query's part that asks for the page after this one. */
export const after = (cursor: string | null): { cursor?: string } =>
  cursor === null ? {} : { cursor }
