import Feature from 'ol/Feature.js'
import type { FeatureLike } from 'ol/Feature.js'
import type { Extent } from 'ol/extent.js'
import { getArea, getCenter } from 'ol/extent.js'
import type Geometry from 'ol/geom/Geometry.js'
import MultiPolygon from 'ol/geom/MultiPolygon.js'
import Point from 'ol/geom/Point.js'
import Polygon from 'ol/geom/Polygon.js'
import VectorLayer from 'ol/layer/Vector.js'
import { toLonLat } from 'ol/proj.js'
import VectorSource from 'ol/source/Vector.js'

import type { PointScene } from '@/map/engine'
import type { Position } from '@/map/positions'
import { countStyle, type Placing } from '@/map/styles'
import { AreaIndex, areasIn, type AreaTally } from '@/map/tallies'
import type { FeatureCollection } from '@/api/types'

/** An area narrower than this on the screen has no room for its people one by one, pixels. */
const ROOM_PX = 240

/** Where a mark stands: inside the ground, also where that is bent around something else. */
function markOf(geometry: Geometry): number[] {
  if (geometry instanceof Polygon) {
    return geometry.getInteriorPoint().getCoordinates().slice(0, 2)
  }
  if (geometry instanceof MultiPolygon) {
    const widest = geometry
      .getPolygons()
      .sort((a, b) => getArea(b.getExtent()) - getArea(a.getExtent()))[0]
    return widest === undefined ? getCenter(geometry.getExtent()) : markOf(widest)
  }
  return getCenter(geometry.getExtent())
}

/** Marks with the number of people per area, drawn where a whole province or city is in view. */
export class Counts {
  readonly layer: VectorLayer
  private readonly source = new VectorSource()
  private index = new AreaIndex([])
  private fromResolution = Infinity

  constructor() {
    this.layer = new VectorLayer({ source: this.source, style: countStyle, updateWhileAnimating: true })
    this.layer.setMinResolution(this.fromResolution)
  }

  /** Take the grounds: `features` are those of `boundaries`, as they are drawn. */
  setBoundaries(boundaries: FeatureCollection, features: readonly Feature<Geometry>[]): void {
    this.index = new AreaIndex(areasIn(boundaries))
    this.source.clear()
    const extents: Extent[] = []
    for (const { org } of this.index.areas) {
      const geometry = features.find((one) => one.get('org') === org)?.getGeometry()
      if (geometry !== undefined) {
        extents.push(geometry.getExtent())
        this.source.addFeatures([
          new Feature<Geometry>({ org, part: 'ground', geometry }),
          new Feature<Geometry>({ org, part: 'mark', geometry: new Point(markOf(geometry)) }),
        ])
      }
    }
    // One ground alone is never so small that its people should not be seen.
    const widths = extents.map((extent) => Math.sqrt(getArea(extent))).sort((a, b) => a - b)
    const middle = widths.length < 2 ? Infinity : (widths[widths.length >> 1] ?? Infinity)
    this.fromResolution = middle / ROOM_PX
    this.layer.setMinResolution(this.fromResolution)
  }

  /** Whether areas are counted at this scale, metres per pixel. */
  isOn(resolution: number): boolean {
    return resolution >= this.fromResolution
  }

  /** Whether the ground of this organisation has a mark of its own. */
  isCounted(org: unknown): boolean {
    return this.index.areas.some((area) => area.org === org)
  }

  /** Whether a mark stands for this position: it lies in an area. */
  covers(position: Position): boolean {
    return this.index.areaOf(position) !== null
  }

  /** Count anew, and let the marks say it. */
  refresh(scene: PointScene): AreaTally[] {
    const tallies = this.index.count(
      scene.table,
      scene.grades(),
      scene.nowMs(),
      scene.isFeedStale(),
    )
    const byOrg = new Map(tallies.map(({ area, tally }) => [area.org, tally]))
    for (const feature of this.source.getFeatures()) {
      feature.set('tally', byOrg.get(String(feature.get('org'))), true)
    }
    this.layer.changed()
    return tallies
  }

  /** The organisation whose mark or ground is at a place of the map; null outside all. */
  orgAt(coordinate: readonly number[], resolution: number): string | null {
    if (!this.isOn(resolution)) {
      return null
    }
    const [longitudeDeg = 0, latitudeDeg = 0] = toLonLat([...coordinate])
    return this.index.at(longitudeDeg, latitudeDeg)?.org ?? null
  }
}

/** Where the name of a boundary goes beside the marks: under its own, or nowhere. */
export function placingOf(counts: Counts, feature: FeatureLike, resolution: number): Placing {
  if (!counts.isOn(resolution)) {
    return 'centre'
  }
  return counts.isCounted(feature.get('org')) ? 'below' : 'none'
}
