import { expect, test } from 'vitest'

import { nextPath, router } from '@/router'

test.each([
  ['/alerts/e1', '/alerts/e1'],
  ['/subjects/s-1?x=1', '/subjects/s-1?x=1'],
  ['https://elsewhere.example/', '/'],
  ['//elsewhere.example', '/'],
  ['/\\elsewhere.example', '/'],
  ['javascript:alert(1)', '/'],
])('after signing in, %s leads to %s', (next, expected) => {
  expect(nextPath(router.resolve({ path: '/sign-in', query: { next } }))).toBe(expected)
})
