import type { Grade } from '@/alerts/queue'
import type { FeatureCollection } from '@/api/types'
import type { PositionTable } from '@/map/positions'
import type { TrackSegment } from '@/subjects/track'

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
  fitBoundaries(): void
  fitTrack(): void
  /** Centre on WGS-84 degrees, zooming in when far out. */
  flyTo(longitudeDeg: number, latitudeDeg: number): void
  zoomBy(steps: number): void
  destroy(): void
}

export type OpenMap = (
  element: HTMLElement,
  onPick: (device: string | null) => void,
) => MapEngine
