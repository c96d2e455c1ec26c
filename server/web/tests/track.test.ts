import { expect, test } from 'vitest'

import { GAP_AFTER_MS, fixesOf, splitAtGaps, type TrackFix } from '@/subjects/track'

const fixAt = (fixTimeMs: number): TrackFix => ({
  fixTimeMs,
  longitudeDeg: 119.9,
  latitudeDeg: 28.4,
  accuracyM: 8,
})

test('a gap longer than the limit splits the track and is listed with its ends', () => {
  const { segments, gaps } = splitAtGaps([0, 10, 11 + GAP_AFTER_MS, 20 + GAP_AFTER_MS].map(fixAt))
  expect(segments.map((segment) => segment.length)).toEqual([2, 2])
  expect(gaps).toEqual([{ fromMs: 10, toMs: 11 + GAP_AFTER_MS }])
})

test('a pause of exactly the limit is no gap', () => {
  const { segments, gaps } = splitAtGaps([0, GAP_AFTER_MS].map(fixAt))
  expect(segments).toHaveLength(1)
  expect(gaps).toEqual([])
})

test('an empty track has no segments', () => {
  expect(splitAtGaps([])).toEqual({ segments: [], gaps: [] })
})

test('fixes come in the order of fix time', () => {
  const fixes = fixesOf({
    fix_time_ms: [30, 10],
    lon: [119_900_000, 119_800_000],
    lat: [28_400_000, 28_300_000],
    accuracy_m: [5, null],
    speed_mps: [null, null],
    device: ['wb-1', 'wb-1'],
    backlog: [false, false],
    truncated: false,
  })
  expect(fixes).toEqual([
    { fixTimeMs: 10, longitudeDeg: 119.8, latitudeDeg: 28.3, accuracyM: null },
    { fixTimeMs: 30, longitudeDeg: 119.9, latitudeDeg: 28.4, accuracyM: 5 },
  ])
})
