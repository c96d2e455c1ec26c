import type { Grade } from '@/alerts/queue'
import type { PositionColumns } from '@/api/types'

/** A fix older than this is drawn grey: the person may be elsewhere by now. */
export const FIX_STALE_AFTER_MS = 300_000

/** How long a symbol glides to a new fix. Display only: everything else uses the raw fix. */
const GLIDE_MS = 800

/** A jump longer than this is shown at once, so that no journey is invented (metres). */
const GLIDE_MOST_M = 2_000

const EARTH_RADIUS_M = 6_378_137

/** Web Mercator, metres. */
export function project(longitudeDeg: number, latitudeDeg: number): [number, number] {
  const x = (EARTH_RADIUS_M * longitudeDeg * Math.PI) / 180
  const y = EARTH_RADIUS_M * Math.log(Math.tan(Math.PI / 4 + (latitudeDeg * Math.PI) / 360))
  return [x, y]
}

/** The newest report of one device. */
export interface Position {
  device: string
  holderKind: 'subject' | 'officer'
  holder: string
  label: string
  kind: string
  longitudeDeg: number
  latitudeDeg: number
  fixTimeMs: number
  accuracyM: number | null
  batteryPct: number | null
  alarms: number
}

interface Glide {
  fromX: number
  fromY: number
  toX: number
  toY: number
  startedAtMs: number
  takenAtMs: number
}

/** Which devices are where. A row keeps its index until the next snapshot. */
export class PositionTable {
  private readonly rowOf = new Map<string, number>()
  private readonly rows: Position[] = []
  private readonly glides: Glide[] = []
  /** Until when some symbol still moves, milliseconds of the caller's clock. */
  movingUntilMs = 0

  get size(): number {
    return this.rows.length
  }

  at(row: number): Position | undefined {
    return this.rows[row]
  }

  rowOfDevice(device: string): number | undefined {
    return this.rowOf.get(device)
  }

  find(device: string): Position | undefined {
    const row = this.rowOf.get(device)
    return row === undefined ? undefined : this.rows[row]
  }

  /** The newest position of a person, whatever they carry. */
  findHolder(holder: string): Position | undefined {
    return this.rows
      .filter((row) => row.holder === holder)
      .sort((a, b) => b.fixTimeMs - a.fixTimeMs)[0]
  }

  /** Take columns from the snapshot or the stream; older news about a device changes nothing. */
  apply(columns: PositionColumns, nowMs: number): void {
    columns.device.forEach((device, index) => {
      const lon = columns.lon[index]
      const lat = columns.lat[index]
      const fixTimeMs = columns.fix_time_ms[index] ?? 0
      const known = this.find(device)
      const isOlder = known !== undefined && known.fixTimeMs > fixTimeMs
      if (lon === undefined || lat === undefined || isOlder) {
        return
      }
      this.put(
        {
          device,
          holderKind: columns.holder_kind[index] ?? 'subject',
          holder: columns.holder[index] ?? '',
          label: columns.label[index] ?? '',
          kind: columns.kind[index] ?? '',
          longitudeDeg: lon / 1e6,
          latitudeDeg: lat / 1e6,
          fixTimeMs,
          accuracyM: columns.accuracy_m[index] ?? null,
          batteryPct: columns.battery_pct[index] ?? null,
          alarms: columns.alarms[index] ?? 0,
        },
        nowMs,
      )
    })
  }

  /** Take a snapshot that was asked for at `askedAtMs`: what it lacks is forgotten, newer news kept. */
  replace(columns: PositionColumns, askedAtMs: number, nowMs: number): void {
    const listed = new Set(columns.device)
    const kept = this.rows.flatMap((position, row) => {
      const glide = this.glides[row]
      const isKept = listed.has(position.device) || (glide?.takenAtMs ?? 0) > askedAtMs
      return isKept && glide !== undefined ? [{ position, glide }] : []
    })
    this.clear()
    kept.forEach(({ position, glide }, row) => {
      this.rowOf.set(position.device, row)
      this.rows.push(position)
      this.glides.push(glide)
    })
    this.apply(columns, nowMs)
  }

  clear(): void {
    this.rowOf.clear()
    this.rows.length = 0
    this.glides.length = 0
    this.movingUntilMs = 0
  }

  /** Where to draw a row now, Web Mercator metres. */
  drawnAt(row: number, nowMs: number): [number, number] {
    const glide = this.glides[row]
    if (glide === undefined) {
      return [0, 0]
    }
    const share = Math.min(1, Math.max(0, (nowMs - glide.startedAtMs) / GLIDE_MS))
    return [
      glide.fromX + (glide.toX - glide.fromX) * share,
      glide.fromY + (glide.toY - glide.fromY) * share,
    ]
  }

  private put(position: Position, nowMs: number): void {
    const [toX, toY] = project(position.longitudeDeg, position.latitudeDeg)
    const row = this.rowOf.get(position.device)
    if (row === undefined) {
      this.rowOf.set(position.device, this.rows.length)
      this.rows.push(position)
      const startedAtMs = nowMs - GLIDE_MS
      this.glides.push({ fromX: toX, fromY: toY, toX, toY, startedAtMs, takenAtMs: nowMs })
      return
    }
    let [fromX, fromY] = this.drawnAt(row, nowMs)
    if (Math.hypot(toX - fromX, toY - fromY) > GLIDE_MOST_M) {
      fromX = toX
      fromY = toY
    }
    this.rows[row] = position
    this.glides[row] = { fromX, fromY, toX, toY, startedAtMs: nowMs, takenAtMs: nowMs }
    this.movingUntilMs = nowMs + GLIDE_MS
  }
}

/** What a symbol says by its shape. `calm`: a subject without an open matter. */
export type Form = 'calm' | 'officer' | Grade

export interface Look {
  form: Form
  isStale: boolean
}

/** How a device is drawn: the shape keeps saying what is the matter when the colour has faded. */
export function lookOf(
  position: Position,
  grade: Grade | undefined,
  nowMs: number,
  isFeedStale: boolean,
): Look {
  return {
    form: position.holderKind === 'officer' ? 'officer' : (grade ?? 'calm'),
    isStale: isFeedStale || nowMs - position.fixTimeMs > FIX_STALE_AFTER_MS,
  }
}
