import { BROWSER, LiveConnection } from '@/live/connection'
import type { LiveFrame, LiveStatus } from '@/live/frames'
import { PING_EVERY_MS, type TabMessage, type WorkerMessage } from '@/live/hub'

export interface LiveListener {
  onFrame(frame: LiveFrame): void
  onStatus(status: LiveStatus): void
  /** Another person signed in in this browser. */
  onReplaced(): void
}

/** Listen to the live stream of `login`; returns how to stop. */
export function listen(login: string, listener: LiveListener): () => void {
  if (typeof SharedWorker === 'undefined') {
    return listenDirectly(listener)
  }
  try {
    return listenThroughWorker(login, listener)
  } catch {
    return listenDirectly(listener)
  }
}

function listenDirectly(listener: LiveListener): () => void {
  const connection = new LiveConnection(
    BROWSER,
    (frame) => {
      listener.onFrame(frame)
    },
    (status) => {
      listener.onStatus(status)
    },
  )
  connection.start()
  return () => {
    connection.stop()
  }
}

function listenThroughWorker(login: string, listener: LiveListener): () => void {
  const worker = new SharedWorker(new URL('./worker.ts', import.meta.url), {
    type: 'module',
    name: 'guitu-live',
  })
  const tell = (message: TabMessage): void => {
    worker.port.postMessage(message)
  }
  let stopDirect: (() => void) | null = null
  const ping = setInterval(() => {
    tell({ type: 'ping', login })
  }, PING_EVERY_MS)
  const leave = (): void => {
    tell({ type: 'leave' })
  }
  const stop = (): void => {
    clearInterval(ping)
    removeEventListener('pagehide', leave)
    leave()
    worker.port.close()
    stopDirect?.()
  }
  worker.port.onmessage = (event: MessageEvent<WorkerMessage>) => {
    receive(event.data, listener)
  }
  // A worker that cannot load (an old browser without module workers) must not leave us blind.
  worker.onerror = () => {
    stopDirect ??= listenDirectly(listener)
  }
  addEventListener('pagehide', leave)
  tell({ type: 'join', login })
  return stop
}

function receive(message: WorkerMessage, listener: LiveListener): void {
  switch (message.type) {
    case 'frame':
      listener.onFrame(message.frame)
      break
    case 'status':
      listener.onStatus(message.status)
      break
    case 'replaced':
      listener.onReplaced()
      break
  }
}
