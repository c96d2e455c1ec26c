import type { FeatureLike } from 'ol/Feature.js'
import { Circle, Fill, RegularShape, Stroke, Style, Text } from 'ol/style.js'
import type { StyleFunction } from 'ol/style/Style.js'

import { STALE_FILL, SYMBOL_FILL } from '@/map/symbols'
import type { Tally } from '@/map/tallies'

const FONT = '"PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "Source Han Sans SC", sans-serif'

const INK = '#dbe8fb'
const HALO = '#0a1a30'

function textOf(feature: FeatureLike, key: string): string {
  const value: unknown = feature.get(key)
  return typeof value === 'string' ? value : ''
}

function label(text: string, sizePx: number, weight: number, colour = INK): Text {
  return new Text({
    text,
    font: `${String(weight)} ${String(sizePx)}px ${FONT}`,
    fill: new Fill({ color: colour }),
    stroke: new Stroke({ color: HALO, width: 3 }),
    overflow: true,
  })
}

/** Where the name of a ground stands, beside what else is in its middle. */
export type Placing = 'centre' | 'below' | 'none'

/** A name under a mark, pixels below the mark's middle. */
const BELOW_PX = 32

/** A county is a ground with an edge; an office inside it only a thin line. */
export function boundaryStyle(
  locale: () => string,
  placing: (feature: FeatureLike, resolution: number) => Placing = () => 'centre',
): StyleFunction {
  return (feature, resolution) => {
    const isOffice = feature.get('level') === 'office'
    const name = textOf(feature, locale() === 'en' ? 'name_en' : 'name_zh')
    const placed = placing(feature, resolution)
    const text = label(
      placed === 'none' ? '' : name,
      isOffice ? 12 : 16,
      isOffice ? 400 : 600,
      isOffice ? '#a9c1e2' : INK,
    )
    text.setOffsetY(placed === 'below' ? BELOW_PX : 0)
    return new Style({
      fill: new Fill({ color: isOffice ? 'rgba(42, 78, 130, 0.16)' : '#0f2745' }),
      stroke: new Stroke({
        color: isOffice ? '#33598f' : '#6aa5ee',
        width: isOffice ? 1 : 2,
      }),
      text,
      zIndex: isOffice ? 1 : 0,
    })
  }
}

/** How strongly a ground takes the colour of its worst state. */
const TINT = '38'
const MARK_RADIUS_PX = 17
/** A diamond needs more room than a disc for the same number. */
const DIAMOND_RADIUS_PX = 24

function hex(rgb: number): string {
  return `#${rgb.toString(16).padStart(6, '0')}`
}

/** A county in the colour of the worst that is open in it, its number of people in a disc or a diamond. */
export const countStyle: StyleFunction = (feature) => {
  const tally = feature.get('tally') as Tally | undefined
  if (tally === undefined) {
    return new Style()
  }
  const isAlarmed = tally.worst !== 'calm'
  const colour = hex(tally.isStale ? STALE_FILL : SYMBOL_FILL[tally.worst])
  if (feature.get('part') === 'ground') {
    const isShown = tally.subjects > 0
    return new Style({
      fill: new Fill({ color: isShown ? `${colour}${TINT}` : '#00000000' }),
      zIndex: 0,
    })
  }
  const fill = new Fill({ color: tally.subjects === 0 ? HALO : colour })
  const stroke = new Stroke({ color: tally.subjects === 0 ? hex(STALE_FILL) : HALO, width: 2 })
  return new Style({
    image: isAlarmed
      ? new RegularShape({ points: 4, radius: DIAMOND_RADIUS_PX, fill, stroke })
      : new Circle({ radius: MARK_RADIUS_PX, fill, stroke }),
    text: new Text({
      text: String(tally.subjects),
      font: `700 13px ${FONT}`,
      fill: new Fill({ color: tally.subjects === 0 ? INK : '#06101f' }),
    }),
    zIndex: isAlarmed ? 2 : 1,
  })
}

function hatch(): CanvasPattern | string {
  const tile = document.createElement('canvas')
  tile.width = tile.height = 8
  const context = tile.getContext('2d')
  if (context === null) {
    return 'rgba(255, 110, 95, 0.2)'
  }
  context.strokeStyle = 'rgba(255, 110, 95, 0.55)'
  context.lineWidth = 1.2
  context.beginPath()
  context.moveTo(-2, 10)
  context.lineTo(10, -2)
  context.moveTo(-2, 2)
  context.lineTo(2, -2)
  context.moveTo(6, 10)
  context.lineTo(10, 6)
  context.stroke()
  return context.createPattern(tile, 'repeat') ?? 'rgba(255, 110, 95, 0.2)'
}

/** Exclusion is hatched and solid-edged, inclusion only a dashed edge: told apart without colour. */
export function fenceStyle(isEmphasised: (feature: FeatureLike) => boolean): StyleFunction {
  const exclusionFill = new Fill({ color: hatch() })
  const inclusionFill = new Fill({ color: 'rgba(70, 200, 170, 0.10)' })
  return (feature, resolution) => {
    const isExclusion = feature.get('use') === 'exclusion'
    const isStrong = isEmphasised(feature)
    const colour = isExclusion ? '#ff7a6b' : '#46c8aa'
    const style = new Style({
      stroke: new Stroke({
        color: isStrong ? colour : `${colour}99`,
        width: isStrong ? 2.5 : 1.2,
        ...(isExclusion ? {} : { lineDash: [7, 5] }),
      }),
      zIndex: isStrong ? 2 : 0,
    })
    if (isExclusion) {
      style.setFill(exclusionFill)
    } else if (isStrong) {
      style.setFill(inclusionFill)
    }
    if (isStrong || resolution < 6) {
      style.setText(label(textOf(feature, 'name'), 12, 500, isExclusion ? '#ffc2ba' : '#bdf0e3'))
    }
    return style
  }
}

/** Metres per pixel below which neighbouring fixes stand apart. */
const DOTS_BELOW = 5

/** A track: a line where the way is known, a dot for each raw fix, a ring at the start. */
export const trackStyle: StyleFunction = (feature, resolution) => {
  switch (feature.get('part')) {
    case 'line':
      return new Style({ stroke: new Stroke({ color: '#b98cff', width: 2.5 }) })
    case 'fixes':
      return new Style({
        // Far out, full dots would cover the line that they stand on.
        image: new Circle({
          radius: resolution < DOTS_BELOW ? 2.8 : 1.2,
          fill: new Fill({ color: '#f6f0ff' }),
        }),
      })
    case 'accuracy':
      return new Style({
        fill: new Fill({ color: 'rgba(255, 214, 102, 0.14)' }),
        stroke: new Stroke({ color: '#ffd666', width: 1.2 }),
        zIndex: 3,
      })
    case 'head':
      return new Style({
        image: new Circle({
          radius: 7,
          fill: new Fill({ color: '#ffd666' }),
          stroke: new Stroke({ color: HALO, width: 2 }),
        }),
        zIndex: 4,
      })
    case 'start':
      return new Style({
        image: new Circle({
          radius: 6,
          fill: new Fill({ color: HALO }),
          stroke: new Stroke({ color: '#f1e8ff', width: 2.5 }),
        }),
        zIndex: 2,
      })
    default:
      return new Style({
        image: new Circle({
          radius: 6,
          fill: new Fill({ color: '#c9a6ff' }),
          stroke: new Stroke({ color: '#ffffff', width: 2 }),
        }),
        zIndex: 2,
      })
  }
}
