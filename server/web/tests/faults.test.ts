import { describe, expect, test } from 'vitest'

import { ProblemError } from '@/api/errors'
import { faultsOf } from '@/api/faults'

const problem = (errors: unknown): ProblemError => new ProblemError(409, 'no', { errors }, null)

describe('what a refusal names', () => {
  test('a rule has words in both languages and what is allowed', () => {
    const detail = { zh: '不晚于起始时间', en: 'not later' }
    const allowed = { zh: '晚于起始时间', en: 'later' }
    expect(faultsOf(problem([{ pointer: '/to_time', rule: 'order', detail, allowed }]))).toEqual([
      { pointer: '/to_time', detail, allowed },
    ])
  })
  test('a form has one sentence', () => {
    expect(faultsOf(problem([{ pointer: '/a', detail: 'is missing' }]))).toEqual([
      { pointer: '/a', detail: 'is missing', allowed: null },
    ])
  })
  test('whatever else an answer has is no fault', () => {
    expect(faultsOf(problem(undefined))).toEqual([])
    expect(faultsOf(problem([{ detail: 7 }, { detail: { zh: 'x' } }]))).toEqual([
      { pointer: '', detail: '', allowed: null },
      { pointer: '', detail: '', allowed: null },
    ])
    expect(faultsOf(problem(Array(9).fill({})))).toHaveLength(5)
  })
})
