import { describe, expect, test } from 'vitest'

import { aboutWhom, distanceIsTo, ruleName, verdictsFor } from '@/alerts/words'
import { VERDICTS } from '@/api/types'
import { setLocale } from '@/i18n'

const subject = { id: 's-1', name: '张三' }
const title = { zh: '心率异常', en: 'Unusual heart rate' }

describe('words of an alert', () => {
  test('a rule that the console knows has its own name', () => {
    setLocale('en')
    expect(ruleName({ rule: 'low_battery', title })).toBe('Battery low')
  })

  test('a rule that it does not know has the title of the engine', () => {
    setLocale('en')
    expect(ruleName({ rule: 'heart_rate_high', title })).toBe('Unusual heart rate')
    setLocale('zh-CN')
    expect(ruleName({ rule: 'heart_rate_high', title })).toBe('心率异常')
  })

  test("the engine's English title begins with a capital, as the console's own", () => {
    setLocale('en')
    expect(ruleName({ rule: 'curfew', title: { zh: '违反宵禁规定', en: 'curfew not kept' } })).toBe(
      'Curfew not kept',
    )
  })

  test("a pair's distance is to the other person, not to a border, and may be absent", () => {
    const report = { fix_time: '2026-11-22T02:00:00Z', boot: 1, seq: 1 }
    const near = { ...report, distance_m: 49 }
    expect(distanceIsTo('no_contact', [near])).toBe('other')
    expect(distanceIsTo('curfew', [report, near])).toBe('border')
    expect(distanceIsTo('low_battery', [report])).toBeNull()
  })

  test('a rule without any words is shown by its id', () => {
    expect(ruleName({ rule: 'heart_rate_high', title: null })).toBe('heart_rate_high')
  })

  test.each(['care', 'notice'] as const)('%s cannot be confirmed', (category) => {
    expect(verdictsFor({ category, subject })).toEqual(['false', 'technical', 'excused'])
  })

  test('a violation may be given every verdict', () => {
    expect(verdictsFor({ category: 'violation', subject })).toEqual(VERDICTS)
  })

  test('what is about an organisation names it and cannot be confirmed', () => {
    expect(aboutWhom({ subject: null, org: 'office-1' })).toBe('office-1')
    expect(aboutWhom({ subject, org: 'office-1' })).toBe('张三')
    expect(verdictsFor({ category: 'device', subject: null })).not.toContain('confirmed')
  })
})
