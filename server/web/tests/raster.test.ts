import { describe, expect, test } from 'vitest'

import { drawStamp, makeStamp, type Frame } from '@/map/raster'

const RED_DISC = makeStamp({ shape: 'disc', radiusPx: 4, fill: 0xff5a4f, rim: 0x06101f, rimPx: 1 })

function makeFrame(width = 40, height = 30): Frame {
  return { width, height, data: new Uint32Array(width * height) }
}

/** The pixel as [red, green, blue, alpha]. */
function pixel(frame: Frame, x: number, y: number): number[] {
  const value = frame.data[y * frame.width + x] ?? 0
  return [value & 255, (value >> 8) & 255, (value >> 16) & 255, value >>> 24]
}

describe('a stamp', () => {
  test('has its colour in the middle and its rim at the edge', () => {
    const frame = makeFrame()
    drawStamp(frame, RED_DISC, 20, 15)
    expect(pixel(frame, 20, 15)).toEqual([0xff, 0x5a, 0x4f, 255])
    expect(pixel(frame, 15, 15)).toEqual([0x06, 0x10, 0x1f, expect.any(Number)])
    expect(pixel(frame, 10, 15)).toEqual([0, 0, 0, 0])
  })

  test.each([
    ['beyond the left edge', -3, 15],
    ['beyond the bottom edge', 20, 31],
    ['far outside', 5_000, -5_000],
  ])('%s is cut and wraps nowhere', (_, x, y) => {
    const frame = makeFrame()
    drawStamp(frame, RED_DISC, x, y)
    const drawn = [...frame.data.keys()].filter((at) => frame.data[at] !== 0)
    for (const at of drawn) {
      expect(Math.abs((at % frame.width) - x)).toBeLessThanOrEqual(7)
      expect(Math.abs(Math.floor(at / frame.width) - y)).toBeLessThanOrEqual(7)
    }
  })

  test('on top of another keeps the lower one solid under its smooth edge', () => {
    const frame = makeFrame()
    drawStamp(frame, RED_DISC, 20, 15)
    const blue = makeStamp({ shape: 'disc', radiusPx: 2, fill: 0x0000ff, rim: 0x0000ff, rimPx: 0.3 })
    drawStamp(frame, blue, 20, 15)
    for (let x = 17; x <= 23; x += 1) {
      expect(pixel(frame, x, 15)[3]).toBe(255)
    }
    expect(pixel(frame, 20, 15)).toEqual([0, 0, 255, 255])
  })

  test('of each shape is told apart without colour', () => {
    const outlines = (['disc', 'square', 'diamond'] as const).map((shape) => {
      const stamp = makeStamp({ shape, radiusPx: 6, fill: 0xffffff, rim: 0, rimPx: 1 })
      return stamp.dx.join() + stamp.dy.join()
    })
    expect(new Set(outlines).size).toBe(3)
  })
})
