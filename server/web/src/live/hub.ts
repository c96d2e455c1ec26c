import type { LiveConnection } from '@/live/connection'
import type { LiveFrame, LiveStatus } from '@/live/frames'

/** From a tab to the worker. `login` names whose stream the tab wants. */
export type TabMessage = { type: 'join' | 'ping'; login: string } | { type: 'leave' }

/** From the worker to a tab. `replaced`: another person signed in in this browser. */
export type WorkerMessage =
  | { type: 'frame'; frame: LiveFrame }
  | { type: 'status'; status: LiveStatus }
  | { type: 'replaced' }

export interface TabPort {
  postMessage(message: WorkerMessage): void
}

/** How often a tab says that it is still there. */
export const PING_EVERY_MS = 20_000

/** Browsers run the timers of a hidden tab once a minute; a tab silent for longer is gone. */
export const GONE_AFTER_MS = 150_000

/**
 * One stream for all tabs of a browser.
 *
 * HTTP/1.1 allows six connections per site: six tabs with a stream each would leave none for a
 * call. The stream is open while a tab is there.
 */
export class TabHub {
  private readonly seenAtMs = new Map<TabPort, number>()
  private readonly connection: LiveConnection
  private login = ''
  private status: LiveStatus = 'connecting'

  constructor(
    connect: (
      onFrame: (frame: LiveFrame) => void,
      onStatus: (status: LiveStatus) => void,
    ) => LiveConnection,
    private readonly nowMs: () => number,
  ) {
    this.connection = connect(
      (frame) => {
        this.tell({ type: 'frame', frame })
      },
      (status) => {
        this.status = status
        this.tell({ type: 'status', status })
      },
    )
  }

  get tabCount(): number {
    return this.seenAtMs.size
  }

  receive(port: TabPort, message: TabMessage): void {
    if (message.type === 'leave') {
      this.drop(port)
    } else if (message.type === 'join' || message.login === this.login) {
      this.welcome(port, message.login)
    }
    this.dropSilent()
  }

  private welcome(port: TabPort, login: string): void {
    if (login !== this.login) {
      this.tell({ type: 'replaced' })
      this.seenAtMs.clear()
      this.connection.stop()
      this.login = login
    }
    const isNew = !this.seenAtMs.has(port)
    this.seenAtMs.set(port, this.nowMs())
    this.connection.start()
    if (isNew) {
      port.postMessage({ type: 'status', status: this.status })
    }
  }

  private drop(port: TabPort): void {
    this.seenAtMs.delete(port)
    if (this.seenAtMs.size === 0) {
      this.connection.stop()
      this.login = ''
    }
  }

  private dropSilent(): void {
    const oldest = this.nowMs() - GONE_AFTER_MS
    for (const [port, seenAtMs] of this.seenAtMs) {
      if (seenAtMs < oldest) {
        this.drop(port)
      }
    }
  }

  private tell(message: WorkerMessage): void {
    for (const port of this.seenAtMs.keys()) {
      port.postMessage(message)
    }
  }
}
