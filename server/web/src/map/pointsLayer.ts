import type { FrameState } from 'ol/Map.js'
import Layer from 'ol/layer/Layer.js'
import { apply as applyTransform } from 'ol/transform.js'

import type { Grade } from '@/alerts/queue'
import type { PointScene } from '@/map/engine'
import { lookOf, type Position } from '@/map/positions'
import { drawStamp, type Frame } from '@/map/raster'
import { DRAW_ORDER, makeStamps, type StampSet } from '@/map/symbols'

/** While symbols glide, a picture every this many milliseconds is smooth enough. */
const GLIDE_FRAME_MS = 33

/** A row that is not drawn: a mark of its area stands for it. */
const HIDDEN = 255

/** The layer that draws all devices: one canvas, one pass over the table per picture. */
export class PointsLayer extends Layer {
  private readonly holder = document.createElement('div')
  /** Below the symbols: ring and accuracy circle of the selected device. */
  private readonly under = document.createElement('canvas')
  private readonly canvas = document.createElement('canvas')
  private readonly underContext = this.under.getContext('2d')
  private readonly context = this.canvas.getContext('2d')
  private stamps: StampSet = makeStamps(1)
  private stampRatio = 1
  private frame: Frame = { width: 0, height: 0, data: new Uint32Array(0) }
  private image: ImageData | null = null
  private scene: PointScene | null = null
  private selected: string | null = null
  private again: ReturnType<typeof setTimeout> | null = null

  /** `isCovered`: something else stands for a position at this scale, unless it raises an alarm. */
  constructor(
    private readonly isCovered: (position: Position, resolution: number) => boolean = () => false,
  ) {
    super({})
    // OpenLayers takes a bare canvas for the next layer's own; inside a div it stays ours.
    this.holder.className = 'points-layer'
    this.holder.append(this.under, this.canvas)
  }

  setScene(scene: PointScene): void {
    this.scene = scene
    this.changed()
  }

  select(device: string | null): void {
    this.selected = device
    this.changed()
  }

  /** The device drawn nearest to a screen position, within `reachPx`; alerts win ties. */
  pick(state: FrameState, pixel: readonly number[], reachPx: number): string | null {
    if (this.scene === null) {
      return null
    }
    const { table } = this.scene
    const grades = this.scene.grades()
    const { resolution } = state.viewState
    let best: string | null = null
    let bestDistance = reachPx
    for (let row = 0; row < table.size; row += 1) {
      const position = table.at(row)
      if (position === undefined || this.isHidden(position, grades.get(position.holder), resolution)) {
        continue
      }
      const [x, y] = applyTransform(
        state.coordinateToPixelTransform,
        table.drawnAt(row, performance.now()),
      ) as [number, number]
      const distance = Math.hypot(x - (pixel[0] ?? 0), y - (pixel[1] ?? 0))
      if (distance <= bestDistance) {
        best = position.device
        bestDistance = distance
      }
    }
    return best
  }

  override render(state: FrameState): HTMLElement {
    this.fit(state)
    if (this.scene !== null && this.context !== null && this.image !== null) {
      this.frame.data.fill(0)
      this.drawPoints(this.scene, state)
      this.context.putImageData(this.image, 0, 0)
      this.drawSelection(this.scene, state)
      this.continueGlide(this.scene)
    }
    return this.holder
  }

  protected override disposeInternal(): void {
    if (this.again !== null) {
      clearTimeout(this.again)
    }
    super.disposeInternal()
  }

  private fit(state: FrameState): void {
    const ratio = state.pixelRatio
    const width = Math.max(1, Math.round((state.size[0] ?? 1) * ratio))
    const height = Math.max(1, Math.round((state.size[1] ?? 1) * ratio))
    if (ratio !== this.stampRatio) {
      this.stamps = makeStamps(ratio)
      this.stampRatio = ratio
    }
    if (this.image === null || width !== this.frame.width || height !== this.frame.height) {
      this.canvas.width = this.under.width = width
      this.canvas.height = this.under.height = height
      this.image = new ImageData(width, height)
      this.frame = { width, height, data: new Uint32Array(this.image.data.buffer) }
    }
  }

  private drawPoints(scene: PointScene, state: FrameState): void {
    const { table } = scene
    const grades = scene.grades()
    const nowMs = scene.nowMs()
    const isFeedStale = scene.isFeedStale()
    const screenMs = performance.now()
    const forms = new Uint8Array(table.size)
    for (let row = 0; row < table.size; row += 1) {
      const position = table.at(row)
      if (position !== undefined) {
        const grade = grades.get(position.holder)
        const look = lookOf(position, grade, nowMs, isFeedStale)
        forms[row] = this.isHidden(position, grade, state.viewState.resolution)
          ? HIDDEN
          : DRAW_ORDER.indexOf(look.form) * 2 + (look.isStale ? 0 : 1)
      }
    }
    DRAW_ORDER.forEach((form, level) => {
      for (let row = 0; row < table.size; row += 1) {
        const code = forms[row] ?? 0
        if (code >> 1 !== level) {
          continue
        }
        const [x, y] = applyTransform(
          state.coordinateToPixelTransform,
          table.drawnAt(row, screenMs),
        ) as [number, number]
        const { fresh, stale } = this.stamps[form]
        drawStamp(this.frame, code & 1 ? fresh : stale, x * state.pixelRatio, y * state.pixelRatio)
      }
    })
  }

  private isHidden(position: Position, grade: Grade | undefined, resolution: number): boolean {
    return (
      grade === undefined &&
      position.device !== this.selected &&
      this.isCovered(position, resolution)
    )
  }

  private drawSelection(scene: PointScene, state: FrameState): void {
    const position = this.selected === null ? undefined : scene.table.find(this.selected)
    const row = this.selected === null ? undefined : scene.table.rowOfDevice(this.selected)
    const context = this.underContext
    context?.clearRect(0, 0, this.frame.width, this.frame.height)
    if (position === undefined || row === undefined || context === null) {
      return
    }
    const ratio = state.pixelRatio
    const [x, y] = applyTransform(
      state.coordinateToPixelTransform,
      scene.table.drawnAt(row, performance.now()),
    ) as [number, number]
    context.save()
    context.scale(ratio, ratio)
    if (position.accuracyM !== null) {
      // Web Mercator stretches distances by 1 / cos(latitude).
      const metresPerPx =
        state.viewState.resolution * Math.cos((position.latitudeDeg * Math.PI) / 180)
      context.beginPath()
      context.arc(x, y, position.accuracyM / metresPerPx, 0, Math.PI * 2)
      context.fillStyle = 'rgba(124, 196, 255, 0.16)'
      context.strokeStyle = 'rgba(124, 196, 255, 0.75)'
      context.lineWidth = 1
      context.fill()
      context.stroke()
    }
    context.beginPath()
    context.arc(x, y, 14, 0, Math.PI * 2)
    context.strokeStyle = '#ffffff'
    context.lineWidth = 2
    context.stroke()
    context.restore()
  }

  private continueGlide(scene: PointScene): void {
    if (this.again === null && performance.now() < scene.table.movingUntilMs) {
      this.again = setTimeout(() => {
        this.again = null
        this.changed()
      }, GLIDE_FRAME_MS)
    }
  }
}
