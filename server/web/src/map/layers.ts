import Feature from 'ol/Feature.js'
import GeoJSON from 'ol/format/GeoJSON.js'
import type Geometry from 'ol/geom/Geometry.js'
import LineString from 'ol/geom/LineString.js'
import MultiPoint from 'ol/geom/MultiPoint.js'
import Point from 'ol/geom/Point.js'
import { circular } from 'ol/geom/Polygon.js'

import type { FeatureCollection } from '@/api/types'
import { project } from '@/map/positions'
import type { TrackFix, TrackSegment } from '@/subjects/track'

const READER = new GeoJSON({ dataProjection: 'EPSG:4326', featureProjection: 'EPSG:3857' })

/** Corners of a drawn circle. */
const CIRCLE_CORNERS = 72

/** The features of a collection; one with another datum is refused (a silent shift is 500 m). */
export function readFeatures(collection: FeatureCollection): Feature<Geometry>[] {
  if (collection.datum !== undefined && collection.datum !== 'WGS84') {
    throw new RangeError(`map data in datum ${collection.datum}; only WGS84 is drawn`)
  }
  return READER.readFeatures(collection).filter((feature) => feature.getGeometry() !== undefined)
}

/** Fences; a point with `radius_m` becomes the circle that it stands for. */
export function readFences(collection: FeatureCollection): Feature<Geometry>[] {
  const features = readFeatures(collection)
  for (const feature of features) {
    const geometry = feature.getGeometry()
    const radiusM: unknown = feature.get('radius_m')
    if (geometry instanceof Point && typeof radiusM === 'number') {
      const centre = geometry.clone().transform('EPSG:3857', 'EPSG:4326') as Point
      feature.setGeometry(
        circular(centre.getCoordinates(), radiusM, CIRCLE_CORNERS).transform(
          'EPSG:4326',
          'EPSG:3857',
        ),
      )
    }
  }
  return features
}

/** One line per segment, so that a gap stays empty; all raw fixes; first and last. */
export function trackFeatures(segments: readonly TrackSegment[]): Feature<Geometry>[] {
  const lines = segments.map((segment) =>
    segment.map((fix) => project(fix.longitudeDeg, fix.latitudeDeg)),
  )
  const all = lines.flat()
  const first = all[0]
  const last = all.at(-1)
  if (first === undefined || last === undefined) {
    return []
  }
  return [
    ...lines
      .filter((line) => line.length > 1)
      .map((line) => new Feature<Geometry>({ part: 'line', geometry: new LineString(line) })),
    new Feature<Geometry>({ part: 'fixes', geometry: new MultiPoint(all) }),
    new Feature<Geometry>({ part: 'start', geometry: new Point(first) }),
    new Feature<Geometry>({ part: 'end', geometry: new Point(last) }),
  ]
}

/** The fix on which a playback stands, and how far off it may be. */
export function headFeatures(fix: TrackFix | null): Feature<Geometry>[] {
  if (fix === null) {
    return []
  }
  const at = [fix.longitudeDeg, fix.latitudeDeg]
  const mark = new Feature<Geometry>({ part: 'head', geometry: new Point(project(fix.longitudeDeg, fix.latitudeDeg)) })
  if (fix.accuracyM === null) {
    return [mark]
  }
  const ring = circular(at, fix.accuracyM, CIRCLE_CORNERS).transform('EPSG:4326', 'EPSG:3857')
  return [new Feature<Geometry>({ part: 'accuracy', geometry: ring }), mark]
}
