import { describe, expect, test } from 'vitest'

import { faultOf, instantOf, localOf, orNull } from '@/ui/acts'

describe('what a field takes', () => {
  test('an empty field is missing unless it may be left out', () => {
    const field = { id: 'a', text: 'a', kind: 'text' } as const
    expect(faultOf(field, '  ')).toEqual({ word: 'act.missing' })
    expect(faultOf({ ...field, isOptional: true }, '  ')).toBeNull()
  })
  test('a text is as long as the server takes', () => {
    const field = { id: 'a', text: 'a', kind: 'area', least: 4, most: 6 } as const
    expect(faultOf(field, 'abc')?.word).toBe('act.length')
    expect(faultOf(field, 'abcdefg')?.word).toBe('act.length')
    expect(faultOf(field, 'abcd')).toBeNull()
  })
  test('a number is one, and within its bounds', () => {
    const field = { id: 'a', text: 'a', kind: 'number', least: 1, most: 9 } as const
    expect(faultOf(field, 'x')?.word).toBe('act.outOfRange')
    expect(faultOf(field, '10')?.word).toBe('act.outOfRange')
    expect(faultOf(field, '9')).toBeNull()
  })
  test('times are entered in Beijing time, wherever the browser stands', () => {
    expect(instantOf('2026-11-23T08:00')).toBe('2026-11-23T00:00:00.000Z')
    expect(localOf(Date.parse('2026-11-22T23:30:00Z'))).toBe('2026-11-23T07:30')
  })
  test('nothing entered is nothing said', () => {
    expect(orNull(undefined)).toBeNull()
    expect(orNull('  ')).toBeNull()
    expect(orNull(' a ')).toBe('a')
  })
})
