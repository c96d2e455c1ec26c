import type { FeatureLike } from 'ol/Feature.js'
import type Circle from 'ol/geom/Circle.js'
import LineString from 'ol/geom/LineString.js'
import MultiPoint from 'ol/geom/MultiPoint.js'
import type Polygon from 'ol/geom/Polygon.js'
import { toLonLat } from 'ol/proj.js'
import { Circle as Dot, Fill, Stroke, Style } from 'ol/style.js'
import type { StyleFunction } from 'ol/style/Style.js'

const LINE = '#ffd666'

/** Every corner is to be seen: a fingertip does not hover. */
function corners(feature: FeatureLike): MultiPoint | undefined {
  const geometry = feature.getGeometry()
  switch (geometry?.getType()) {
    case 'Polygon':
      return new MultiPoint(((geometry as Polygon).getCoordinates()[0] ?? []).slice(0, -1))
    case 'LineString':
      return new MultiPoint((geometry as LineString).getCoordinates())
    case 'Circle':
      return new MultiPoint([(geometry as Circle).getCenter()])
    default:
      return undefined
  }
}

export const sketchStyle: StyleFunction = (feature) => {
  const outline = new Style({
    stroke: new Stroke({ color: LINE, width: 2.5 }),
    fill: new Fill({ color: 'rgba(255, 214, 102, 0.16)' }),
    image: new Dot({ radius: 5, fill: new Fill({ color: LINE }) }),
  })
  const places = corners(feature)
  if (places === undefined) {
    return outline
  }
  const dots = new Style({
    geometry: places,
    image: new Dot({
      radius: 6,
      fill: new Fill({ color: '#071325' }),
      stroke: new Stroke({ color: LINE, width: 2 }),
    }),
  })
  return [outline, dots]
}

/** A corridor as wide as it is on the ground. */
export function corridorStyle(widthM: () => number): StyleFunction {
  return (feature, resolution) => {
    const line = feature.getGeometry()
    if (!(line instanceof LineString)) {
      return []
    }
    const [, latitudeDeg = 0] = toLonLat(line.getFirstCoordinate())
    const width = widthM() / Math.cos((latitudeDeg * Math.PI) / 180) / resolution
    return new Style({
      stroke: new Stroke({
        color: 'rgba(255, 214, 102, 0.22)',
        width: Math.min(width, 4_000),
        lineCap: 'round',
      }),
    })
  }
}
