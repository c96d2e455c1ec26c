import { describe, expect, test } from 'vitest'

import type { PositionColumns } from '@/api/types'
import { FIX_STALE_AFTER_MS, PositionTable, lookOf, project } from '@/map/positions'

interface Row {
  device?: string
  lon?: number
  lat?: number
  fixTimeMs?: number
  batteryPct?: number
}

function columns(...rows: Row[]): PositionColumns {
  return {
    feed_id: 1,
    device: rows.map((row) => row.device ?? 'wb-1'),
    holder_kind: rows.map(() => 'subject'),
    holder: rows.map((row) => `s-${row.device ?? 'wb-1'}`),
    label: rows.map(() => '张三'),
    kind: rows.map(() => 'wristband'),
    lon: rows.map((row) => row.lon ?? 119_900_000),
    lat: rows.map((row) => row.lat ?? 28_400_000),
    fix_time_ms: rows.map((row) => row.fixTimeMs ?? 1_000),
    accuracy_m: rows.map(() => 8),
    battery_pct: rows.map((row) => row.batteryPct ?? 50),
    alarms: rows.map(() => 0),
  }
}

describe('the position table', () => {
  test('takes micro-degrees as degrees', () => {
    const table = new PositionTable()
    table.apply(columns({}), 0)
    expect(table.find('wb-1')).toMatchObject({ longitudeDeg: 119.9, latitudeDeg: 28.4 })
  })

  test('an older fix that comes later changes nothing', () => {
    const table = new PositionTable()
    table.apply(columns({ fixTimeMs: 2_000 }), 0)
    table.apply(columns({ fixTimeMs: 1_000, lon: 120_000_000 }), 10)
    expect(table.find('wb-1')?.longitudeDeg).toBe(119.9)
  })

  test('a symbol glides to the new fix and ends exactly on it', () => {
    const table = new PositionTable()
    table.apply(columns({ fixTimeMs: 1_000 }), 0)
    table.apply(columns({ fixTimeMs: 2_000, lon: 119_901_000 }), 5_000)
    const [fromX] = project(119.9, 28.4)
    const [toX, toY] = project(119.901, 28.4)
    const [midX] = table.drawnAt(0, 5_400)
    expect(midX).toBeGreaterThan(fromX)
    expect(midX).toBeLessThan(toX)
    expect(table.drawnAt(0, 99_000)).toEqual([toX, toY])
  })

  test('a jump of kilometres is shown at once', () => {
    const table = new PositionTable()
    table.apply(columns({ fixTimeMs: 1_000 }), 0)
    table.apply(columns({ fixTimeMs: 2_000, lon: 120_900_000 }), 5_000)
    expect(table.drawnAt(0, 5_000)).toEqual(project(120.9, 28.4))
  })

  test('a snapshot forgets what it lacks but keeps what came after it was asked for', () => {
    const table = new PositionTable()
    table.apply(columns({ device: 'gone' }), 100)
    table.apply(columns({ device: 'new' }), 300)
    table.replace(columns({ device: 'listed' }), 200, 400)
    expect(table.find('gone')).toBeUndefined()
    expect(table.find('new')?.device).toBe('new')
    expect(table.find('listed')?.device).toBe('listed')
    expect(table.size).toBe(2)
  })

  test('the newest device of a person answers for the person', () => {
    const table = new PositionTable()
    const both = columns({ device: 'a', fixTimeMs: 5 }, { device: 'b', fixTimeMs: 9 })
    table.apply({ ...both, holder: ['s-1', 's-1'] }, 0)
    expect(table.findHolder('s-1')?.device).toBe('b')
  })
})

describe('the look of a symbol', () => {
  const table = new PositionTable()
  table.apply(columns({ fixTimeMs: 1_000 }), 0)
  const position = table.find('wb-1')
  if (position === undefined) {
    throw new Error('the table lost its row')
  }

  test('fades with an old fix and keeps its shape', () => {
    const fresh = lookOf(position, 'critical', 1_000 + FIX_STALE_AFTER_MS, false)
    const old = lookOf(position, 'critical', 1_001 + FIX_STALE_AFTER_MS, false)
    expect(fresh).toEqual({ form: 'critical', isStale: false })
    expect(old).toEqual({ form: 'critical', isStale: true })
  })

  test('fades when the whole feed is silent', () => {
    expect(lookOf(position, undefined, 1_000, true)).toEqual({ form: 'calm', isStale: true })
  })

  test('of an officer is never that of a subject', () => {
    const officer = { ...position, holderKind: 'officer' as const }
    expect(lookOf(officer, 'critical', 1_000, false).form).toBe('officer')
  })
})
