import { expect, test } from 'vitest'

import { clockText, dateText, spanOf } from '@/ui/time'

test('times are those of Beijing wherever the computer stands', () => {
  const ms = Date.parse('2026-11-21T16:02:03Z')
  expect(dateText(ms)).toBe('2026-11-22')
  expect(clockText(ms)).toBe('00:02:03')
})

test.each([
  [-5_000, { unit: 'seconds', n: 0 }],
  [59_999, { unit: 'seconds', n: 59 }],
  [60_000, { unit: 'minutes', n: 1 }],
  [3_599_999, { unit: 'minutes', n: 59 }],
  [172_799_999, { unit: 'hours', n: 47 }],
  [172_800_000, { unit: 'days', n: 2 }],
])('an age of %i ms is rounded down to its largest unit', (durationMs, span) => {
  expect(spanOf(durationMs)).toEqual(span)
})
