import 'ol/ol.css'

import Feature from 'ol/Feature.js'
import OlMap from 'ol/Map.js'
import View from 'ol/View.js'
import ScaleLine from 'ol/control/ScaleLine.js'
import { isEmpty } from 'ol/extent.js'
import GeoJSON from 'ol/format/GeoJSON.js'
import Circle from 'ol/geom/Circle.js'
import type Geometry from 'ol/geom/Geometry.js'
import LineString from 'ol/geom/LineString.js'
import Polygon from 'ol/geom/Polygon.js'
import Draw from 'ol/interaction/Draw.js'
import Modify from 'ol/interaction/Modify.js'
import Snap from 'ol/interaction/Snap.js'
import { defaults as defaultInteractions } from 'ol/interaction/defaults.js'
import VectorLayer from 'ol/layer/Vector.js'
import { fromLonLat, toLonLat } from 'ol/proj.js'
import VectorSource from 'ol/source/Vector.js'

import type { FeatureCollection } from '@/api/types'
import type { LonLat, Shape } from '@/fences/draft'
import { corridorStyle, sketchStyle } from '@/fences/sketchStyles'
import { readFeatures, readFences } from '@/map/layers'
import { boundaryStyle, fenceStyle } from '@/map/styles'

export type DrawnKind = 'polygon' | 'circle' | 'corridor'

const DRAWN = { polygon: 'Polygon', circle: 'Circle', corridor: 'LineString' } as const
const FIRST_WIDTH_M = 200
const SNAP_PX = 12
const FIT = { padding: [60, 60, 60, 60], minResolution: 1 }
const READER = new GeoJSON({ dataProjection: 'EPSG:4326', featureProjection: 'EPSG:3857' })

/** A map on which one fence is drawn and changed; what stands there is snapped to. */
export class FenceSketch {
  private readonly boundaries = new VectorSource()
  private readonly standing = new VectorSource()
  private readonly drawn = new VectorSource<Feature<Geometry>>()
  private readonly map: OlMap
  private readonly modify: Modify
  private draw: Draw | null = null
  private snaps: Snap[] = []
  private widthM = FIRST_WIDTH_M
  private locale = 'zh-CN'
  private chosen: string | null = null

  constructor(
    private readonly element: HTMLElement,
    private readonly onShape: (shape: Shape) => void,
    onPick: (fence: string) => void,
  ) {
    this.map = new OlMap({
      target: element,
      layers: [
        new VectorLayer({ source: this.boundaries, style: boundaryStyle(() => this.locale) }),
        new VectorLayer({
          source: this.standing,
          style: fenceStyle((feature) => feature.get('fence') === this.chosen),
          declutter: 'fences',
        }),
        new VectorLayer({ source: this.drawn, style: corridorStyle(() => this.widthM) }),
        new VectorLayer({ source: this.drawn, style: sketchStyle }),
      ],
      view: new View({ center: fromLonLat([105, 35]), zoom: 4, enableRotation: false, maxZoom: 19 }),
      controls: [new ScaleLine({ minWidth: 70 })],
      interactions: defaultInteractions({ altShiftDragRotate: false, pinchRotate: false }),
    })
    this.modify = new Modify({ source: this.drawn })
    this.modify.on('modifyend', () => {
      this.tell()
    })
    this.map.addInteraction(this.modify)
    this.map.on('postrender', () => {
      this.publish()
    })
    this.map.on('click', (event) => {
      if (this.draw === null) {
        const [found] = this.standing.getFeaturesAtCoordinate(event.coordinate)
        const fence: unknown = found?.get('fence')
        if (typeof fence === 'string') onPick(fence)
      }
    })
  }

  setBackground(boundaries: FeatureCollection, fences: FeatureCollection): void {
    const isFirst = this.boundaries.isEmpty()
    this.boundaries.clear()
    this.boundaries.addFeatures(readFeatures(boundaries))
    this.standing.clear()
    this.standing.addFeatures(readFences(fences))
    const extent = this.boundaries.getExtent()
    if (isFirst && extent !== null && !isEmpty(extent)) this.map.getView().fit(extent, FIT)
  }

  setLocale(locale: string): void {
    this.locale = locale
    this.boundaries.changed()
  }

  choose(fence: string | null): void {
    this.chosen = fence
    this.standing.changed()
  }

  /** Show a shape that may be changed by dragging its corners. */
  setShape(shape: Shape | null, isFitted: boolean): void {
    this.stopDrawing()
    this.drawn.clear()
    const geometry = shape === null ? null : this.geometryOf(shape)
    if (geometry === null) return
    this.drawn.addFeature(new Feature<Geometry>({ geometry }))
    this.snap()
    if (isFitted) this.map.getView().fit(geometry.getExtent(), FIT)
  }

  startDrawing(kind: DrawnKind): void {
    this.stopDrawing()
    this.drawn.clear()
    this.widthM = FIRST_WIDTH_M
    this.draw = new Draw({ source: this.drawn, type: DRAWN[kind], style: sketchStyle })
    this.draw.on('drawend', ({ feature }) => {
      this.stopDrawing()
      // The feature joins its source only after this event.
      this.tell(feature as Feature<Geometry>)
      this.snap()
    })
    this.map.addInteraction(this.draw)
    this.snap()
  }

  stopDrawing(): void {
    if (this.draw !== null) {
      this.map.removeInteraction(this.draw)
      this.draw = null
    }
  }

  setWidth(widthM: number): void {
    this.widthM = widthM
    this.drawn.changed()
  }

  destroy(): void {
    this.map.setTarget()
    this.map.dispose()
  }

  /** Snapping is asked last, so it has to be added last. */
  private snap(): void {
    this.snaps.forEach((snap) => this.map.removeInteraction(snap))
    this.snaps = [this.boundaries, this.standing, this.drawn].map(
      (source) => new Snap({ source, pixelTolerance: SNAP_PX }),
    )
    this.snaps.forEach((snap) => {
      this.map.addInteraction(snap)
    })
  }

  private geometryOf(shape: Shape): Geometry | null {
    const place = ([lon, lat]: LonLat): number[] => fromLonLat([lon, lat])
    switch (shape.kind) {
      case 'circle':
        return new Circle(place(shape.centre), shape.radiusM / scaleAt(shape.centre[1]))
      case 'corridor':
        this.widthM = shape.widthM
        return new LineString(shape.line.map(place))
      case 'polygon': {
        const ring = shape.ring.map(place)
        return new Polygon([[...ring, ...ring.slice(0, 1)]])
      }
      default:
        return READER.readGeometry(shape.geometry)
    }
  }

  private tell(feature = this.drawn.getFeatures()[0]): void {
    const geometry = feature?.getGeometry()
    const place = (at: number[]): LonLat => {
      const [lon = 0, lat = 0] = toLonLat(at)
      return [round(lon), round(lat)]
    }
    if (geometry instanceof Circle) {
      const centre = place(geometry.getCenter())
      const radiusM = Math.max(1, Math.round(geometry.getRadius() * scaleAt(centre[1])))
      this.onShape({ kind: 'circle', centre, radiusM })
    } else if (geometry instanceof LineString) {
      this.onShape({
        kind: 'corridor',
        line: geometry.getCoordinates().map(place),
        widthM: this.widthM,
      })
    } else if (geometry instanceof Polygon && geometry.getCoordinates().length === 1) {
      const ring = geometry.getCoordinates()[0] ?? []
      this.onShape({ kind: 'polygon', ring: ring.slice(0, -1).map(place) })
    }
  }

  private publish(): void {
    const centre = this.map.getView().getCenter()
    if (centre !== undefined) {
      this.element.dataset.centre = toLonLat(centre)
        .map((degrees) => degrees.toFixed(7))
        .join(',')
      this.element.dataset.resolution = String(this.map.getView().getResolution() ?? '')
    }
  }
}

/** Metres of ground in a metre of Web Mercator. */
export const scaleAt = (latitudeDeg: number): number => Math.cos((latitudeDeg * Math.PI) / 180)

/** Seven decimals: a centimetre, as the gateways keep it. */
const round = (degrees: number): number => Math.round(degrees * 1e7) / 1e7
