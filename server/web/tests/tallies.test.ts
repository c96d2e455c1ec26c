import { describe, expect, test } from 'vitest'

import type { FeatureCollection, PositionColumns } from '@/api/types'
import { FIX_STALE_AFTER_MS, PositionTable } from '@/map/positions'
import { AreaIndex, areasIn } from '@/map/tallies'

type Corner = [number, number]

function box(west: number, south: number, east: number, north: number): Corner[] {
  return [
    [west, south],
    [east, south],
    [east, north],
    [west, north],
    [west, south],
  ]
}

function ground(org: string, level: string, parent: string | null, rings: Corner[][]): object {
  return {
    type: 'Feature',
    properties: { org, level, parent, name_zh: org, name_en: org },
    geometry: { type: 'Polygon', coordinates: rings },
  }
}

function boundaries(...features: object[]): FeatureCollection {
  return { type: 'FeatureCollection', datum: 'WGS84', features } as unknown as FeatureCollection
}

const TWO_COUNTIES = boundaries(
  ground('city', 'city', null, [box(119, 28, 121, 29)]),
  ground('west', 'county', 'city', [box(119, 28, 120, 29), box(119.4, 28.4, 119.6, 28.6)]),
  ground('office', 'office', 'west', [box(119, 28, 119.2, 28.2)]),
  ground('east', 'county', 'city', [box(120, 28, 121, 29)]),
)

const NOW_MS = 10_000_000

function table(...people: [device: string, holder: string, lon: number, lat: number, ageMs: number][]): PositionTable {
  const columns: PositionColumns = {
    feed_id: 1,
    device: people.map(([device]) => device),
    holder_kind: people.map(([, holder]) => (holder.startsWith('s') ? 'subject' : 'officer')),
    holder: people.map(([, holder]) => holder),
    label: people.map(() => ''),
    kind: people.map(() => 'wristband'),
    lon: people.map(([, , lon]) => Math.round(lon * 1e6)),
    lat: people.map(([, , , lat]) => Math.round(lat * 1e6)),
    fix_time_ms: people.map(([, , , , ageMs]) => NOW_MS - ageMs),
    accuracy_m: people.map(() => 8),
    battery_pct: people.map(() => 50),
    alarms: people.map(() => 0),
  }
  const filled = new PositionTable()
  filled.apply(columns, 0)
  return filled
}

describe('the areas of a map', () => {
  test('are counties, and offices only where their county is not drawn', () => {
    expect(areasIn(TWO_COUNTIES).map((area) => area.org).sort()).toEqual(['east', 'west'])
    const alone = boundaries(ground('office', 'office', 'west', [box(119, 28, 119.2, 28.2)]))
    expect(areasIn(alone).map((area) => area.org)).toEqual(['office'])
  })

  test('do not contain what lies in a hole, and of two that overlap the smaller one is meant', () => {
    const index = new AreaIndex(areasIn(TWO_COUNTIES))
    expect(index.at(119.5, 28.5)).toBeNull()
    expect(index.at(119.7, 28.5)?.org).toBe('west')
    expect(index.at(122, 28.5)).toBeNull()
    const nested = new AreaIndex(
      areasIn(
        boundaries(
          ground('wide', 'county', null, [box(119, 28, 121, 29)]),
          ground('inner', 'county', null, [box(119.1, 28.1, 119.2, 28.2)]),
        ),
      ),
    )
    expect(nested.at(119.15, 28.15)?.org).toBe('inner')
  })
})

describe('the tally of an area', () => {
  const index = new AreaIndex(areasIn(TWO_COUNTIES))
  const count = (filled: PositionTable, isFeedStale = false) =>
    new Map(
      index
        .count(filled, new Map([['s-2', 'major'], ['s-3', 'minor']]), NOW_MS, isFeedStale)
        .map(({ area, tally }) => [area.org, tally]),
    )

  test('counts people, not devices, by their newest fix, and no officers', () => {
    const tallies = count(
      table(
        ['wb-1', 's-1', 120.5, 28.5, 60_000],
        ['ph-1', 's-1', 119.3, 28.5, 1_000],
        ['ph-2', 'o-1', 119.3, 28.5, 1_000],
      ),
    )
    expect(tallies.get('west')?.subjects).toBe(1)
    expect(tallies.get('east')?.subjects).toBe(0)
  })

  test('has the worst state of those inside', () => {
    const tallies = count(
      table(
        ['wb-1', 's-1', 119.3, 28.5, 0],
        ['wb-2', 's-2', 119.3, 28.5, 0],
        ['wb-3', 's-3', 119.3, 28.5, 0],
      ),
    )
    expect(tallies.get('west')).toEqual({ subjects: 3, worst: 'major', alarmed: 2, isStale: false })
  })

  test('is stale when no fix in it is fresh, or the feed is silent', () => {
    const old = table(['wb-1', 's-1', 119.3, 28.5, FIX_STALE_AFTER_MS + 1])
    expect(count(old).get('west')?.isStale).toBe(true)
    const fresh = table(['wb-1', 's-1', 119.3, 28.5, 0])
    expect(count(fresh).get('west')?.isStale).toBe(false)
    expect(count(fresh, true).get('west')?.isStale).toBe(true)
  })

  test('follows a fix that moved on to the next county', () => {
    const filled = table(['wb-1', 's-1', 119.9, 28.5, 5_000])
    expect(count(filled).get('west')?.subjects).toBe(1)
    const moved = table(['wb-1', 's-1', 120.1, 28.5, 0])
    expect(count(moved).get('east')?.subjects).toBe(1)
  })
})
