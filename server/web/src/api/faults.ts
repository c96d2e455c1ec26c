import type { ProblemError } from '@/api/errors'

/** A sentence in both languages. */
export interface Words {
  readonly zh: string
  readonly en: string
}

/** What of a request was wrong: a rule's fault has words and what is allowed, a form's has neither. */
export interface Fault {
  readonly pointer: string
  readonly detail: string | Words
  readonly allowed: Words | null
}

const MOST = 5

/** What the server names as wrong, at most five; none where it names no member. */
export function faultsOf(error: ProblemError): Fault[] {
  const given = error.body.errors
  if (!Array.isArray(given)) {
    return []
  }
  return (given as Record<string, unknown>[]).slice(0, MOST).map((one) => ({
    pointer: typeof one.pointer === 'string' ? one.pointer : '',
    detail: isWords(one.detail) ? one.detail : typeof one.detail === 'string' ? one.detail : '',
    allowed: isWords(one.allowed) ? one.allowed : null,
  }))
}

function isWords(value: unknown): value is Words {
  const words = value as Partial<Record<keyof Words, unknown>> | null
  return typeof words === 'object' && typeof words?.zh === 'string' && typeof words.en === 'string'
}
