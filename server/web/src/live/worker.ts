import { BROWSER, LiveConnection } from '@/live/connection'
import { TabHub, type TabMessage } from '@/live/hub'

/** The part of SharedWorkerGlobalScope that we use; the DOM library does not describe it. */
interface SharedScope {
  onconnect: ((event: MessageEvent) => void) | null
}

const hub = new TabHub(
  (onFrame, onStatus) => new LiveConnection(BROWSER, onFrame, onStatus),
  () => Date.now(),
)

;(self as unknown as SharedScope).onconnect = (event) => {
  const port = event.ports[0]
  if (port) {
    port.onmessage = (message: MessageEvent<TabMessage>) => {
      hub.receive(port, message.data)
    }
  }
}
