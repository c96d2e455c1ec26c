import { computed, shallowRef } from 'vue'

import { runAction, type ActionResult } from '@/alerts/actions'
import { discardDraft } from '@/alerts/drafts'
import { countSoon, takeAlert } from '@/alerts/store'
import type { Alert } from '@/api/types'

/** An action whose answer never came: it is sent again until one does. */
export interface Unsent {
  /** The alert as the person saw it: another version of it is another decision. */
  seen: Alert
  action: 'acknowledge' | 'resolve'
  sinceMs: number
  send: () => Promise<Alert>
}

/** What became of one that could not be sent as it was meant. */
export interface Returned {
  alert: Alert
  result: ActionResult
}

const AGAIN_AFTER_MS = 5_000

/** In memory only: it is case data, and must not outlive the page. */
const unsent = shallowRef<ReadonlyMap<string, Unsent>>(new Map())
const returned = shallowRef<readonly Returned[]>([])
let owner = ''
let timer: ReturnType<typeof setTimeout> | null = null
let isSending = false

export const unsentActions = computed(() => [...unsent.value.values()])
export const returnedActions = computed(() => returned.value)

/** Keep the outbox for this person only. */
export function openOutbox(login: string): void {
  if (login !== owner) {
    owner = login
    unsent.value = new Map()
    returned.value = []
  }
}

export function keepUnsent(entry: Unsent): void {
  unsent.value = new Map(unsent.value).set(entry.seen.id, entry)
  again()
}

/** The person has sent it by hand, or changed their mind. */
export function dropUnsent(alert: string): void {
  if (unsent.value.has(alert)) {
    const rest = new Map(unsent.value)
    rest.delete(alert)
    unsent.value = rest
  }
}

export function dropReturned(alert: string): void {
  returned.value = returned.value.filter((one) => one.alert.id !== alert)
}

/** Send what waits, one after another; stops at the first that gets no answer. */
export async function sendUnsent(): Promise<void> {
  if (isSending) {
    return
  }
  isSending = true
  try {
    for (const entry of unsentActions.value) {
      const result = await runAction(entry.seen, entry.send)
      if (result.kind === 'network') {
        break
      }
      // Sent by hand meanwhile: that answer counts.
      if (unsent.value.get(entry.seen.id) === entry) {
        dropUnsent(entry.seen.id)
        settle(entry, result)
      }
    }
  } finally {
    isSending = false
    if (unsent.value.size > 0) {
      again()
    }
  }
}

function settle(entry: Unsent, result: ActionResult): void {
  countSoon()
  if (result.kind === 'done') {
    takeAlert(result.alert)
    if (entry.action === 'resolve') {
      discardDraft(entry.seen.id)
    }
    return
  }
  if (result.kind === 'faster' || result.kind === 'changed') {
    takeAlert(result.current)
    // The first try had arrived, only its answer was lost.
    if (result.kind === 'faster' && result.by?.by_login === owner) {
      return
    }
  }
  returned.value = [...returned.value, { alert: entry.seen, result }]
}

function again(): void {
  timer ??= setTimeout(() => {
    timer = null
    void sendUnsent()
  }, AGAIN_AFTER_MS)
}

addEventListener('online', () => void sendUnsent())
addEventListener('beforeunload', (event) => {
  if (unsent.value.size > 0) {
    event.preventDefault()
  }
})
