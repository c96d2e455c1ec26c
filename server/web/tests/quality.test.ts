import { describe, expect, test } from 'vitest'

import { setLocale } from '@/i18n'
import { keyWord, percent } from '@/quality/figures'
import '@/quality/words'

describe('what a row of figures is about', () => {
  test('a rule and the use of a fence have words', () => {
    setLocale('en')
    expect(keyWord('rule', 'strap')).toBe('Strap cut or opened')
    expect(keyWord('fence_kind', 'curfew')).toBe('Within at hours')
  })

  test('what it is about may be nothing, and is then said so', () => {
    setLocale('zh-CN')
    expect(keyWord('fence_kind', '')).toBe('不涉及围栏')
    expect(keyWord('device_model', '')).toBe('型号不明')
    expect(keyWord('device', '')).toBe('–')
  })

  test('what has no words is shown by its id', () => {
    expect(keyWord('org', 'office-1')).toBe('office-1')
    expect(keyWord('device_model', 'WB-2')).toBe('WB-2')
  })

  test('a share is told in whole percents', () => {
    expect(percent(2 / 3)).toBe('67 %')
  })
})
