import { computed, shallowRef } from 'vue'

import { checkSession } from '@/api/calls'
import { ProblemError } from '@/api/errors'
import { forgetAlerts, loadAlerts, takeLiveAlert } from '@/alerts/store'
import { forgetCommands, reloadCommands, takeCommand } from '@/commands/store'
import { STALE_AFTER_MS, type LiveFrame, type LiveStatus } from '@/live/frames'
import { forgetGateways, loadGateways, takeGateway } from '@/live/gateways'
import { listen } from '@/live/source'
import { forgetMap, loadMapLayers, loadPositions, takePositions } from '@/map/store'
import { localNowMs, syncClock } from '@/ui/clock'

/** What the page has of the server's data. */
export type LoadState = 'loading' | 'ready' | 'failed' | 'forbidden'

const RETRY_LOAD_MS = 3_000

const status = shallowRef<LiveStatus>('connecting')
const lastFrameAtMs = shallowRef(Date.now())
const loadState = shallowRef<LoadState>('loading')
let stopListening: (() => void) | null = null
let retryTimer: ReturnType<typeof setTimeout> | null = null

export const liveStatus = computed(() => status.value)
export const dataState = computed(() => loadState.value)

/** How long the stream has been silent, seconds. */
export const silentForS = computed(() =>
  Math.max(0, Math.floor((localNowMs.value - lastFrameAtMs.value) / 1_000)),
)

/** The picture may no longer be true: the person must be told. */
export const isFeedStale = computed(
  () => localNowMs.value - lastFrameAtMs.value > STALE_AFTER_MS,
)

/** Start following everything that `login` may see. */
export function startFeed(login: string): void {
  lastFrameAtMs.value = Date.now()
  loadState.value = 'loading'
  stopListening = listen(login, {
    onFrame: take,
    onStatus: (next) => {
      status.value = next
      if (next === 'waiting') {
        askForSession()
      }
    },
    onReplaced: () => {
      location.reload()
    },
  })
  void loadAll()
}

/** Stop and forget: another person may sit down here. */
export function stopFeed(): void {
  stopListening?.()
  stopListening = null
  if (retryTimer !== null) {
    clearTimeout(retryTimer)
    retryTimer = null
  }
  forgetAlerts()
  forgetCommands()
  forgetMap()
  forgetGateways()
  status.value = 'connecting'
}

/** A stream also breaks when the session ended elsewhere; a call's 401 leads to the sign-in. */
function askForSession(): void {
  // No answer is the stream's own trouble again: it goes on trying.
  checkSession().catch(() => undefined)
}

/** Fetch all snapshots. On failure what is on the screen stays, and another try follows. */
export async function loadAll(): Promise<void> {
  try {
    await Promise.all([loadMapLayers(), loadPositions(), loadAlerts(), loadGateways()])
    loadState.value = 'ready'
  } catch (error) {
    if (stopListening === null) {
      return
    }
    if (error instanceof ProblemError && error.status === 403) {
      loadState.value = 'forbidden'
      return
    }
    if (loadState.value !== 'ready') {
      loadState.value = 'failed'
    }
    retryTimer ??= setTimeout(() => {
      retryTimer = null
      void loadAll()
    }, RETRY_LOAD_MS * (1 + Math.random()))
  }
}

function take(frame: LiveFrame): void {
  lastFrameAtMs.value = Date.now()
  switch (frame.event) {
    case 'hello':
      syncClock(frame.data.now)
      void loadAll()
      void reloadCommands()
      break
    case 'reset':
      void loadAll()
      void reloadCommands()
      break
    case 'hb':
      syncClock(frame.data.now)
      break
    case 'pos':
      takePositions(frame.data)
      break
    case 'alert':
      takeLiveAlert(frame.data)
      break
    case 'command':
      takeCommand(frame.data)
      break
    case 'gateway':
      takeGateway(frame.data)
      break
  }
}
