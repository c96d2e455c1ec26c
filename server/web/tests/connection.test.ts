import { describe, expect, test } from 'vitest'

import { LiveConnection, backoffMs, type Stream, type Surroundings } from '@/live/connection'
import { STALE_AFTER_MS, type LiveFrame, type LiveStatus } from '@/live/frames'

class FakeStream implements Stream {
  readonly listeners = new Map<string, (event: MessageEvent<string>) => void>()
  onerror: ((event: Event) => void) | null = null
  isClosed = false

  addEventListener(type: string, listener: (event: MessageEvent<string>) => void): void {
    this.listeners.set(type, listener)
  }

  close(): void {
    this.isClosed = true
  }

  send(type: string, data: string): void {
    this.listeners.get(type)?.(new MessageEvent(type, { data }))
  }

  fail(): void {
    this.onerror?.(new Event('error'))
  }
}

/** A world whose clock we advance. */
class World implements Surroundings {
  readonly streams: FakeStream[] = []
  private nowMs = 0
  private nextTimer = 1
  private readonly timers = new Map<number, { atMs: number; run: () => void }>()

  openStream(): Stream {
    const stream = new FakeStream()
    this.streams.push(stream)
    return stream
  }

  setTimer(run: () => void, delayMs: number): number {
    this.timers.set(this.nextTimer, { atMs: this.nowMs + delayMs, run })
    return this.nextTimer++
  }

  clearTimer(timer: number): void {
    this.timers.delete(timer)
  }

  random(): number {
    return 0.999
  }

  get pendingTimers(): number {
    return this.timers.size
  }

  get last(): FakeStream {
    const stream = this.streams.at(-1)
    if (stream === undefined) {
      throw new Error('no stream was opened')
    }
    return stream
  }

  advance(durationMs: number): void {
    this.nowMs += durationMs
    for (const [timer, { atMs, run }] of [...this.timers]) {
      if (atMs <= this.nowMs && this.timers.delete(timer)) {
        run()
      }
    }
  }
}

function start(): {
  world: World
  frames: LiveFrame[]
  statuses: LiveStatus[]
  connection: LiveConnection
} {
  const world = new World()
  const frames: LiveFrame[] = []
  const statuses: LiveStatus[] = []
  const connection = new LiveConnection(
    world,
    (frame) => frames.push(frame),
    (status) => statuses.push(status),
  )
  connection.start()
  return { world, frames, statuses, connection }
}

const HELLO = '{"feed_id": 1, "now": "2026-11-22T01:02:03Z"}'

describe('live connection', () => {
  test('hello makes it live and is passed on', () => {
    const { world, frames, statuses } = start()
    world.last.send('hello', HELLO)
    expect(statuses).toEqual(['connecting', 'live'])
    expect(frames).toEqual([{ event: 'hello', data: JSON.parse(HELLO) as unknown }])
  })

  test('an error closes the stream and opens another one later', () => {
    const { world, statuses } = start()
    const first = world.last
    first.fail()
    expect(first.isClosed).toBe(true)
    expect(statuses.at(-1)).toBe('waiting')
    expect(world.streams).toHaveLength(1)
    world.advance(1_000)
    expect(world.streams).toHaveLength(2)
  })

  test('a silent stream is given up after the stale limit', () => {
    const { world, statuses } = start()
    world.last.send('hello', HELLO)
    world.advance(STALE_AFTER_MS - 1)
    expect(statuses.at(-1)).toBe('live')
    world.advance(1)
    expect(statuses.at(-1)).toBe('waiting')
    expect(world.last.isClosed).toBe(true)
  })

  test('a heartbeat keeps a quiet stream alive', () => {
    const { world, statuses } = start()
    world.last.send('hello', HELLO)
    for (let i = 0; i < 10; i += 1) {
      world.advance(10_000)
      world.last.send('hb', '{"now": "2026-11-22T01:02:13Z"}')
    }
    expect(statuses).toEqual(['connecting', 'live'])
    expect(world.streams).toHaveLength(1)
  })

  test('the delay doubles while attempts fail and starts anew after a hello', () => {
    const { world } = start()
    const delays: number[] = []
    for (let i = 0; i < 4; i += 1) {
      const before = world.streams.length
      world.last.fail()
      let waitedMs = 0
      while (world.streams.length === before) {
        world.advance(100)
        waitedMs += 100
      }
      delays.push(waitedMs)
    }
    expect(delays).toEqual([1_000, 2_000, 4_000, 8_000])
    world.last.send('hello', HELLO)
    world.last.fail()
    world.advance(1_000)
    expect(world.streams).toHaveLength(6)
  })

  test('a broken frame is skipped and the next one arrives', () => {
    const { world, frames } = start()
    world.last.send('pos', '{"device": [')
    world.last.send('hb', '{"now": "2026-11-22T01:02:13Z"}')
    expect(frames.map((frame) => frame.event)).toEqual(['hb'])
  })

  test('stop leaves no stream and no timer behind', () => {
    const { world, connection } = start()
    connection.stop()
    expect(world.last.isClosed).toBe(true)
    expect(world.pendingTimers).toBe(0)
  })

  test('events of a stream that was replaced are ignored', () => {
    const { world, frames } = start()
    const first = world.last
    first.fail()
    world.advance(1_000)
    first.send('hb', '{"now": "2026-11-22T01:02:13Z"}')
    expect(frames).toEqual([])
  })

  test('the delay has jitter down to one half and a cap', () => {
    expect(backoffMs(0, 0)).toBe(500)
    expect(backoffMs(2, 0.5)).toBe(3_000)
    expect(backoffMs(99, 0.999_999)).toBeLessThanOrEqual(20_000)
  })
})
