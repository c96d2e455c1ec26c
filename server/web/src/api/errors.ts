/** Everything that a call to the server may throw. */
export class ApiError extends Error {}

/** No answer: the network is down, the server is away, or it took too long. */
export class NetworkError extends ApiError {
  constructor() {
    super('the server did not answer')
    this.name = 'NetworkError'
  }
}

/** The server answered with a problem (RFC 9457). */
export class ProblemError extends ApiError {
  constructor(
    readonly status: number,
    readonly detail: string,
    readonly body: Readonly<Record<string, unknown>>,
    readonly retryAfterS: number | null,
  ) {
    super(`${String(status)} ${detail}`)
    this.name = 'ProblemError'
  }
}
