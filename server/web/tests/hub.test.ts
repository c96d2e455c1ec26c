import { describe, expect, test } from 'vitest'

import { LiveConnection, type Surroundings } from '@/live/connection'
import type { LiveFrame, LiveStatus } from '@/live/frames'
import { GONE_AFTER_MS, TabHub, type WorkerMessage } from '@/live/hub'

class Tab {
  readonly got: WorkerMessage[] = []

  postMessage(message: WorkerMessage): void {
    this.got.push(message)
  }

  get kinds(): string[] {
    return this.got.map((message) => message.type)
  }
}

class Streams implements Surroundings {
  opened = 0
  closed = 0

  openStream(): ReturnType<Surroundings['openStream']> {
    this.opened += 1
    return {
      addEventListener: () => undefined,
      close: () => {
        this.closed += 1
      },
      onerror: null,
    }
  }

  setTimer(): number {
    return 1
  }

  clearTimer(): void {
    return
  }

  random(): number {
    return 0.5
  }
}

function start(): {
  hub: TabHub
  streams: Streams
  clock: { nowMs: number }
  feed: (frame: LiveFrame) => void
} {
  const streams = new Streams()
  const clock = { nowMs: 1_000_000 }
  let feed: (frame: LiveFrame) => void = () => undefined
  const hub = new TabHub(
    (onFrame: (frame: LiveFrame) => void, onStatus: (status: LiveStatus) => void) => {
      feed = onFrame
      return new LiveConnection(streams, onFrame, onStatus)
    },
    () => clock.nowMs,
  )
  return {
    hub,
    streams,
    clock,
    feed: (frame) => {
      feed(frame)
    },
  }
}

const HEARTBEAT: LiveFrame = { event: 'hb', data: { now: '2026-11-22T01:02:03Z' } }

describe('one stream for all tabs', () => {
  test('eight tabs open one stream and each gets every frame', () => {
    const { hub, streams, feed } = start()
    const tabs = Array.from({ length: 8 }, () => new Tab())
    tabs.forEach((tab) => {
      hub.receive(tab, { type: 'join', login: 'officer-1' })
    })
    feed(HEARTBEAT)
    expect(streams.opened).toBe(1)
    for (const tab of tabs) {
      expect(tab.got.at(-1)).toEqual({ type: 'frame', frame: HEARTBEAT })
    }
  })

  test('the stream ends with the last tab', () => {
    const { hub, streams } = start()
    const [one, two] = [new Tab(), new Tab()]
    hub.receive(one, { type: 'join', login: 'officer-1' })
    hub.receive(two, { type: 'join', login: 'officer-1' })
    hub.receive(one, { type: 'leave' })
    expect(streams.closed).toBe(0)
    hub.receive(two, { type: 'leave' })
    expect(streams.closed).toBe(1)
  })

  test('a tab that fell silent is dropped', () => {
    const { hub, clock } = start()
    const [gone, here] = [new Tab(), new Tab()]
    hub.receive(gone, { type: 'join', login: 'officer-1' })
    clock.nowMs += GONE_AFTER_MS
    hub.receive(here, { type: 'join', login: 'officer-1' })
    clock.nowMs += 1
    hub.receive(here, { type: 'ping', login: 'officer-1' })
    expect(hub.tabCount).toBe(1)
  })

  test('a ping of a tab that was dropped brings it back', () => {
    const { hub, clock, feed } = start()
    const [slept, here] = [new Tab(), new Tab()]
    hub.receive(slept, { type: 'join', login: 'officer-1' })
    clock.nowMs += GONE_AFTER_MS + 1
    hub.receive(here, { type: 'join', login: 'officer-1' })
    hub.receive(slept, { type: 'ping', login: 'officer-1' })
    feed(HEARTBEAT)
    expect(slept.kinds.at(-1)).toBe('frame')
  })

  test('another login replaces the stream and the old tabs are told', () => {
    const { hub, streams, feed } = start()
    const [old, fresh] = [new Tab(), new Tab()]
    hub.receive(old, { type: 'join', login: 'officer-1' })
    hub.receive(fresh, { type: 'join', login: 'officer-2' })
    feed(HEARTBEAT)
    expect(old.kinds.at(-1)).toBe('replaced')
    expect(fresh.kinds.at(-1)).toBe('frame')
    expect(streams.opened).toBe(2)
    expect(streams.closed).toBe(1)
  })
})
