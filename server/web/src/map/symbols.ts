import type { Form } from '@/map/positions'
import { makeStamp, type Shape, type Stamp } from '@/map/raster'

/** Colours that stay apart for colour-blind eyes (after Okabe and Ito), on a dark ground. */
export const SYMBOL_FILL: Record<Form, number> = {
  calm: 0x56b4e9,
  officer: 0x2ec4a0,
  minor: 0xf0e442,
  major: 0xffa62b,
  critical: 0xff5a4f,
}

export const STALE_FILL = 0x7f8ea6

const RIM = 0x06101f

const SHAPES: Record<Form, { shape: Shape; radiusPx: number }> = {
  calm: { shape: 'disc', radiusPx: 4.5 },
  officer: { shape: 'square', radiusPx: 5 },
  minor: { shape: 'diamond', radiusPx: 5.5 },
  major: { shape: 'diamond', radiusPx: 7 },
  critical: { shape: 'diamond', radiusPx: 8.5 },
}

/** Lowest first, so that what matters is drawn on top. */
export const DRAW_ORDER: readonly Form[] = ['officer', 'calm', 'minor', 'major', 'critical']

export type StampSet = Record<Form, { fresh: Stamp; stale: Stamp }>

/** All symbols for a screen of this density (1 on an ordinary one, 2 to 3 on a phone). */
export function makeStamps(pixelRatio: number): StampSet {
  const of = (form: Form, fill: number): Stamp =>
    makeStamp({
      shape: SHAPES[form].shape,
      radiusPx: SHAPES[form].radiusPx * pixelRatio,
      fill,
      rim: RIM,
      rimPx: 1.2 * pixelRatio,
    })
  const both = (form: Form): { fresh: Stamp; stale: Stamp } => ({
    fresh: of(form, SYMBOL_FILL[form]),
    stale: of(form, STALE_FILL),
  })
  return {
    calm: both('calm'),
    officer: both('officer'),
    minor: both('minor'),
    major: both('major'),
    critical: both('critical'),
  }
}
