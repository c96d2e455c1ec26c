import type { Grade } from '@/alerts/queue'
import type { FeatureCollection } from '@/api/types'
import { FIX_STALE_AFTER_MS, type Position, type PositionTable } from '@/map/positions'
import { DRAW_ORDER } from '@/map/symbols'

/** Longitude and latitude, degrees. */
type Ring = readonly (readonly [number, number])[]

/** The ground that is counted as one: a county, or an office whose county has no boundary. */
export interface Area {
  org: string
  nameZh: string
  nameEn: string
  /** Polygons, each an outer ring and its holes. */
  polygons: readonly (readonly Ring[])[]
  west: number
  south: number
  east: number
  north: number
}

/** Who is inside an area now. */
export interface Tally {
  subjects: number
  /** The worst open alert of anybody inside. */
  worst: Grade | 'calm'
  /** How many have an open alert. */
  alarmed: number
  /** Nobody inside has a fix that is fresh. */
  isStale: boolean
}

interface Shape {
  properties: Record<string, string | null>
  geometry: { type: string; coordinates: unknown } | null
}

function polygonsOf(shape: Shape): readonly (readonly Ring[])[] {
  switch (shape.geometry?.type) {
    case 'Polygon':
      return [shape.geometry.coordinates as Ring[]]
    case 'MultiPolygon':
      return shape.geometry.coordinates as Ring[][]
    default:
      return []
  }
}

function areaOf(shape: Shape): Area {
  const polygons = polygonsOf(shape)
  const area = {
    org: shape.properties.org ?? '',
    nameZh: shape.properties.name_zh ?? '',
    nameEn: shape.properties.name_en ?? '',
    polygons,
    west: Infinity,
    south: Infinity,
    east: -Infinity,
    north: -Infinity,
  }
  for (const [longitude, latitude] of polygons.flatMap((polygon) => polygon[0] ?? [])) {
    area.west = Math.min(area.west, longitude)
    area.east = Math.max(area.east, longitude)
    area.south = Math.min(area.south, latitude)
    area.north = Math.max(area.north, latitude)
  }
  return area
}

const boxOf = (area: Area): number => (area.east - area.west) * (area.north - area.south)

/** The areas of a map, the smallest first: of two that overlap the smaller one is meant. */
export function areasIn(boundaries: FeatureCollection): Area[] {
  const shapes = boundaries.features as unknown as Shape[]
  const counties = shapes.filter((shape) => shape.properties.level === 'county')
  const drawn = new Set(counties.map((shape) => shape.properties.org))
  const offices = shapes.filter(
    (shape) => shape.properties.level === 'office' && !drawn.has(shape.properties.parent ?? ''),
  )
  return [...counties, ...offices]
    .map(areaOf)
    .filter((area) => area.polygons.length > 0)
    .sort((a, b) => boxOf(a) - boxOf(b))
}

/** An area with who is in it. */
export interface AreaTally {
  area: Area
  tally: Tally
}

/** Even-odd rule over all rings, so that holes are outside. */
function isInside(area: Area, longitude: number, latitude: number): boolean {
  const isInBox =
    longitude >= area.west &&
    longitude <= area.east &&
    latitude >= area.south &&
    latitude <= area.north
  if (!isInBox) {
    return false
  }
  let crossings = 0
  for (const polygon of area.polygons) {
    for (const ring of polygon) {
      let before = ring.at(-1)
      for (const corner of ring) {
        if (
          before !== undefined &&
          before[1] > latitude !== corner[1] > latitude &&
          longitude <
            corner[0] +
              ((latitude - corner[1]) * (before[0] - corner[0])) / (before[1] - corner[1])
        ) {
          crossings += 1
        }
        before = corner
      }
    }
  }
  return crossings % 2 === 1
}

/** Which area every position lies in; looked for once per fix, not once per picture. */
export class AreaIndex {
  private readonly known = new WeakMap<Position, Area | null>()

  constructor(readonly areas: readonly Area[]) {}

  /** The area at a place, degrees WGS-84; null outside all. */
  at(longitudeDeg: number, latitudeDeg: number): Area | null {
    return this.areas.find((area) => isInside(area, longitudeDeg, latitudeDeg)) ?? null
  }

  areaOf(position: Position): Area | null {
    let area = this.known.get(position)
    if (area === undefined) {
      area = this.at(position.longitudeDeg, position.latitudeDeg)
      this.known.set(position, area)
    }
    return area
  }

  /** Count the people under supervision by where their newest fix lies. */
  count(
    table: PositionTable,
    grades: ReadonlyMap<string, Grade>,
    nowMs: number,
    isFeedStale: boolean,
  ): AreaTally[] {
    const newest = new Map<string, Position>()
    for (let row = 0; row < table.size; row += 1) {
      const position = table.at(row)
      if (position?.holderKind !== 'subject') {
        continue
      }
      const before = newest.get(position.holder)
      if (before === undefined || before.fixTimeMs < position.fixTimeMs) {
        newest.set(position.holder, position)
      }
    }
    const tallies = new Map<Area, Tally>(
      this.areas.map((area) => [area, { subjects: 0, worst: 'calm', alarmed: 0, isStale: true }]),
    )
    for (const position of newest.values()) {
      const area = this.areaOf(position)
      const tally = area === null ? undefined : tallies.get(area)
      if (tally === undefined) {
        continue
      }
      const grade = grades.get(position.holder)
      tally.subjects += 1
      if (grade !== undefined) {
        tally.alarmed += 1
        if (DRAW_ORDER.indexOf(grade) > DRAW_ORDER.indexOf(tally.worst)) {
          tally.worst = grade
        }
      }
      if (!isFeedStale && nowMs - position.fixTimeMs <= FIX_STALE_AFTER_MS) {
        tally.isStale = false
      }
    }
    return [...tallies].map(([area, tally]) => ({ area, tally }))
  }
}
