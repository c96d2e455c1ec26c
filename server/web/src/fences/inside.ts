import { scaleOf, type Local } from '@/fences/plane'
import type { LonLat, Shape } from '@/fences/draft'
import { FIX_STALE_AFTER_MS, type Position } from '@/map/positions'

/** Whose newest position a shape covers now, and how many of these positions are old. */
export function whoIsInside(
  shape: Shape | null,
  positions: Iterable<Position>,
  nowMs: number,
): { inside: Position[]; stale: number } {
  const inside = [...positions].filter(
    (position) =>
      position.holderKind === 'subject' &&
      shape !== null &&
      covers(shape, [position.longitudeDeg, position.latitudeDeg]),
  )
  const stale = inside.filter((one) => nowMs - one.fixTimeMs > FIX_STALE_AFTER_MS).length
  return { inside, stale }
}

/** A look ahead only: what a fence decides is the gateway's, with error circles. */
export function covers(shape: Shape, at: LonLat): boolean {
  const local = scaleOf(at[1])
  switch (shape.kind) {
    case 'circle':
      return length(local(at, shape.centre)) <= shape.radiusM
    case 'corridor':
      return shape.line.some((from, index) => {
        const to = shape.line[index + 1]
        return to !== undefined && toSide(local, at, from, to) <= shape.widthM / 2
      })
    case 'polygon':
      return isInRing(shape.ring, at)
    default: {
      const { type, coordinates } = shape.geometry as { type: string; coordinates: LonLat[][][] }
      const parts =
        type === 'Polygon' ? [coordinates as unknown as LonLat[][]] : type === 'MultiPolygon' ? coordinates : []
      return parts.some(([outer, ...holes]) =>
        outer !== undefined && isInRing(outer, at) && !holes.some((hole) => isInRing(hole, at)),
      )
    }
  }
}

function isInRing(ring: readonly LonLat[], [x, y]: LonLat): boolean {
  let isIn = false
  ring.forEach(([ax, ay], at) => {
    const [bx, by] = ring[(at + 1) % ring.length] ?? [ax, ay]
    if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) isIn = !isIn
  })
  return isIn
}

const length = ([x, y]: readonly [number, number]): number => Math.hypot(x, y)

function toSide(local: Local, at: LonLat, from: LonLat, to: LonLat): number {
  const [ax, ay] = local(at, from)
  const [bx, by] = local(at, to)
  const square = (bx - ax) ** 2 + (by - ay) ** 2
  const along =
    square === 0 ? 0 : Math.max(0, Math.min(1, (-ax * (bx - ax) - ay * (by - ay)) / square))
  return Math.hypot(ax + along * (bx - ax), ay + along * (by - ay))
}
