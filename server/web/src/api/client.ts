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

export interface RequestOptions {
  method?: 'GET' | 'POST' | 'DELETE'
  body?: object
  headers?: Record<string, string>
  signal?: AbortSignal
  /** A 401 here is an answer (a wrong password), not a lost session. */
  isSignIn?: boolean
}

/**
 * Call the server and return its JSON (undefined for 204).
 *
 * @throws NetworkError when there is no answer, ProblemError when the answer is a refusal.
 */
export async function request<T>(path: string, options: RequestOptions = {}): Promise<T> {
  const response = await send(path, options)
  if (response.ok) {
    return (response.status === 204 ? undefined : await readJson(response)) as T
  }
  const problem = await readProblem(response)
  if (response.status === 401 && options.isSignIn !== true) {
    onSignedOut()
  }
  throw problem
}

async function send(path: string, options: RequestOptions): Promise<Response> {
  const method = options.method ?? 'GET'
  const headers: Record<string, string> = { Accept: 'application/json', ...options.headers }
  if (method !== 'GET') {
    headers['X-CSRF-Token'] = csrfToken
  }
  if (options.body !== undefined) {
    headers['Content-Type'] = 'application/json'
  }
  const timeout = AbortSignal.timeout(TIMEOUT_MS)
  try {
    return await fetch(`/api/v1${path}`, {
      method,
      headers,
      credentials: 'same-origin',
      cache: 'no-store',
      signal: options.signal ? AbortSignal.any([options.signal, timeout]) : timeout,
      ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
    })
  } catch (error) {
    if (options.signal?.aborted === true) {
      throw error
    }
    throw new NetworkError()
  }
}

async function readJson(response: Response): Promise<unknown> {
  try {
    return await response.json()
  } catch {
    throw new NetworkError()
  }
}

async function readProblem(response: Response): Promise<ProblemError> {
  let body: Record<string, unknown> = {}
  try {
    body = (await response.json()) as Record<string, unknown>
  } catch {
    // A proxy's error page is not JSON; the status still says what happened.
  }
  const detail = typeof body.detail === 'string' ? body.detail : response.statusText
  const retryAfter = Number(response.headers.get('Retry-After') ?? Number.NaN)
  return new ProblemError(
    response.status,
    detail,
    body,
    Number.isFinite(retryAfter) ? retryAfter : null,
  )
}
