import {
  LIVE_EVENTS,
  STALE_AFTER_MS,
  parseFrame,
  type LiveFrame,
  type LiveStatus,
} from '@/live/frames'

const FIRST_DELAY_MS = 1_000
/** A console that waits longer than this after a server restart looks broken. */
const LONGEST_DELAY_MS = 20_000

/** The part of EventSource that we use. */
export interface Stream {
  addEventListener(type: string, listener: (event: MessageEvent<string>) => void): void
  close(): void
  onerror: ((event: Event) => void) | null
}

/** What the outside world gives us; tests give their own. */
export interface Surroundings {
  openStream(): Stream
  setTimer(run: () => void, delayMs: number): number
  clearTimer(timer: number): void
  /** In [0, 1). */
  random(): number
}

export const BROWSER: Surroundings = {
  openStream: () => new EventSource('/api/v1/live'),
  setTimer: (run, delayMs) => Number(setTimeout(run, delayMs)),
  clearTimer: (timer) => {
    clearTimeout(timer)
  },
  random: Math.random,
}

/** Delay before attempt n (from 0): doubling, capped, with jitter down to one half. */
export function backoffMs(attempt: number, random: number): number {
  const full = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** Math.min(attempt, 10))
  return full * (0.5 + random / 2)
}

/**
 * One live stream that never gives up.
 *
 * An EventSource stops for ever on an answer other than 200 (a 502 during a restart) and does not
 * notice a peer that went away silently. So every error, and every silence of STALE_AFTER_MS,
 * closes it and opens another one after a jittered delay. Each connection begins with `hello`;
 * who listens fetches the snapshots then, so nothing depends on what was missed in between.
 */
export class LiveConnection {
  private stream: Stream | null = null
  private timer: number | null = null
  private attempt = 0

  constructor(
    private readonly surroundings: Surroundings,
    private readonly onFrame: (frame: LiveFrame) => void,
    private readonly onStatus: (status: LiveStatus) => void,
  ) {}

  start(): void {
    if (this.stream === null && this.timer === null) {
      this.onStatus('connecting')
      this.open()
    }
  }

  stop(): void {
    this.clearTimer()
    this.closeStream()
    this.attempt = 0
  }

  private open(): void {
    const stream = this.surroundings.openStream()
    this.stream = stream
    for (const name of LIVE_EVENTS) {
      stream.addEventListener(name, (event) => {
        if (this.stream === stream) {
          this.take(name, event.data)
        }
      })
    }
    stream.onerror = () => {
      if (this.stream === stream) {
        this.reopenLater()
      }
    }
    this.watch()
  }

  private take(name: (typeof LIVE_EVENTS)[number], text: string): void {
    const frame = parseFrame(name, text)
    if (frame === null) {
      return
    }
    this.watch()
    if (name === 'hello') {
      this.attempt = 0
      this.onStatus('live')
    }
    this.onFrame(frame)
  }

  private watch(): void {
    this.clearTimer()
    this.timer = this.surroundings.setTimer(() => {
      this.reopenLater()
    }, STALE_AFTER_MS)
  }

  private reopenLater(): void {
    this.clearTimer()
    this.closeStream()
    this.onStatus('waiting')
    const delayMs = backoffMs(this.attempt, this.surroundings.random())
    this.attempt += 1
    this.timer = this.surroundings.setTimer(() => {
      this.timer = null
      this.open()
    }, delayMs)
  }

  private closeStream(): void {
    this.stream?.close()
    this.stream = null
  }

  private clearTimer(): void {
    if (this.timer !== null) {
      this.surroundings.clearTimer(this.timer)
      this.timer = null
    }
  }
}
