import type { Grade } from '@/alerts/queue'
import type { FeatureCollection } from '@/api/types'
import type { PositionTable } from '@/map/positions'
import type { AreaTally } from '@/map/tallies'
import type { TrackFix, TrackSegment } from '@/subjects/track'

export interface PointScene {
  table: PositionTable
  grades(): ReadonlyMap<string, Grade>
  /** The server's clock, milliseconds. */
  nowMs(): number
  isFeedStale(): boolean
}

export interface MapTexts {
  /** `zh-CN` or `en`: which name of a place is written. */
  locale: string
}

/** What the console asks of a map; the page knows no map library beyond this. */
export interface MapEngine {
  setBoundaries(boundaries: FeatureCollection): void
  setFences(fences: FeatureCollection): void
  showFences(isShown: boolean): void
  /** Fences of this subject stand out; null for none. */
  emphasise(subject: string | null): void
  setTexts(texts: MapTexts): void
  setScene(scene: PointScene): void
  /** Ask for a new picture: positions, grades, selection or freshness changed. */
  refresh(): void
  /** Ring and accuracy circle around this device; null for none. */
  select(device: string | null): void
  setTrack(segments: readonly TrackSegment[]): void
  /** Mark one fix of a track with its accuracy circle; null for none. */
  setHead(fix: TrackFix | null): void
  fitBoundaries(): void
  /** Bring one organisation's boundary into view; nothing happens where it has none. */
  fitOrg(org: string): void
  fitTrack(): void
  /** Centre on WGS-84 degrees, zooming in when far out. */
  flyTo(longitudeDeg: number, latitudeDeg: number): void
  zoomBy(steps: number): void
  destroy(): void
}

/** What happens on the map that the page has to know. */
export interface MapEvents {
  onPick(device: string | null): void
  /** Somebody pressed the mark of an organisation's area. */
  onOpenOrg(org: string): void
  /** What the marks of the areas say; null where people are drawn one by one. */
  onTallies(tallies: readonly AreaTally[] | null): void
}

export type OpenMap = (element: HTMLElement, events: MapEvents) => MapEngine
