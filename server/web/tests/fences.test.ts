import { describe, expect, test } from 'vitest'

import { crossesItself, faultsOf, fileOf, shapeOf, windowsOf, type FenceDraft } from '@/fences/draft'
import { draftsOf, geoJsonOf } from '@/fences/files'
import { covers } from '@/fences/inside'

const draft: FenceDraft = {
  fence: 'f-1',
  isKnown: false,
  org: 'county-a',
  name: '仓库',
  use: 'exclusion',
  datum: 'WGS84',
  shape: { kind: 'circle', centre: [120, 30], radiusM: 300 },
  subjects: ['s-1'],
  schedule: 'sch-old',
  hours: null,
}

describe('a fence that is drawn', () => {
  test('is sent as the registry takes it, with its schedule left alone', () => {
    const file = fileOf(draft, 'sch-new', '2026-11-23T00:00:00Z')
    expect(file.schedules).toEqual([])
    expect(file.fences?.[0]).toMatchObject({
      geometry: { type: 'Point', coordinates: [120, 30] },
      radius_m: 300,
      schedule: 'sch-old',
    })
  })
  test('takes the hours that were drawn, and none when they were cleared', () => {
    const drawn = fileOf({ ...draft, hours: new Set([22, 23, 46, 47]) }, 'sch-new', 'x')
    expect(drawn.schedules?.[0]?.windows).toEqual([{ start: '22:00', end: '24:00', days: [1, 2] }])
    expect(drawn.fences?.[0]?.schedule).toBe('sch-new')
    const cleared = fileOf({ ...draft, hours: new Set() }, 'sch-new', 'x')
    expect(cleared.fences?.[0]?.schedule).toBeNull()
  })
  test('is not sent while its border crosses itself', () => {
    const bow = [[0, 0], [1, 1], [1, 0], [0, 1]] as const
    expect(crossesItself(bow)).toBe(true)
    expect(crossesItself([[0, 0], [1, 0], [1, 1], [0, 1]])).toBe(false)
    expect(faultsOf({ ...draft, shape: { kind: 'polygon', ring: bow } })).toEqual(['crosses'])
  })
  test('has no hours that are apart on the same day in one window', () => {
    expect(windowsOf(new Set([0, 2]))).toEqual([
      { start: '00:00', end: '01:00', days: [1] },
      { start: '02:00', end: '03:00', days: [1] },
    ])
  })
})

describe('a file of fences', () => {
  test('comes back as it went out', () => {
    const back = draftsOf(geoJsonOf([draft]), 'county-a')
    expect(Array.isArray(back) && back[0]).toMatchObject({ fence: 'f-1', shape: draft.shape, use: 'exclusion' })
  })
  test('without a datum is refused', () => {
    expect(draftsOf('{"type":"FeatureCollection","features":[]}', 'a')).toBe('noDatum')
    expect(draftsOf('nothing', 'a')).toBe('noGeoJson')
  })
  test('with holes is kept whole and not edited', () => {
    const geometry = { type: 'Polygon', coordinates: [[[0, 0], [9, 0], [9, 9], [0, 0]], [[1, 1], [2, 1], [2, 2], [1, 1]]] }
    expect(shapeOf({ geometry, properties: {} })).toEqual({ kind: 'whole', geometry })
  })
})

describe('who is inside', () => {
  test('of a circle, a corridor and a polygon', () => {
    expect(covers({ kind: 'circle', centre: [120, 30], radiusM: 300 }, [120.002, 30])).toBe(true)
    expect(covers({ kind: 'circle', centre: [120, 30], radiusM: 100 }, [120.002, 30])).toBe(false)
    const corridor = { kind: 'corridor', line: [[120, 30], [120.1, 30]], widthM: 200 } as const
    expect(covers(corridor, [120.05, 30.0005])).toBe(true)
    expect(covers(corridor, [120.05, 30.002])).toBe(false)
    const ring = [[0, 0], [2, 0], [2, 2], [0, 2]] as const
    expect(covers({ kind: 'polygon', ring }, [1, 1])).toBe(true)
    expect(covers({ kind: 'polygon', ring }, [3, 1])).toBe(false)
  })
})
