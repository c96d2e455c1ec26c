import { watch } from 'vue'

import { type Seen, SeenBook } from '@/alerts/seen'
import { postSeen } from '@/api/calls'
import { ApiError } from '@/api/errors'
import { session } from '@/session/session'

/** What scrolls past goes in one call. */
const TELL_AFTER_MS = 2000

let book = new SeenBook(postSeen)
let timer: ReturnType<typeof setTimeout> | null = null

/** Whoever signs in has seen nothing yet. */
watch(
  () => session.value?.login,
  () => {
    book = new SeenBook(postSeen)
  },
)

/** Note that an alert is on the screen, or was opened; nobody has seen a hidden page. */
export function noteSeen(kind: keyof Seen, alert: string): void {
  if (document.visibilityState === 'visible') {
    book.note(kind, alert)
    tellSoon()
  }
}

/** Call `seen` when an element comes onto the screen; returns what ends the watch. */
export function onScreen(element: Element, seen: () => void): () => void {
  const observer = new IntersectionObserver((entries) => {
    if (entries.some((entry) => entry.isIntersecting)) {
      seen()
    }
  })
  observer.observe(element)
  return () => {
    observer.disconnect()
  }
}

function tellSoon(): void {
  timer ??= setTimeout(() => {
    timer = null
    void tell()
  }, TELL_AFTER_MS)
}

async function tell(): Promise<void> {
  try {
    if (await book.tell()) {
      tellSoon()
    }
  } catch (error) {
    if (!(error instanceof ApiError)) {
      throw error
    }
    tellSoon()
  }
}
