import type { components } from '@contract'

export type FenceEntry = components['schemas']['FenceEntry']
export type RegistryFile = components['schemas']['RegistryFile']
export type FenceUse = FenceEntry['use']
export type Datum = FenceEntry['datum']

export type LonLat = readonly [number, number]

/** A shape as it is drawn, WGS-84 degrees. */
export type Shape =
  | { kind: 'polygon'; ring: readonly LonLat[] }
  | { kind: 'circle'; centre: LonLat; radiusM: number }
  | { kind: 'corridor'; line: readonly LonLat[]; widthM: number }
  /** Holes, several parts, a city's districts: kept as it is, not edited by hand. */
  | { kind: 'whole'; geometry: Record<string, unknown> }

export interface FenceDraft {
  fence: string
  /** Whether it stands at the server already: a save makes its next version. */
  isKnown: boolean
  org: string
  name: string
  use: FenceUse
  datum: Datum
  shape: Shape | null
  subjects: readonly string[]
  /** The schedule that the fence has now; another one is another version. */
  schedule: string | null
  /** Hours drawn in the week grid, `day * 24 + hour`, Monday 0; null leaves the schedule alone. */
  hours: ReadonlySet<number> | null
}

export type DraftFault =
  | 'needShape'
  | 'needName'
  | 'needId'
  | 'needSubjects'
  | 'needSchedule'
  | 'crosses'
  | 'tooFew'

const ID = /^[A-Za-z0-9_-]{1,40}$/
const LEAST_CORNERS = 3

/** What keeps a draft from being sent. */
export function faultsOf(draft: FenceDraft): DraftFault[] {
  const faults: DraftFault[] = []
  if (!ID.test(draft.fence)) faults.push('needId')
  if (draft.name.trim() === '') faults.push('needName')
  if (draft.subjects.length === 0) faults.push('needSubjects')
  if (draft.use === 'curfew' && draft.schedule === null && (draft.hours?.size ?? 0) === 0) {
    faults.push('needSchedule')
  }
  if (draft.shape === null) faults.push('needShape')
  else if (draft.shape.kind === 'polygon') {
    if (draft.shape.ring.length < LEAST_CORNERS) faults.push('tooFew')
    else if (crossesItself(draft.shape.ring)) faults.push('crosses')
  }
  return faults
}

/** Whether two sides of a ring that are no neighbours meet. */
export function crossesItself(ring: readonly LonLat[]): boolean {
  const sides = ring.map((from, at) => [from, ring[(at + 1) % ring.length] ?? from] as const)
  return sides.some(([a, b], i) =>
    sides.some(([c, d], j) => {
      const areNeighbours = Math.abs(i - j) <= 1 || Math.abs(i - j) === sides.length - 1
      return !areNeighbours && j > i && meet(a, b, c, d)
    }),
  )
}

function meet(a: LonLat, b: LonLat, c: LonLat, d: LonLat): boolean {
  return side(a, b, c) * side(a, b, d) < 0 && side(c, d, a) * side(c, d, b) < 0
}

const side = (a: LonLat, b: LonLat, p: LonLat): number =>
  Math.sign((b[0] - a[0]) * (p[1] - a[1]) - (b[1] - a[1]) * (p[0] - a[0]))

/** The registry file that enters a draft; nothing else is in it. */
export function fileOf(draft: FenceDraft, scheduleId: string, nowIso: string): RegistryFile {
  const hours = draft.hours
  const hasHours = hours !== null && hours.size > 0
  const schedules = hasHours
    ? [
        {
          schedule: scheduleId,
          org: draft.org,
          zone: 'Asia/Shanghai',
          windows: windowsOf(hours),
        },
      ]
    : []
  const schedule = hasHours ? scheduleId : hours === null ? draft.schedule : null
  return {
    format: 'guitu-registry/1',
    schedules,
    fences: [
      {
        fence: draft.fence,
        org: draft.org,
        name: draft.name.trim(),
        use: draft.use,
        datum: draft.datum,
        ...geometryOf(draft.shape),
        schedule,
        subjects: [...draft.subjects],
        valid_from: nowIso,
      },
    ],
  } as RegistryFile
}

/** GeoJSON members of a shape, as registry and export have them. */
export function geometryOf(shape: Shape | null): {
  geometry: Record<string, unknown>
  radius_m?: number
  width_m?: number
} {
  switch (shape?.kind) {
    case 'polygon':
      return { geometry: { type: 'Polygon', coordinates: [closed(shape.ring)] } }
    case 'circle':
      return { geometry: { type: 'Point', coordinates: shape.centre }, radius_m: shape.radiusM }
    case 'corridor':
      return {
        geometry: { type: 'LineString', coordinates: shape.line },
        width_m: shape.widthM,
      }
    case 'whole':
      return { geometry: shape.geometry }
    default:
      return { geometry: {} }
  }
}

const closed = (ring: readonly LonLat[]): LonLat[] => {
  const first = ring[0]
  return first === undefined ? [] : [...ring, first]
}

interface GeoJsonFence {
  geometry: { type: string; coordinates?: unknown }
  properties: Record<string, unknown>
}

/** The shape of a fence as map and files have it. */
export function shapeOf({ geometry, properties }: GeoJsonFence): Shape {
  const { radius_m: radiusM, width_m: widthM } = properties
  if (geometry.type === 'Point' && typeof radiusM === 'number') {
    return { kind: 'circle', centre: geometry.coordinates as LonLat, radiusM }
  }
  if (geometry.type === 'LineString' && typeof widthM === 'number') {
    return { kind: 'corridor', line: geometry.coordinates as LonLat[], widthM }
  }
  const rings = geometry.coordinates as LonLat[][]
  if (geometry.type === 'Polygon' && rings.length === 1) {
    return { kind: 'polygon', ring: (rings[0] ?? []).slice(0, -1) }
  }
  return { kind: 'whole', geometry: geometry as Record<string, unknown> }
}

/** Windows of a week from single hours: runs of hours, days with the same runs together. */
export function windowsOf(
  hours: ReadonlySet<number>,
): { start: string; end: string; days: number[] }[] {
  const windows = new Map<string, { start: string; end: string; days: number[] }>()
  for (let day = 0; day < 7; day += 1) {
    for (let hour = 0; hour < 24; hour += 1) {
      if (!hours.has(day * 24 + hour) || (hour > 0 && hours.has(day * 24 + hour - 1))) continue
      let end = hour + 1
      while (end < 24 && hours.has(day * 24 + end)) end += 1
      const key = `${String(hour)}-${String(end)}`
      const window = windows.get(key) ?? { start: clock(hour), end: clock(end), days: [] }
      window.days.push(day + 1)
      windows.set(key, window)
    }
  }
  return [...windows.values()]
}

const clock = (hour: number): string => `${String(hour).padStart(2, '0')}:00`
