import { computed, shallowRef } from 'vue'

import { getMapLayers, getPositions } from '@/api/calls'
import type { MapLayers, PositionColumns } from '@/api/types'
import { PositionTable, type Position } from '@/map/positions'
import type { TrackFix, TrackSegment } from '@/subjects/track'

/** The one table of positions; it is not reactive, `positionRevision` says when to look again. */
export const positionTable = new PositionTable()

const revision = shallowRef(0)
const layers = shallowRef<MapLayers | null>(null)
const selected = shallowRef<string | null>(null)
const track = shallowRef<readonly TrackSegment[]>([])
const org = shallowRef<string | null>(null)
const head = shallowRef<TrackFix | null>(null)

export const positionRevision = computed(() => revision.value)
export const mapLayers = computed(() => layers.value)
export const selectedDevice = computed(() => selected.value)
export const shownTrack = computed(() => track.value)
/** The organisation that the map is to show; null: all. */
export const shownOrg = computed(() => org.value)
/** The fix on which a playback stands. */
export const shownHead = computed(() => head.value)

export const selectedPosition = computed((): Position | undefined => {
  void revision.value
  return selected.value === null ? undefined : positionTable.find(selected.value)
})

export const holderCounts = computed(() => {
  void revision.value
  const counts = { subject: 0, officer: 0 }
  for (let row = 0; row < positionTable.size; row += 1) {
    const position = positionTable.at(row)
    if (position !== undefined) {
      counts[position.holderKind] += 1
    }
  }
  return counts
})

export function takePositions(columns: PositionColumns): void {
  positionTable.apply(columns, performance.now())
  revision.value += 1
}

/** Fetch the snapshot; live columns that outran it stay. */
export async function loadPositions(): Promise<void> {
  const askedAtMs = performance.now()
  positionTable.replace(await getPositions(), askedAtMs, performance.now())
  revision.value += 1
}

export async function loadMapLayers(): Promise<void> {
  layers.value = await getMapLayers()
}

export function selectDevice(device: string | null): void {
  selected.value = device
}

export function showTrack(segments: readonly TrackSegment[]): void {
  track.value = segments
}

export function showOrg(next: string | null): void {
  org.value = next
}

export function showHead(fix: TrackFix | null): void {
  head.value = fix
}

export function forgetMap(): void {
  positionTable.clear()
  layers.value = null
  selected.value = null
  track.value = []
  head.value = null
  org.value = null
  revision.value += 1
}
