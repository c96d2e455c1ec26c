/** Point symbols as pixels: no canvas state, no per-point object, the same on every machine. */

export type Shape = 'disc' | 'square' | 'diamond'

export interface SymbolStyle {
  shape: Shape
  /** Half the symbol's width without its outline, device pixels. */
  radiusPx: number
  /** 0xRRGGBB. */
  fill: number
  /** A dark rim keeps neighbours apart and the symbol readable on any ground. */
  rim: number
  rimPx: number
}

/** A symbol ready to be copied: offsets from its centre and colours as canvas pixels. */
export interface Stamp {
  /** No pixel is farther from the centre than this, along either axis. */
  reach: number
  dx: Int16Array
  dy: Int16Array
  /** ABGR, as a little-endian Uint32 view of ImageData sees it. */
  abgr: Uint32Array
}

/** Signed distance from the shape's edge, negative inside, pixels. */
function distance(shape: Shape, x: number, y: number, radius: number): number {
  const ax = Math.abs(x)
  const ay = Math.abs(y)
  switch (shape) {
    case 'disc':
      return Math.hypot(x, y) - radius
    case 'square':
      return Math.max(ax, ay) - radius * 0.88
    case 'diamond':
      return (ax + ay - radius * 1.25) * Math.SQRT1_2
  }
}

function abgrOf(rgb: number, alpha: number): number {
  const red = (rgb >> 16) & 0xff
  const green = (rgb >> 8) & 0xff
  const blue = rgb & 0xff
  return ((alpha << 24) | (blue << 16) | (green << 8) | red) >>> 0
}

function mix(from: number, to: number, share: number): number {
  const channel = (shift: number): number => {
    const a = (from >> shift) & 0xff
    const b = (to >> shift) & 0xff
    return Math.round(a + (b - a) * share) << shift
  }
  return channel(16) | channel(8) | channel(0)
}

const clamp01 = (value: number): number => Math.min(1, Math.max(0, value))

/** Draw a symbol once, with smoothed edges. */
export function makeStamp(style: SymbolStyle): Stamp {
  const reach = Math.ceil(style.radiusPx * 1.25 + style.rimPx + 1)
  const dx: number[] = []
  const dy: number[] = []
  const abgr: number[] = []
  for (let y = -reach; y <= reach; y += 1) {
    for (let x = -reach; x <= reach; x += 1) {
      const edge = distance(style.shape, x, y, style.radiusPx)
      const cover = clamp01(style.rimPx - edge + 0.5)
      if (cover > 0) {
        dx.push(x)
        dy.push(y)
        abgr.push(abgrOf(mix(style.fill, style.rim, clamp01(edge + 0.5)), Math.round(cover * 255)))
      }
    }
  }
  return { reach, dx: Int16Array.from(dx), dy: Int16Array.from(dy), abgr: Uint32Array.from(abgr) }
}

/** Pixels of one frame; `data` is row by row, 0 where nothing was drawn. */
export interface Frame {
  width: number
  height: number
  data: Uint32Array
}

/**
 * Copy a symbol into the frame, its centre at the pixel (x, y); what falls outside is cut.
 *
 * A smoothed edge pixel never thins what is already drawn under it.
 */
export function drawStamp(frame: Frame, stamp: Stamp, x: number, y: number): void {
  const { width, height, data } = frame
  const centreX = Math.round(x)
  const centreY = Math.round(y)
  const { reach } = stamp
  if (
    centreX < -reach ||
    centreY < -reach ||
    centreX >= width + reach ||
    centreY >= height + reach
  ) {
    return
  }
  for (let i = 0; i < stamp.abgr.length; i += 1) {
    const px = centreX + (stamp.dx[i] ?? 0)
    const py = centreY + (stamp.dy[i] ?? 0)
    if (px < 0 || py < 0 || px >= width || py >= height) {
      continue
    }
    const at = py * width + px
    const colour = stamp.abgr[i] ?? 0
    if (colour >>> 24 >= (data[at] ?? 0) >>> 24) {
      data[at] = colour
    }
  }
}
