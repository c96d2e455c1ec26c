import { readFileSync } from 'node:fs'

import { describe, expect, test } from 'vitest'

import en from '@/i18n/en.json'
import zhCN from '@/i18n/zh-CN.json'
import { ALARMS, alarmsOf } from '@/map/alarms'

const golden = JSON.parse(readFileSync('../../tests/vectors/uplink/alarms.json', 'utf8')) as {
  alarms: string[]
}

describe('alarms', () => {
  test('are those of the wire, in its order', () => {
    expect(ALARMS).toEqual(golden.alarms)
  })

  test('have a word in both languages', () => {
    for (const messages of [zhCN, en]) {
      expect(Object.keys(messages.map.alarm)).toEqual(golden.alarms)
    }
  })

  test('are read from any bit, also where a shift would wrap', () => {
    golden.alarms.forEach((name, bit) => {
      expect(alarmsOf(2 ** bit)).toEqual([name])
    })
  })

  test('keep their neighbours apart in a full mask', () => {
    expect(alarmsOf(2 ** golden.alarms.length - 1)).toEqual(golden.alarms)
    expect(alarmsOf(0)).toEqual([])
    expect(alarmsOf(2 ** 48 + 2 ** 32 + 1)).toEqual(['sos', golden.alarms[32], golden.alarms[48]])
  })
})
