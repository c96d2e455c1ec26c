import 'ol/ol.css'
import '@/map/points.css'

import type { FeatureLike } from 'ol/Feature.js'
import type { FrameState } from 'ol/Map.js'
import OlMap from 'ol/Map.js'
import View from 'ol/View.js'
import ScaleLine from 'ol/control/ScaleLine.js'
import { isEmpty, type Extent } from 'ol/extent.js'
import { defaults as defaultInteractions } from 'ol/interaction/defaults.js'
import VectorLayer from 'ol/layer/Vector.js'
import { toLonLat } from 'ol/proj.js'
import VectorSource from 'ol/source/Vector.js'

import type { FeatureCollection } from '@/api/types'
import { Counts, placingOf } from '@/map/counts'
import type { MapEngine, MapEvents, MapTexts, OpenMap, PointScene } from '@/map/engine'
import { headFeatures, readFeatures, readFences, trackFeatures } from '@/map/layers'
import { PointsLayer } from '@/map/pointsLayer'
import { project } from '@/map/positions'
import { boundaryStyle, fenceStyle, trackStyle } from '@/map/styles'
import type { TrackFix, TrackSegment } from '@/subjects/track'

/** How near a click must be: a fingertip hides more than a pointer. */
const PICK_REACH_PX = matchMedia('(pointer: coarse)').matches ? 24 : 12

const ANIMATION_MS = matchMedia('(prefers-reduced-motion: reduce)').matches ? 0 : 250
const FIT_PADDING_PX = [44, 44, 44, 44]
/** Metres per pixel: closer than this a single point would fill the screen with nothing. */
const CLOSEST_FIT = 1
/** Metres per pixel at which streets' worth of ground can be told apart. */
const FLY_RESOLUTION = 6

class OpenLayersEngine implements MapEngine {
  private readonly boundarySource = new VectorSource()
  private readonly fenceSource = new VectorSource()
  private readonly trackSource = new VectorSource()
  private readonly headSource = new VectorSource()
  private readonly counts = new Counts()
  private readonly points = new PointsLayer((position, resolution) =>
    this.counts.isOn(resolution) && this.counts.covers(position),
  )
  private readonly boundaries: VectorLayer
  private readonly fences: VectorLayer
  private readonly map: OlMap
  private texts: MapTexts = { locale: 'zh-CN' }
  private subject: string | null = null
  private isCounting = false
  private frameState: FrameState | null = null
  private scene: PointScene | null = null

  constructor(
    element: HTMLElement,
    private readonly events: MapEvents,
  ) {
    this.boundaries = new VectorLayer({
      source: this.boundarySource,
      style: boundaryStyle(
        () => this.texts.locale,
        (feature, resolution) => placingOf(this.counts, feature, resolution),
      ),
      declutter: 'boundaries',
    })
    this.fences = new VectorLayer({
      source: this.fenceSource,
      style: fenceStyle((feature) => this.isOfSubject(feature)),
      declutter: 'fences',
    })
    this.map = new OlMap({
      target: element,
      layers: [
        this.boundaries,
        this.fences,
        this.counts.layer,
        new VectorLayer({ source: this.trackSource, style: trackStyle }),
        this.points,
        new VectorLayer({ source: this.headSource, style: trackStyle }),
      ],
      view: new View({ center: project(105, 35), zoom: 4, enableRotation: false, maxZoom: 19 }),
      controls: [new ScaleLine({ minWidth: 70 })],
      interactions: defaultInteractions({ altShiftDragRotate: false, pinchRotate: false }),
    })
    this.map.on('postrender', (event) => {
      this.frameState = event.frameState
      this.publishView(element)
    })
    this.map.on('click', (event) => {
      if (this.frameState !== null) {
        const device = this.points.pick(this.frameState, event.pixel, PICK_REACH_PX)
        const org = device === null ? this.counts.orgAt(event.coordinate, this.resolution()) : null
        if (org === null) {
          events.onPick(device)
        } else {
          events.onOpenOrg(org)
        }
      }
    })
    this.map.getView().on('change:resolution', () => {
      if (this.counts.isOn(this.resolution()) !== this.isCounting) {
        this.count()
      }
    })
  }

  setBoundaries(boundaries: FeatureCollection): void {
    this.boundarySource.clear()
    const features = readFeatures(boundaries)
    this.boundarySource.addFeatures(features)
    this.counts.setBoundaries(boundaries, features)
    this.count()
  }

  setFences(fences: FeatureCollection): void {
    this.fenceSource.clear()
    this.fenceSource.addFeatures(readFences(fences))
  }

  showFences(isShown: boolean): void {
    this.fences.setVisible(isShown)
  }

  emphasise(subject: string | null): void {
    this.subject = subject
    this.fences.changed()
  }

  setTexts(texts: MapTexts): void {
    this.texts = texts
    this.boundaries.changed()
  }

  setScene(scene: PointScene): void {
    this.scene = scene
    this.points.setScene(scene)
  }

  refresh(): void {
    this.points.changed()
    if (this.isCounting) {
      this.count()
    }
  }

  select(device: string | null): void {
    this.points.select(device)
  }

  setTrack(segments: readonly TrackSegment[]): void {
    this.trackSource.clear()
    this.trackSource.addFeatures(trackFeatures(segments))
  }

  setHead(fix: TrackFix | null): void {
    this.headSource.clear()
    this.headSource.addFeatures(headFeatures(fix))
  }

  fitBoundaries(): void {
    this.fit(this.boundarySource.getExtent() ?? this.fenceSource.getExtent())
  }

  fitOrg(org: string): void {
    const found = this.boundarySource.getFeatures().find((one) => one.get('org') === org)
    this.fit(found?.getGeometry()?.getExtent() ?? null)
  }

  fitTrack(): void {
    this.fit(this.trackSource.getExtent())
  }

  flyTo(longitudeDeg: number, latitudeDeg: number): void {
    const view = this.map.getView()
    view.animate({
      center: project(longitudeDeg, latitudeDeg),
      resolution: Math.min(view.getResolution() ?? FLY_RESOLUTION, FLY_RESOLUTION),
      duration: ANIMATION_MS,
    })
  }

  zoomBy(steps: number): void {
    const view = this.map.getView()
    view.animate({ zoom: (view.getZoom() ?? 8) + steps, duration: ANIMATION_MS })
  }

  destroy(): void {
    this.map.setTarget()
    this.map.dispose()
  }

  private resolution(): number {
    return this.map.getView().getResolution() ?? 0
  }

  /** Count the areas at the scale that is shown, and tell the page. */
  private count(): void {
    this.isCounting = this.scene !== null && this.counts.isOn(this.resolution())
    this.events.onTallies(
      this.scene !== null && this.isCounting ? this.counts.refresh(this.scene) : null,
    )
  }

  private isOfSubject(feature: FeatureLike): boolean {
    const subjects: unknown = feature.get('subjects')
    return this.subject !== null && Array.isArray(subjects) && subjects.includes(this.subject)
  }

  private fit(extent: Extent | null): void {
    if (extent === null || isEmpty(extent)) {
      return
    }
    this.map.getView().fit(extent, { padding: FIT_PADDING_PX, minResolution: CLOSEST_FIT })
  }

  /** What is in view, for support and for tests that look at pixels. */
  private publishView(element: HTMLElement): void {
    const view = this.map.getView()
    const centre = view.getCenter()
    if (centre !== undefined) {
      element.dataset.centre = toLonLat(centre)
        .map((degrees) => degrees.toFixed(7))
        .join(',')
      element.dataset.resolution = String(view.getResolution() ?? '')
    }
  }
}

export const openMap: OpenMap = (element, events) => new OpenLayersEngine(element, events)
