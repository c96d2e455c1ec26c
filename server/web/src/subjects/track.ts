import type { TrackColumns } from '@/api/types'

export interface TrackFix {
  fixTimeMs: number
  longitudeDeg: number
  latitudeDeg: number
  accuracyM: number | null
}

/** Fixes without a gap between them. */
export type TrackSegment = readonly TrackFix[]

export interface TrackGap {
  fromMs: number
  toMs: number
}

/** No fix for longer than this is a gap: the line stops, because nobody knows the way between. */
export const GAP_AFTER_MS = 300_000

/** The raw fixes in fix-time order. */
export function fixesOf(columns: TrackColumns): TrackFix[] {
  const fixes: TrackFix[] = []
  columns.fix_time_ms.forEach((fixTimeMs, index) => {
    const lon = columns.lon[index]
    const lat = columns.lat[index]
    if (lon !== undefined && lat !== undefined) {
      fixes.push({
        fixTimeMs,
        longitudeDeg: lon / 1e6,
        latitudeDeg: lat / 1e6,
        accuracyM: columns.accuracy_m[index] ?? null,
      })
    }
  })
  return fixes.sort((a, b) => a.fixTimeMs - b.fixTimeMs)
}

/** Cut a track where it has gaps. */
export function splitAtGaps(fixes: readonly TrackFix[]): {
  segments: TrackSegment[]
  gaps: TrackGap[]
} {
  const segments: TrackFix[][] = []
  const gaps: TrackGap[] = []
  let before: TrackFix | undefined
  for (const fix of fixes) {
    const last = segments.at(-1)
    if (before === undefined || last === undefined) {
      segments.push([fix])
    } else if (fix.fixTimeMs - before.fixTimeMs > GAP_AFTER_MS) {
      gaps.push({ fromMs: before.fixTimeMs, toMs: fix.fixTimeMs })
      segments.push([fix])
    } else {
      last.push(fix)
    }
    before = fix
  }
  return { segments, gaps }
}
