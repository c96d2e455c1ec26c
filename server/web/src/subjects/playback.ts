import type { TrackFix, TrackGap } from '@/subjects/track'

/** How many seconds of the track go by in a second. */
export const SPEEDS = [1, 10, 60, 300, 1_800] as const

/** The last fix at or before an instant; -1 before the first. Fixes are in order of time. */
export function indexAt(fixes: readonly TrackFix[], atMs: number): number {
  let low = 0
  let high = fixes.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((fixes[middle]?.fixTimeMs ?? Infinity) <= atMs) low = middle + 1
    else high = middle
  }
  return low - 1
}

/** The gap that an instant lies in: nobody knows where the person was then. */
export const gapAt = (gaps: readonly TrackGap[], atMs: number): TrackGap | undefined =>
  gaps.find((gap) => gap.fromMs < atMs && atMs < gap.toMs)

export interface Stay {
  fromMs: number
  toMs: number
  longitudeDeg: number
  latitudeDeg: number
  fixes: number
}

const METRES_OF_A_DEGREE = 111_195

function metresBetween(a: Pick<TrackFix, 'longitudeDeg' | 'latitudeDeg'>, b: TrackFix): number {
  const north = (a.latitudeDeg - b.latitudeDeg) * METRES_OF_A_DEGREE
  const shrink = Math.cos((a.latitudeDeg * Math.PI) / 180)
  return Math.hypot(north, (a.longitudeDeg - b.longitudeDeg) * METRES_OF_A_DEGREE * shrink)
}

/**
 * Where the track stayed within `reachM` of its first fix there for `leastMs` or longer.
 *
 * A gap ends a stay: that nothing was heard is no sign of staying. The place is the mean of its fixes.
 */
export function staysOf(
  segments: readonly (readonly TrackFix[])[],
  reachM = 100,
  leastMs = 600_000,
): Stay[] {
  const stays: Stay[] = []
  for (const segment of segments) {
    let from = 0
    while (from < segment.length) {
      const anchor = segment[from]
      let to = from
      while (anchor && to + 1 < segment.length && metresBetween(anchor, segment[to + 1] ?? anchor) <= reachM) {
        to += 1
      }
      const part = segment.slice(from, to + 1)
      const first = part[0]
      const last = part.at(-1)
      if (first && last && last.fixTimeMs - first.fixTimeMs >= leastMs) {
        stays.push({
          fromMs: first.fixTimeMs,
          toMs: last.fixTimeMs,
          longitudeDeg: mean(part.map((fix) => fix.longitudeDeg)),
          latitudeDeg: mean(part.map((fix) => fix.latitudeDeg)),
          fixes: part.length,
        })
        from = to + 1
      } else {
        from += 1
      }
    }
  }
  return stays
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length
