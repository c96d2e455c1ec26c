import { computed, reactive, shallowRef, triggerRef } from 'vue'

import { getAlertCounts, getAlerts } from '@/api/calls'
import { ALERT_STATES, type Alert, type AlertCounts, type AlertState } from '@/api/types'
import { AlertBook, gradeBySubject } from '@/alerts/queue'

/** One page of the queue. Older alerts come when asked for. */
const PAGE_SIZE = 100

/** Counts follow a burst of alerts once, not once per alert. */
const COUNT_DELAY_MS = 400

const book = shallowRef(new AlertBook())
const cursors = reactive<Record<AlertState, string | null>>({
  open: null,
  acknowledged: null,
  dispatched: null,
  resolved: null,
  shelved: null,
  superseded: null,
})
const counted = shallowRef<AlertCounts | null>(null)
const arrived = shallowRef<Alert | null>(null)
const changed = shallowRef<Alert | null>(null)
/** Live alerts since the last snapshot was asked for: they may be newer than it. */
let outran: Alert[] = []
let countTimer: ReturnType<typeof setTimeout> | null = null

export const alertCounts = computed(() => counted.value)

/** The newest alert that came by itself, for the announcement to screen readers. */
export const newestArrival = computed(() => arrived.value)

/** The alert that changed last, by whatever way the news came. */
export const lastChange = computed(() => changed.value)

export const alertsInState = (state: AlertState): Alert[] => book.value.inState(state)

export const findAlert = (id: string): Alert | undefined => book.value.get(id)

export const subjectGrades = computed(() => gradeBySubject(book.value.all()))

export const hasMore = (state: AlertState): boolean => cursors[state] !== null

/** Take one alert, whatever way it came. */
export function takeAlert(alert: Alert): void {
  if (book.value.take(alert)) {
    changed.value = alert
    triggerRef(book)
  }
}

/** Take an alert from the live stream. */
export function takeLiveAlert(alert: Alert): void {
  if (book.value.get(alert.id) === undefined && alert.state === 'open') {
    arrived.value = alert
  }
  takeAlert(alert)
  outran = [...outran.slice(-PAGE_SIZE), alert]
  countSoon()
}

/** Fetch the queues and counts anew; what the server no longer lists is forgotten. */
export async function loadAlerts(): Promise<void> {
  outran = []
  const [counts, ...pages] = await Promise.all([
    getAlertCounts(),
    ...ALERT_STATES.map((state) => getAlerts(state, null, PAGE_SIZE)),
  ])
  const fresh = new AlertBook()
  pages.forEach((page, index) => {
    const state = ALERT_STATES[index]
    page.items.forEach((alert) => fresh.take(alert))
    if (state !== undefined) {
      cursors[state] = page.next_cursor
    }
  })
  for (const alert of book.value.all()) {
    // The steps that an open detail shows belong to this very version.
    if (fresh.get(alert.id)?.version === alert.version) {
      fresh.take(alert)
    }
  }
  outran.forEach((alert) => fresh.take(alert))
  book.value = fresh
  counted.value = counts
}

/** Fetch the next older page of a queue. */
export async function loadMoreAlerts(state: AlertState): Promise<void> {
  const cursor = cursors[state]
  if (cursor === null) {
    return
  }
  const page = await getAlerts(state, cursor, PAGE_SIZE)
  page.items.forEach((alert) => book.value.take(alert))
  cursors[state] = page.next_cursor
  triggerRef(book)
}

/** Forget everything: another person may sit down here. */
export function forgetAlerts(): void {
  book.value = new AlertBook()
  outran = []
  counted.value = null
  arrived.value = changed.value = null
  for (const state of ALERT_STATES) {
    cursors[state] = null
  }
}

/** Refresh the counts shortly. A failure is left to the stream's watchdog, which resyncs. */
export function countSoon(): void {
  countTimer ??= setTimeout(() => {
    countTimer = null
    getAlertCounts().then(
      (counts) => {
        counted.value = counts
      },
      () => undefined,
    )
  }, COUNT_DELAY_MS)
}
