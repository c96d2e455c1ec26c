import { describe, expect, test } from 'vitest'

import { AlertBook, gradeBySubject } from '@/alerts/queue'
import { lastPersonStep } from '@/alerts/actions'
import type { Alert, AlertStep } from '@/api/types'

function makeAlert(change: Partial<Alert> = {}): Alert {
  return {
    id: 'e1',
    version: 1,
    rule: 'exclusion',
    category: 'violation',
    title: null,
    explanation: null,
    severity: 'critical',
    state: 'open',
    condition: 'active',
    verdict: null,
    subject: { id: 's-1', name: '张三' },
    device: 'wb-000001',
    fence: null,
    begin_time: '2026-11-22T01:02:03Z',
    end_time: null,
    late: false,
    raised_at: '2026-11-22T01:02:05.123456Z',
    evidence: {},
    org: 'office-1',
    due_at: null,
    level: 0,
    assigned_to: null,
    shelved_until: null,
    shelved_from: null,
    group_id: null,
    held_by: null,
    held_as: null,
    device_model: null,
    fence_kind: null,
    ...change,
  }
}

const RAISED: AlertStep = {
  step: 'raised',
  by_login: null,
  by_name: null,
  note: null,
  verdict: null,
  at: '2026-11-22T01:02:05Z',
  body: {},
}

describe('the alert book', () => {
  test('an older version never replaces a newer one', () => {
    const book = new AlertBook()
    book.take(makeAlert({ version: 2, state: 'acknowledged' }))
    expect(book.take(makeAlert({ version: 1 }))).toBe(false)
    expect(book.get('e1')?.state).toBe('acknowledged')
  })

  test('the same version without steps does not lose the steps', () => {
    const book = new AlertBook()
    book.take(makeAlert({ steps: [RAISED] }))
    book.take(makeAlert())
    expect(book.get('e1')?.steps).toEqual([RAISED])
  })

  test('queues hold their state only, newest first, whatever the digits of the second', () => {
    const book = new AlertBook()
    book.take(makeAlert({ id: 'a', raised_at: '2026-11-22T01:00:00Z' }))
    book.take(makeAlert({ id: 'b', raised_at: '2026-11-22T01:00:00.250Z' }))
    book.take(makeAlert({ id: 'c', raised_at: '2026-11-22T00:59:59.9Z' }))
    book.take(makeAlert({ id: 'd', state: 'resolved', verdict: 'false' }))
    expect(book.inState('open').map((alert) => alert.id)).toEqual(['b', 'a', 'c'])
  })
})

describe('the grade of a subject', () => {
  test('is that of the gravest alert that is not resolved', () => {
    const grades = gradeBySubject([
      makeAlert({ id: 'a', severity: 'minor' }),
      makeAlert({ id: 'b', severity: 'major', state: 'acknowledged' }),
      makeAlert({ id: 'c', severity: 'critical', state: 'resolved', verdict: 'false' }),
    ])
    expect(grades.get('s-1')).toBe('major')
  })

  test('comes from no alert about an organisation', () => {
    expect(gradeBySubject([makeAlert({ subject: null, device: null })]).size).toBe(0)
  })

  test('is absent without an open matter', () => {
    expect(gradeBySubject([makeAlert({ state: 'resolved', verdict: 'excused' })]).size).toBe(0)
  })
})

test('the last step of a person is found behind later steps of the engine', () => {
  const byPerson: AlertStep = { ...RAISED, step: 'acknowledged', by_login: 'officer-1' }
  const cleared: AlertStep = { ...RAISED, step: 'cleared' }
  expect(lastPersonStep(makeAlert({ steps: [RAISED, byPerson, cleared] }))).toBe(byPerson)
  expect(lastPersonStep(makeAlert({ steps: [RAISED, cleared] }))).toBeNull()
})
